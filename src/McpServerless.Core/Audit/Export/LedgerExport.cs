using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using McpServerless.Audit.Checkpoints;

namespace McpServerless.Audit.Export;

/// <summary>Some days of the ledger in one ZIP file, byte for byte: records, checkpoints, public keys.</summary>
/// <remarks>
/// <c>ledger/yyyyMMdd/CLIENT.jsonl</c> has a record a line, by writer and sequence, CLIENT being the client id in base64url;
/// <c>checkpoints/NUMBER.json</c> and <c>keys/ID.pem</c> as they are kept; <c>manifest.json</c> says what there is.
/// </remarks>
public static class LedgerExport
{
    /// <summary>Writes an export. The checkpoints are those from the first day on and the one before it.</summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="StoreUnavailableException">Something could not be read; the file is of no use then.</exception>
    public static async Task<long> WriteAsync(
        Stream to, IAuditReader audit, ICheckpointReader? checkpoints, DateOnly first, DateOnly last, DateTimeOffset now, IProgress<string> progress, CancellationToken ct)
    {
        using var zip = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true);
        var records = 0L;
        // Checkpoints before records: what they state is then in the export.
        if (checkpoints is not null) await WriteCheckpointsAsync(zip, checkpoints, first, ct);
        for (var day = first; day <= last.AddDays(1); day = day.AddDays(1))
        {
            var name = NameOf(day);
            // Of the day after only what instances state of the last day.
            var clients = new SortedSet<string>(StringComparer.Ordinal) { AuditRecord.Gateway };
            if (day <= last) await foreach (var client in audit.ReadClientsAsync(name, ct)) clients.Add(client);
            foreach (var client in clients)
            {
                records += await WritePartitionAsync(zip, audit, name, client, ct);
            }

            progress.Report($"{name}: {records} records");
        }

        await WriteManifestAsync(zip, first, last, now, records, ct);
        return records;
    }

    internal static string EntryOf(string day, string client) => $"ledger/{day}/{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(client))}.jsonl";

    private static async Task<long> WritePartitionAsync(ZipArchive zip, IAuditReader audit, string day, string client, CancellationToken ct)
    {
        Stream? stream = null;
        var records = 0L;
        try
        {
            await foreach (var segment in audit.ReadAsync(day, client, ct))
            {
                stream ??= await zip.CreateEntry(EntryOf(day, client), CompressionLevel.Fastest).OpenAsync(ct);
                foreach (var record in segment.Records)
                {
                    await stream.WriteAsync(record, ct);
                    await stream.WriteAsync(Newline, ct);
                    records++;
                }
            }
        }
        finally
        {
            if (stream is not null) await stream.DisposeAsync();
        }

        return records;
    }

    private static async Task WriteCheckpointsAsync(ZipArchive zip, ICheckpointReader checkpoints, DateOnly first, CancellationToken ct)
    {
        for (var number = await checkpoints.FindLastAsync(ct); number > 0; number--)
        {
            if (await checkpoints.ReadAsync(number, ct) is not { } file) continue;
            await WriteEntryAsync(zip, $"checkpoints/{number.ToString("D12", CultureInfo.InvariantCulture)}.json", file, ct);
            if (Checkpoint.Read(file) is { } checkpoint && DateOnly.FromDateTime(checkpoint.Time.UtcDateTime) < first) break;
        }

        foreach (var pem in await checkpoints.ReadKeysAsync(ct))
        {
            string id;
            try
            {
                var keys = CheckpointKeys.Import([pem]);
                id = keys.Keys.Single();
                foreach (var key in keys.Values) key.Dispose();
            }
            catch (FormatException)
            {
                // What is no key can verify nothing; verification names the checkpoints that lack theirs.
                continue;
            }

            await WriteEntryAsync(zip, $"keys/{id}.pem", Encoding.ASCII.GetBytes(pem), ct);
        }
    }

    private static async Task WriteManifestAsync(ZipArchive zip, DateOnly first, DateOnly last, DateTimeOffset now, long records, CancellationToken ct)
    {
        var manifest = AuditDetails.Write(json =>
        {
            json.WriteString("exportedAt"u8, now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("format"u8, "1");
            json.WriteString("from"u8, NameOf(first));
            json.WriteNumber("records"u8, records);
            json.WriteString("to"u8, NameOf(last));
        });
        await WriteEntryAsync(zip, "manifest.json", manifest, ct);
    }

    private static async Task WriteEntryAsync(ZipArchive zip, string name, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        await using var stream = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(ct);
        await stream.WriteAsync(content, ct);
    }

    private static string NameOf(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static readonly byte[] Newline = "\n"u8.ToArray();
}
