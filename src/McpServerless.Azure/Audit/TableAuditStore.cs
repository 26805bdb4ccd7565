using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using McpServerless.Audit;
using McpServerless.Audit.Retention;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Audit;

/// <summary>The ledger in Table Storage: one entity for each segment, its records as JSON lines in UTF-8 over a few binary properties.</summary>
/// <remarks>
/// Binary, because the service keeps a string in UTF-16, and so that what is hashed is what is kept, however a client escapes text. A
/// line may begin in one property and end in the next.
/// Rows are only ever inserted; purging alone puts others in their place. Before the first segment of a client and day, a row that names the client is written, so that whoever
/// lists the clients of a day cannot miss one that has records; one that has none yet may be listed.
/// </remarks>
internal sealed class TableAuditStore(TableSet tables) : IAuditStore, IPurgeableLedger
{
    /// <summary>A segment can be almost 1 MiB, and a page has to arrive within the time of one try.</summary>
    private const int SegmentsPerPage = 50;

    /// <summary>Enough for a page of records where segments are full.</summary>
    private const int SegmentsOfFirstPage = 4;

    /// <summary>The most bytes of one property ("Understanding the Table service data model").</summary>
    private const int ChunkLength = 64 * 1024;

    private const long MaxSequence = 999_999_999_999;

    private static readonly string[] ChunkNames = [.. Enumerable.Range(0, AuditSegment.MaxLength / ChunkLength).Select(i => $"Lines{i:D2}")];

    private readonly ConcurrentDictionary<(string Day, string Client), bool> _listed = new();

    /// <summary>How many clients and days are known to be listed; past it all are forgotten.</summary>
    internal int MaxRemembered { get; init; } = 8192;

    public async ValueTask AppendAsync(AuditSegment segment, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfZero(segment.Records.Count, nameof(segment));
        await ListClientAsync(segment.Day, segment.ClientId, ct);
        var entity = EntityOf(segment);
        if (await tables.Audit.AddAsync(entity, ct)) return;

        var standing = await tables.Audit.FindAsync(entity.PartitionKey, entity.RowKey, ct)
            ?? throw new StoreUnavailableException($"Table {tables.Audit.Name} had a segment under this key that is gone.");
        if (!Same(standing, entity))
        {
            throw new AuditConflictException($"Another segment stands at '{entity.PartitionKey}' / '{entity.RowKey}': a second writer has this writer's id.");
        }
    }

