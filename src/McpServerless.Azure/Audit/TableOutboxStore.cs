using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure.Data.Tables;
using McpServerless.Audit.Sinks;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Audit;

/// <summary>Outboxes in Table Storage: a lease and a state for each sink, and a row for each day and instance.</summary>
internal sealed class TableOutboxStore(TableSet tables) : IOutboxStore
{
    private const string Lease = "lease";
    private const string State = "state";

    /// <summary>The most bytes of one property ("Understanding the Table service data model").</summary>
    private const int ChunkLength = 64 * 1024;

    private const int MaxChunks = 8;

    private static readonly string[] ChunkNames = [.. Enumerable.Range(0, MaxChunks).Select(i => $"Lines{i:D2}")];

    public async ValueTask<bool> TakeAsync(string sink, string holder, DateTimeOffset now, DateTimeOffset until, CancellationToken ct)
    {
        var wanted = new TableEntity(TableKey.Of(sink), Lease) { ["Holder"] = holder, ["Until"] = until };
        if (await tables.AuditOutbox.FindAsync(TableKey.Of(sink), Lease, ct) is not { } standing) return await tables.AuditOutbox.AddAsync(wanted, ct);
        var row = new Row(tables.AuditOutbox, standing);
        return (row.Text("Holder") == holder || row.Date("Until") <= now) && await tables.AuditOutbox.ReplaceAsync(wanted, standing.ETag, ct);
    }

    public async ValueTask GiveBackAsync(string sink, string holder, CancellationToken ct)
    {
        if (await tables.AuditOutbox.FindAsync(TableKey.Of(sink), Lease, ct) is not { } standing || new Row(tables.AuditOutbox, standing).Text("Holder") != holder) return;
        standing["Until"] = DateTimeOffset.UnixEpoch.AddYears(1);
        await tables.AuditOutbox.ReplaceAsync(standing, standing.ETag, ct);
    }

    public async ValueTask<OutboxState?> ReadStateAsync(string sink, CancellationToken ct)
    {
        if (await tables.AuditOutbox.FindAsync(TableKey.Of(sink), State, ct) is not { } entity) return null;
        var row = new Row(tables.AuditOutbox, entity);
        return new OutboxState(row.Text("Since"), row.Date("LastRun"), row.OptionalDate("WaitingSince"), row.OptionalText("Fault"), row.OptionalDate("AlertedAt"));
    }

    public ValueTask SaveStateAsync(string sink, OutboxState state, CancellationToken ct)
    {
        var row = new TableEntity(TableKey.Of(sink), State) { ["Since"] = state.Since, ["LastRun"] = state.LastRun };
        if (state.WaitingSince is { } since) row["WaitingSince"] = since;
        if (state.Fault is { } fault) row["Fault"] = fault;
        if (state.AlertedAt is { } alerted) row["AlertedAt"] = alerted;
        return tables.AuditOutbox.PutAsync(row, ct);
    }

    public async IAsyncEnumerable<OutboxPosition> ReadPositionsAsync(string sink, string day, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.AuditOutbox.ReadPartitionAsync(TableKey.Of(sink, day), rowsPerPage: null, ct))
        {
            var row = new Row(tables.AuditOutbox, entity);
            yield return new OutboxPosition(day, row.RowKeyParts(1)[0], TakenOf(row), entity.GetBoolean("IsDone") ?? throw row.Unreadable("IsDone is missing"));
        }
    }

    public ValueTask SavePositionAsync(string sink, OutboxPosition position, CancellationToken ct)
    {
        using var json = new PooledBytes();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var (client, last) in position.Taken) writer.WriteNumber(client, last);
            writer.WriteEndObject();
        }

        if (json.Length > MaxChunks * ChunkLength) throw new StoreUnavailableException($"The position of sink {sink} on {position.Day} is too long to keep.");
        var row = new TableEntity(TableKey.Of(sink, position.Day), TableKey.Of(position.Writer)) { ["IsDone"] = position.IsDone };
        for (var start = 0; start < json.Length; start += ChunkLength) row[ChunkNames[start / ChunkLength]] = json.Memory[start..Math.Min(start + ChunkLength, json.Length)].ToArray();
        return tables.AuditOutbox.PutAsync(row, ct);
    }

    private static Dictionary<string, long> TakenOf(Row row)
    {
        var json = ChunkNames.Select(row.OptionalBinary).TakeWhile(c => c is not null).SelectMany(c => c!).ToArray();
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetInt64(), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw row.Unreadable("it is no position", e);
        }
    }
}
