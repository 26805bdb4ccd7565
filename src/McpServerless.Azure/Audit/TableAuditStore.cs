using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using McpServerless.Audit;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Audit;

/// <summary>The ledger in Table Storage: one entity for each segment, one property for each record.</summary>
/// <remarks>
/// Rows are only ever inserted. Before the first segment of a client and day, a row that names the client is written, so that whoever
/// lists the clients of a day cannot miss one that has records; one that has none yet may be listed.
/// </remarks>
internal sealed class TableAuditStore(TableSet tables) : IAuditStore
{
    /// <summary>A segment can be almost 1 MiB, and a page has to arrive within the time of one try.</summary>
    private const int SegmentsPerPage = 50;

    private static readonly string[] RecordNames =
        [.. Enumerable.Range(0, AuditSegment.MaxRecords).Select(i => "R" + i.ToString("D2", CultureInfo.InvariantCulture))];

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

    public async IAsyncEnumerable<string> ReadClientsAsync(string day, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.AuditClients.ReadPartitionAsync(TableKey.Of(day), rowsPerPage: null, ct))
        {
            yield return new Row(tables.AuditClients, entity).RowKeyParts(1)[0];
        }
    }

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
            TableKey.Of(segment.Writer, segment.FirstSequence.ToString("D12", CultureInfo.InvariantCulture)))
        {
            ["Count"] = segment.Records.Count,
            ["LastHash"] = segment.LastHash,
        };
        for (var i = 0; i < segment.Records.Count; i++) entity[RecordNames[i]] = segment.Records[i];
        return entity;
    }

    private static bool Same(TableEntity standing, TableEntity sent)
    {
        foreach (var (name, value) in sent)
        {
            if (!standing.TryGetValue(name, out var other) || !Equals(value, other)) return false;
        }

        return true;
    }

    private static AuditSegment SegmentOf(Row row)
    {
        var partition = row.PartitionKeyParts(2);
        var key = row.RowKeyParts(2);
        var count = row.Int32("Count");
        if (count is < 1 or > AuditSegment.MaxRecords) throw row.Unreadable("Count is not 1 to 100");
        var records = new string[count];
        for (var i = 0; i < count; i++) records[i] = row.Text(RecordNames[i]);
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
}
