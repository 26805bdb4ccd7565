using System.Runtime.InteropServices;
using Azure;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;

namespace McpServerless.Azure.Budgets;

/// <summary>What is usual for each client, in a row of its own: 168 means as little-endian floats, and of how many weeks each is.</summary>
internal sealed class TableDemandStore(TableSet tables) : IDemandStore
{
    private const string RowKey = "baseline";

    public async ValueTask<StoredBaseline?> ReadAsync(BudgetPageKey key, CancellationToken ct) =>
        await tables.Demand.FindAsync(TableKey.Of(key.Tenant, key.Owner), RowKey, ct) is { } entity ? StoredOf(entity) : null;

    public async ValueTask<bool> WriteAsync(BudgetPageKey key, DemandBaseline baseline, string? tag, CancellationToken ct)
    {
        var entity = new TableEntity(TableKey.Of(key.Tenant, key.Owner), RowKey)
        {
            ["Hour"] = baseline.Hour,
            ["Calls"] = baseline.Calls,
            ["Means"] = MemoryMarshal.AsBytes<float>([.. baseline.Means]).ToArray(),
            ["Weeks"] = baseline.Weeks.ToArray(),
        };
        return tag is null ? await tables.Demand.AddAsync(entity, ct) : await tables.Demand.ReplaceAsync(entity, new ETag(tag), ct);
    }

    public async ValueTask<int> PurgeAsync(long beforeHour, CancellationToken ct)
    {
        var removed = 0;
        await foreach (var entity in tables.Demand.ReadAllAsync(ct))
        {
            if (StoredOf(entity).Baseline.Hour < beforeHour && await tables.Demand.DeleteAsync(entity.PartitionKey, entity.RowKey, entity.ETag, ct)) removed++;
        }

        return removed;
    }

    private StoredBaseline StoredOf(TableEntity entity)
    {
        var row = new Row(tables.Demand, entity);
        var (means, weeks) = (row.OptionalBinary("Means"), row.OptionalBinary("Weeks"));
        if (means?.Length != DemandBaseline.HoursOfWeek * sizeof(float) || weeks?.Length != DemandBaseline.HoursOfWeek) throw row.Unreadable("it has not one mean for each hour of a week");
        var baseline = DemandBaseline.Of(row.Int64("Hour"), row.Int64("Calls"), MemoryMarshal.Cast<byte, float>(means), weeks);
        return new StoredBaseline(baseline, entity.ETag.ToString());
    }
}
