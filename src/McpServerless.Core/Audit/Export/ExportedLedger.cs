using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using McpServerless.Audit.Checkpoints;
using McpServerless.Audit.Retention;
using McpServerless.Audit.Verification;

namespace McpServerless.Audit.Export;

/// <summary>Reads an export as if it were the ledger, so that it is verified by the same rules and without the storage account.</summary>
public sealed class ExportedLedger : IAuditReader, ICheckpointReader, IDisposable
{
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">It is not an export.</exception>
    public ExportedLedger(Stream stream)
    {
        try
        {
            _zip = new ZipArchive(stream, ZipArchiveMode.Read);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException("It is not a ZIP file.", e);
        }

        foreach (var entry in _zip.Entries)
        {
            // Two entries of one name would let a reader see one and a verifier the other.
            if (!_entries.TryAdd(entry.FullName, entry)) throw new FormatException($"The entry {entry.FullName} is there twice.");
        }

        if (!_entries.TryGetValue("manifest.json", out var manifest)) throw new FormatException("It has no manifest.json.");
        ClientId = ClientOf(manifest);
    }

    /// <summary>The client whose records alone are in it, with the gateway's own; null for all.</summary>
    public string? ClientId { get; }

    public async IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!_entries.TryGetValue(LedgerExport.EntryOf(day, clientId), out var entry)) yield break;
        var writer = "";
        var batch = new List<ReadOnlyMemory<byte>>();
        var (first, next) = (1L, 1L);
        await foreach (var line in LinesAsync(entry, ct))
        {
            // A line that names no writer stays with the one before it, where verification finds it.
            var stone = Tombstone.Read(line);
            var own = stone?.Writer ?? (RecordFacts.TryRead(line.Span, out var facts) ? Encoding.UTF8.GetString(facts.Writer) : writer);
            if ((own != writer || batch.Count == AuditSegment.MaxRecords) && batch.Count > 0)
            {
                yield return SegmentOf(batch, first);
                (batch, first) = ([], next);
            }

            if (own != writer) (first, next) = (1, 1);
            writer = own;
            batch.Add(line);
            next += stone?.Count ?? 1;
        }

        if (batch.Count > 0) yield return SegmentOf(batch, first);

        AuditSegment SegmentOf(List<ReadOnlyMemory<byte>> records, long begins) =>
            new() { Day = day, ClientId = clientId, Writer = writer, FirstSequence = begins, Records = records, LastHash = "" };
    }

    public async IAsyncEnumerable<string> ReadClientsAsync(string day, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        var folder = $"ledger/{day}/";
        foreach (var name in _entries.Keys.Where(n => n.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var encoded = name[folder.Length..^".jsonl".Length];
            if (Base64Url.IsValid(encoded)) yield return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(encoded));
        }
    }

    public ValueTask<long> FindLastAsync(CancellationToken ct) => ValueTask.FromResult(
        _entries.Keys.Where(n => n.StartsWith("checkpoints/", StringComparison.Ordinal))
            .Select(n => long.TryParse(Path.GetFileNameWithoutExtension(n), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty(0).Max());

    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(long number, CancellationToken ct)
    {
        if (!_entries.TryGetValue($"checkpoints/{number.ToString("D12", CultureInfo.InvariantCulture)}.json", out var entry)) return null;
        return await BytesAsync(entry, ct);
    }

    public async ValueTask<IReadOnlyList<string>> ReadKeysAsync(CancellationToken ct)
    {
        var keys = new List<string>();
        foreach (var (name, entry) in _entries.Where(e => e.Key.StartsWith("keys/", StringComparison.Ordinal)).OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            keys.Add(Encoding.ASCII.GetString(await BytesAsync(entry, ct)));
        }

        return keys;
    }

    public void Dispose() => _zip.Dispose();

    /// <summary>Line by line: a day of one client can be larger than the memory.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(ZipArchiveEntry entry, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var stream = await entry.OpenAsync(ct);
        var reader = PipeReader.Create(stream);
        try
        {
            while (true)
            {
                var read = await NextAsync(reader, entry, ct);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    yield return rest.Slice(0, end).ToArray();
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                if (read.IsCompleted)
                {
                    if (!rest.IsEmpty) yield return rest.ToArray();
                    yield break;
                }

                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static async ValueTask<ReadResult> NextAsync(PipeReader reader, ZipArchiveEntry entry, CancellationToken ct)
    {
        try
        {
            return await reader.ReadAsync(ct);
        }
        catch (InvalidDataException e)
        {
            throw new StoreUnavailableException($"The entry {entry.FullName} of the export is damaged.", e);
        }
    }

    private static string? ClientOf(ZipArchiveEntry manifest)
    {
        try
        {
            using var stream = manifest.Open();
            using var document = JsonDocument.Parse(stream);
            return JsonMembers.Text(document.RootElement, "client");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new FormatException("Its manifest.json cannot be read.", e);
        }
    }

    private static async Task<byte[]> BytesAsync(ZipArchiveEntry entry, CancellationToken ct)
    {
        try
        {
            await using var stream = await entry.OpenAsync(ct);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, ct);
            return bytes.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new StoreUnavailableException($"The entry {entry.FullName} of the export is damaged.", e);
        }
    }
}
