using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using McpServerless.Audit.Indexing;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Audit;

/// <summary>The index in Table Storage. A day and kind is one partition, in which keys share 256 buckets.</summary>
/// <remarks>
/// A bucket of what an instance wrote in one go is one row: a key for itself would be a row for each record. So a hundred rows go in one transaction,
/// and a question reads one bucket of one partition, and leaves out what is of other keys.
/// </remarks>
internal sealed class TableAuditIndex(TableSet tables) : IAuditIndex
{
    private const string Writers = "writers";

    /// <summary>The most bytes of one property ("Understanding the Table service data model").</summary>
    private const int ChunkLength = 64 * 1024;

    private const int MaxChunks = 8;

    /// <summary>The most rows of one transaction.</summary>
    private const int MaxRows = 100;

    /// <summary>The most bytes of one transaction, which grow by a third on their way and stay below 4 MiB then.</summary>
    private const int MaxBytes = 2 * 1024 * 1024;

    private static readonly string[] ChunkNames = [.. Enumerable.Range(0, MaxChunks).Select(i => $"Lines{i:D2}")];

    public async ValueTask ListWriterAsync(string day, string writer, CancellationToken ct) =>
        await tables.AuditIndex.AddAsync(new TableEntity(TableKey.Of(day, Writers), TableKey.Of(writer)) { ["IsClosed"] = false }, ct);

    public async ValueTask MarkAsync(IndexMark mark, CancellationToken ct)
    {
        using var lines = new PooledBytes();
        using var line = new PooledBytes();
        foreach (var (client, last) in mark.Covered)
        {
            line.Clear();
            Write(line, json =>
            {
                json.WriteStringValue(client);
                json.WriteNumberValue(last);
            });
            // A client that no longer fits counts as not covered: its records are read from the ledger. Nothing is closed then.
            if (lines.Length + line.Length > MaxChunks * ChunkLength) continue;
            lines.Write(line.Memory.Span);
        }

        var row = new TableEntity(TableKey.Of(mark.Day, Writers), TableKey.Of(mark.Writer)) { ["IsClosed"] = mark.IsClosed };
        AddChunks(row, lines.Memory);
        await tables.AuditIndex.PutAsync(row, ct);
    }

    public async IAsyncEnumerable<IndexMark> ReadMarksAsync(string day, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.AuditIndex.ReadPartitionAsync(TableKey.Of(day, Writers), rowsPerPage: null, ct))
        {
            var row = new Row(tables.AuditIndex, entity);
            var covered = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var line in LinesOf(row))
            {
                using var document = Parse(row, line);
                covered[document.RootElement[0].GetString()!] = document.RootElement[1].GetInt64();
            }