    public async IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Audit.ReadPartitionAsync(TableKey.Of(day, clientId), SegmentsPerPage, ct))
        {
            yield return SegmentOf(new Row(tables.Audit, entity));
        }
    }

    public async IAsyncEnumerable<AuditSegment> ReadWriterAsync(
        string day, string clientId, string writer, long fromSequence, [EnumeratorCancellation] CancellationToken ct)
    {
        var (from, to) = (RowKeyOf(writer, fromSequence), RowKeyOf(writer, MaxSequence));
        await foreach (var entity in tables.Audit.ReadRangeAsync(TableKey.Of(day, clientId), from, to, SegmentsPerPage, ct))
        {
            yield return SegmentOf(new Row(tables.Audit, entity));
        }
    }

    /// <remarks>A few rows first, which answer soon and are often enough; then pages of the usual size.</remarks>
    public async IAsyncEnumerable<AuditSegment> ReadFromAsync(string day, string clientId, string writer, long fromSequence, [EnumeratorCancellation] CancellationToken ct)
    {
        var (partition, from) = (TableKey.Of(day, clientId), writer.Length == 0 ? "" : RowKeyOf(writer, fromSequence));
        var first = 0;
        await foreach (var entity in tables.Audit.ReadFromAsync(partition, from, inclusive: true, SegmentsOfFirstPage, ct))
        {
            yield return SegmentOf(new Row(tables.Audit, entity));
            from = entity.RowKey;
            if (++first == SegmentsOfFirstPage) break;
        }

        if (first < SegmentsOfFirstPage) yield break;
        await foreach (var entity in tables.Audit.ReadFromAsync(partition, from, inclusive: false, SegmentsPerPage, ct)) yield return SegmentOf(new Row(tables.Audit, entity));
    }

    public async ValueTask<AuditSegment?> FindAsync(string day, string clientId, string writer, long firstSequence, CancellationToken ct) =>
        await tables.Audit.FindAsync(TableKey.Of(day, clientId), RowKeyOf(writer, firstSequence), ct) is { } entity ? SegmentOf(new Row(tables.Audit, entity)) : null;

    public async IAsyncEnumerable<string> ReadClientsAsync(string day, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.AuditClients.ReadPartitionAsync(TableKey.Of(day), rowsPerPage: null, ct))
        {
            yield return new Row(tables.AuditClients, entity).RowKeyParts(1)[0];
        }
    }

    public async ValueTask<DateOnly?> FindFirstDayAsync(CancellationToken ct)
    {
        await foreach (var entity in tables.AuditClients.ReadAllAsync(ct))
        {
            var row = new Row(tables.AuditClients, entity);
            return DateOnly.TryParseExact(row.PartitionKeyParts(1)[0], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw row.Unreadable("it is of no day");
        }

        return null;
    }

    public ValueTask ReplaceAsync(AuditSegment purged, CancellationToken ct) => tables.Audit.PutAsync(EntityOf(purged), ct);

    /// <summary>Once per process, client and day; again where it was forgotten, which changes nothing.</summary>
    private async ValueTask ListClientAsync(string day, string clientId, CancellationToken ct)
    {
        if (_listed.ContainsKey((day, clientId))) return;
        await tables.AuditClients.PutAsync(new TableEntity(TableKey.Of(day), TableKey.Of(clientId)), ct);
        if (_listed.Count >= MaxRemembered) _listed.Clear();
        _listed[(day, clientId)] = true;
    }

    /// <summary>Runs for every group commit: no serialisation between the segment and the client's own.</summary>
    private static TableEntity EntityOf(AuditSegment segment)
    {
        var entity = new TableEntity(
            TableKey.Of(segment.Day, segment.ClientId),
            RowKeyOf(segment.Writer, segment.FirstSequence))
        {
            ["Count"] = segment.Records.Count,
            ["LastHash"] = segment.LastHash,
        };
        using var lines = new PooledBytes();
        foreach (var record in segment.Records)
        {
            lines.Write(record.Span);
            lines.Write("\n"u8);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(lines.Length, AuditSegment.MaxLength, nameof(segment));
        for (var start = 0; start < lines.Length; start += ChunkLength)
        {
            entity[ChunkNames[start / ChunkLength]] = lines.Memory[start..Math.Min(start + ChunkLength, lines.Length)].ToArray();
        }

        return entity;
    }

    private static string RowKeyOf(string writer, long sequence) => TableKey.Of(writer, sequence.ToString("D12", CultureInfo.InvariantCulture));

    private static bool Same(TableEntity standing, TableEntity sent)
    {
        foreach (var (name, value) in sent)
        {
            if (!standing.TryGetValue(name, out var other)) return false;
            var same = value is byte[] bytes ? other is byte[] others && bytes.AsSpan().SequenceEqual(others) : Equals(value, other);
            if (!same) return false;
        }

        return true;
    }

    private static AuditSegment SegmentOf(Row row)
    {
        var partition = row.PartitionKeyParts(2);
        var key = row.RowKeyParts(2);
        var count = row.Int32("Count");
        if (count is < 1 or > AuditSegment.MaxRecords) throw row.Unreadable("Count is not 1 to 100");
        var records = LinesOf(row);
        if (records.Count != count) throw row.Unreadable("it does not have Count lines");
        return new AuditSegment
        {
            Day = partition[0],
            ClientId = partition[1],
            Writer = key[0],
            FirstSequence = long.TryParse(key[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? sequence
                : throw row.Unreadable("its sequence is not a number"),
            Records = records,
            LastHash = row.Text("LastHash"),
        };
    }

    private static List<ReadOnlyMemory<byte>> LinesOf(Row row)
    {
        var chunks = new List<byte[]>();
        foreach (var name in ChunkNames)
        {
            if (row.OptionalBinary(name) is not { } chunk) break;
            chunks.Add(chunk);
        }

        ReadOnlyMemory<byte> rest = chunks.Count == 1 ? chunks[0] : chunks.SelectMany(c => c).ToArray();
        var lines = new List<ReadOnlyMemory<byte>>();
        while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            lines.Add(rest[..end]);
            rest = rest[(end + 1)..];
        }

        return rest.IsEmpty ? lines : throw row.Unreadable("its last line has no end");
    }
}
