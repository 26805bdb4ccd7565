using System.Buffers.Text;
using System.Globalization;
using System.Text;
using McpServerless.Audit.Checkpoints;
using McpServerless.Audit.Retention;

namespace McpServerless.Audit.Export;

/// <summary>What an export is of.</summary>
/// <param name="First">The first UTC day.</param>
/// <param name="Last">The last UTC day.</param>
/// <param name="ClientId">The client whose records alone are in it, with the gateway's own; null for all.</param>
public sealed record ExportScope(DateOnly First, DateOnly Last, string? ClientId = null);

/// <summary>Some days of the ledger in one ZIP file, byte for byte: records, checkpoints, public keys.</summary>
/// <remarks>
/// <c>ledger/yyyyMMdd/CLIENT.jsonl</c> has a record a line, by writer and sequence, CLIENT being the client id in base64url;
/// <c>checkpoints/NUMBER.json</c> and <c>keys/ID.pem</c> as they are kept; <c>manifest.json</c> says what there is, with the SHA-256 of each file.
/// </remarks>
public static class LedgerExport
{
    /// <summary>Writes an export. The checkpoints are those from the first day on and the one before it.</summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="StoreUnavailableException">Something could not be read; the file is of no use then.</exception>
    public static async Task<long> WriteAsync(ArchiveWriter archive, IAuditReader audit, ICheckpointReader? checkpoints, ExportScope scope, IProgress<string> progress, CancellationToken ct)
    {
        // Checkpoints before records: what they state is then in the export.
        if (checkpoints is not null) await WriteCheckpointsAsync(archive, checkpoints, scope.First, progress, ct);
        var records = 0L;
        var purgeDays = new SortedSet<string>(StringComparer.Ordinal);
        for (var day = scope.First; day <= scope.Last.AddDays(1); day = day.AddDays(1))
        {
            var name = NameOf(day);
            // Of the day after only what instances state of the last day.
            var clients = new SortedSet<string>(StringComparer.Ordinal) { AuditRecord.Gateway };
            if (day <= scope.Last && scope.ClientId is not null) clients.Add(scope.ClientId);
            else if (day <= scope.Last) await foreach (var client in audit.ReadClientsAsync(name, ct)) clients.Add(client);
            foreach (var client in clients) records += await WritePartitionAsync(archive, audit, name, client, purgeDays, ct);
            progress.Report($"{name}: {records} records");
        }

        // The records that name tombstones, which may be of much later days.
        purgeDays.ExceptWith(Enumerable.Range(0, scope.Last.DayNumber - scope.First.DayNumber + 2).Select(i => NameOf(scope.First.AddDays(i))));
        foreach (var day in purgeDays) records += await WritePartitionAsync(archive, audit, day, AuditRecord.Gateway, [], ct);
        return records;
    }

    /// <summary>The manifest, which comes last.</summary>
    public static async Task WriteManifestAsync(ArchiveWriter archive, ExportScope scope, long records, DateTimeOffset? exportedAt, CancellationToken ct)
    {
        var manifest = AuditDetails.Write(json =>
        {
            if (scope.ClientId is { } client) json.WriteString("client"u8, client);
            if (exportedAt is { } now) json.WriteString("exportedAt"u8, now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteStartObject("files"u8);
            foreach (var (name, digest) in archive.Digests) json.WriteString(name, digest);
            json.WriteEndObject();
            json.WriteString("format"u8, "1");
            json.WriteString("from"u8, NameOf(scope.First));
            json.WriteNumber("records"u8, records);
            json.WriteString("to"u8, NameOf(scope.Last));
        });
        await archive.WriteAsync("manifest.json", manifest, ct);
    }

    internal static string EntryOf(string day, string client) => $"ledger/{day}/{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(client))}.jsonl";

    private static async Task<long> WritePartitionAsync(ArchiveWriter archive, IAuditReader audit, string day, string client, SortedSet<string> purgeDays, CancellationToken ct)
    {
        ArchiveEntry? entry = null;
        var records = 0L;
        try
        {
            await foreach (var segment in audit.ReadAsync(day, client, ct))
            {
                entry ??= await archive.BeginAsync(EntryOf(day, client), ct);
                foreach (var record in segment.Records)
                {
                    await entry.WriteAsync(record, ct);
                    await entry.WriteAsync(Newline, ct);
                    if (Tombstone.Read(record) is { } stone) purgeDays.Add(stone.PurgeDay);
                    else records++;
                }
            }
        }
        finally
        {
            if (entry is not null) await entry.DisposeAsync();
        }

        return records;
    }

    private static async Task WriteCheckpointsAsync(ArchiveWriter archive, ICheckpointReader checkpoints, DateOnly first, IProgress<string> progress, CancellationToken ct)
    {
        var count = 0;
        for (var number = await checkpoints.FindLastAsync(ct); number > 0; number--)
        {
            if (await checkpoints.ReadAsync(number, ct) is not { } file) continue;
            await archive.WriteAsync($"checkpoints/{number.ToString("D12", CultureInfo.InvariantCulture)}.json", file, ct);
            if (++count % 1000 == 0) progress.Report($"{count} checkpoints");
            if (Checkpoint.Read(file) is { } checkpoint && DateOnly.FromDateTime(checkpoint.Time.UtcDateTime) < first) break;
        }

        var keys = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pem in await checkpoints.ReadKeysAsync(ct))
        {
            try
            {
                var imported = CheckpointKeys.Import([pem]);
                keys[imported.Keys.Single()] = pem;
                foreach (var key in imported.Values) key.Dispose();
            }
            catch (FormatException)
            {
                // What is no key can verify nothing; verification names the checkpoints that lack theirs.
            }
        }

        foreach (var (id, pem) in keys) await archive.WriteAsync($"keys/{id}.pem", Encoding.ASCII.GetBytes(pem), ct);
    }

    private static string NameOf(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static readonly byte[] Newline = "\n"u8.ToArray();
}