            yield return new IndexMark(day, row.RowKeyParts(1)[0], covered, entity.GetBoolean("IsClosed") ?? throw row.Unreadable("IsClosed is missing"));
        }
    }

    public async ValueTask WriteAsync(string day, string writer, string part, IReadOnlyCollection<IndexEntry> entries, CancellationToken ct)
    {
        foreach (var kind in entries.GroupBy(e => e.Kind))
        {
            var batch = new List<TableEntity>();
            var bytes = 0;
            foreach (var bucket in kind.GroupBy(e => BucketOf(e.Key), StringComparer.Ordinal).OrderBy(b => b.Key, StringComparer.Ordinal))
            {
                var number = 0;
                foreach (var (row, length) in RowsOf(bucket, () => new TableEntity(TableKey.Of(day, NameOf(kind.Key)), TableKey.Of(bucket.Key, writer, number++ == 0 ? part : $"{part}-{number}"))))
                {
                    if (batch.Count == MaxRows || (batch.Count > 0 && bytes + length > MaxBytes))
                    {
                        await tables.AuditIndex.PutAllAsync(batch, ct);
                        (batch, bytes) = ([], 0);
                    }

                    batch.Add(row);
                    bytes += length;
                }
            }

            if (batch.Count > 0) await tables.AuditIndex.PutAllAsync(batch, ct);
        }
    }

    public async ValueTask ForgetAsync(string day, CancellationToken ct)
    {
        foreach (var kind in Enum.GetValues<IndexKind>())
        {
            await foreach (var entity in tables.AuditIndex.ReadPartitionAsync(TableKey.Of(day, NameOf(kind)), rowsPerPage: null, ct)) await tables.AuditIndex.DeleteAsync(entity.PartitionKey, entity.RowKey, ct);
        }
    }

    public async IAsyncEnumerable<SegmentPlace> FindAsync(string day, IndexKind kind, string key, [EnumeratorCancellation] CancellationToken ct)
    {
        var bucket = BucketOf(key);
        // Everything that begins with the bucket and the separator, which the next character ends.
        await foreach (var entity in tables.AuditIndex.ReadRangeAsync(TableKey.Of(day, NameOf(kind)), $"{bucket}|", $"{bucket}}}", rowsPerPage: null, ct))
        {
            var row = new Row(tables.AuditIndex, entity);
            var writer = row.RowKeyParts(3)[1];
            foreach (var line in LinesOf(row))
            {
                using var document = Parse(row, line);
                var root = document.RootElement;
                if (!root[0].ValueEquals(key)) continue;
                var client = root[1].GetString()!;
                for (var i = 2; i < root.GetArrayLength(); i++) yield return new SegmentPlace(client, writer, root[i].GetInt64());
            }
        }
    }

    /// <summary>Usually one; more when the entries of a bucket do not fit into it.</summary>
    private static IEnumerable<(TableEntity Row, int Length)> RowsOf(IEnumerable<IndexEntry> entries, Func<TableEntity> begin)
    {
        using var lines = new PooledBytes();
        using var line = new PooledBytes();
        foreach (var entry in entries)
        {
            foreach (var sequences in entry.FirstSequences.Chunk(1000))
            {
                line.Clear();
                Write(line, json =>
                {
                    json.WriteStringValue(entry.Key);
                    json.WriteStringValue(entry.ClientId);
                    foreach (var sequence in sequences) json.WriteNumberValue(sequence);
                });
                if (lines.Length + line.Length > MaxChunks * ChunkLength)
                {
                    yield return End();
                    lines.Clear();
                }

                lines.Write(line.Memory.Span);
            }
        }

        if (lines.Length > 0) yield return End();

        (TableEntity, int) End()
        {
            var row = begin();
            AddChunks(row, lines.Memory);
            return (row, lines.Length);
        }
    }

    private static void Write(PooledBytes to, Action<Utf8JsonWriter> members)
    {
        using (var json = new Utf8JsonWriter(to))
        {
            json.WriteStartArray();
            members(json);
            json.WriteEndArray();
        }

        to.Write("\n"u8);
    }

    private static void AddChunks(TableEntity row, ReadOnlyMemory<byte> lines)
    {
        for (var start = 0; start < lines.Length; start += ChunkLength)
        {
            row[ChunkNames[start / ChunkLength]] = lines[start..Math.Min(start + ChunkLength, lines.Length)].ToArray();
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> LinesOf(Row row)
    {
        ReadOnlyMemory<byte> rest = ChunkNames.Select(row.OptionalBinary).TakeWhile(c => c is not null).SelectMany(c => c!).ToArray();
        while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            yield return rest[..end];
            rest = rest[(end + 1)..];
        }
    }

    private static JsonDocument Parse(Row row, ReadOnlyMemory<byte> line)
    {
        try
        {
            var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() >= 2 && root[0].ValueKind == JsonValueKind.String) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw row.Unreadable("a line of it is not an entry");
    }

    private static string BucketOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 1));

    private static string NameOf(IndexKind kind) => kind switch
    {
        IndexKind.Tool => "tool",
        IndexKind.Session => "session",
        IndexKind.Trace => "trace",
        _ => "request",
    };
}
