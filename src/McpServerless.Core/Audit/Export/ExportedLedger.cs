using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using McpServerless.Audit.Checkpoints;
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

        if (!_entries.ContainsKey("manifest.json")) throw new FormatException("It has no manifest.json.");
    }

    public async IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!_entries.TryGetValue(LedgerExport.EntryOf(day, clientId), out var entry)) yield break;
        var writer = "";
        var batch = new List<ReadOnlyMemory<byte>>();
        var next = 1L;
        foreach (var line in await LinesAsync(entry, ct))
        {
            // A line that names no writer stays with the one before it, where verification finds it.
            var own = RecordFacts.TryRead(line.Span, out var facts) ? Encoding.UTF8.GetString(facts.Writer) : writer;
            if ((own != writer || batch.Count == AuditSegment.MaxRecords) && batch.Count > 0)
            {
                yield return SegmentOf(batch, next - batch.Count);
                batch = [];
            }

            if (own != writer) next = 1;
            writer = own;
            batch.Add(line);
            next++;
        }

        if (batch.Count > 0) yield return SegmentOf(batch, next - batch.Count);

        AuditSegment SegmentOf(List<ReadOnlyMemory<byte>> records, long first) =>
            new() { Day = day, ClientId = clientId, Writer = writer, FirstSequence = first, Records = records, LastHash = "" };
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

    private static async Task<List<ReadOnlyMemory<byte>>> LinesAsync(ZipArchiveEntry entry, CancellationToken ct)
    {
        ReadOnlyMemory<byte> rest = await BytesAsync(entry, ct);
        var lines = new List<ReadOnlyMemory<byte>>();
        while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            lines.Add(rest[..end]);
            rest = rest[(end + 1)..];
        }

        if (!rest.IsEmpty) lines.Add(rest);
        return lines;
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
