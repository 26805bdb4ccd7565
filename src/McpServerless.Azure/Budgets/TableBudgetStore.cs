using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Budgets;

namespace McpServerless.Azure.Budgets;

/// <summary>Counters in Table Storage: a row for each page, replaced on the condition that it is the one that was read.</summary>
/// <remarks>
/// A row holds a client's counters together, so that one conditional write takes from all of its limits or from none; each client has a
/// partition of its own. The time of the last write is the service's (property <c>Timestamp</c>).
/// </remarks>
internal sealed class TableBudgetStore(TableSet tables) : IBudgetStore
{
    private const string RowKey = "counters";

    /// <summary>The most bytes of one property ("Understanding the Table service data model").</summary>
    private const int ChunkLength = 64 * 1024;

    /// <summary>With it a row stays under the 1 MiB of an entity. A page has some hundred bytes for each counter in use.</summary>
    private const int MaxLength = 14 * ChunkLength;

    private static readonly string[] ChunkNames = [.. Enumerable.Range(0, MaxLength / ChunkLength).Select(i => $"Page{i:D2}")];

    public async ValueTask<StoredPage?> ReadAsync(BudgetPageKey key, CancellationToken ct) =>
        await tables.Budgets.FindAsync(TableKey.Of(key.Tenant, key.Owner), RowKey, ct) is { } entity ? StoredOf(entity) : null;

    public async ValueTask<bool> WriteAsync(BudgetPageKey key, BudgetPage page, string? tag, CancellationToken ct)
    {
        var json = BudgetPageJson.Write(page);
        if (json.Length > MaxLength) throw new StoreUnavailableException($"The counters of {key} take {json.Length} bytes; a row holds {MaxLength}.");
        var entity = new TableEntity(TableKey.Of(key.Tenant, key.Owner), RowKey);
        for (var start = 0; start < json.Length; start += ChunkLength)
        {
            entity[ChunkNames[start / ChunkLength]] = json[start..Math.Min(start + ChunkLength, json.Length)].ToArray();
        }

        return tag is null ? await tables.Budgets.AddAsync(entity, ct) : await tables.Budgets.ReplaceAsync(entity, new ETag(tag), ct);
    }

    public async IAsyncEnumerable<(BudgetPageKey Key, StoredPage Stored)> ReadAllAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Budgets.ReadAllAsync(ct))
        {
            var parts = new Row(tables.Budgets, entity).PartitionKeyParts(2);
            yield return (new BudgetPageKey(parts[0], parts[1]), StoredOf(entity));
        }
    }

    public ValueTask<bool> DeleteAsync(BudgetPageKey key, string tag, CancellationToken ct) =>
        tables.Budgets.DeleteAsync(TableKey.Of(key.Tenant, key.Owner), RowKey, new ETag(tag), ct);

    private StoredPage StoredOf(TableEntity entity)
    {
        var row = new Row(tables.Budgets, entity);
        var chunks = new List<byte[]>();
        foreach (var name in ChunkNames)
        {
            if (row.OptionalBinary(name) is not { } chunk) break;
            chunks.Add(chunk);
        }

        try
        {
            var page = BudgetPageJson.Read(chunks.Count == 1 ? chunks[0] : chunks.SelectMany(c => c).ToArray());
            return new StoredPage(page, entity.ETag.ToString(), entity.Timestamp ?? throw row.Unreadable("it has no Timestamp"));
        }
        catch (FormatException e)
        {
            throw row.Unreadable("its counters are not counters", e);
        }
    }
}
