using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using McpServerless.Access.Credentials;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Access;

/// <summary>What the watch of credentials remembers, in Table Storage.</summary>
internal sealed class TableCredentialStore(TableSet tables) : ICredentialStore
{
    private const string ProgressKey = "progress";

    public async ValueTask<CredentialProgress?> ReadProgressAsync(CancellationToken ct)
    {
        if (await tables.Credentials.FindAsync(ProgressKey, ProgressKey, ct) is not { } entity) return null;
        var row = new Row(tables.Credentials, entity);
        return new CredentialProgress(row.Text("Day"), row.OptionalText("After"), row.OptionalFlag("IsDone") ?? false);
    }

    public ValueTask SaveProgressAsync(CredentialProgress progress, CancellationToken ct)
    {
        var entity = new TableEntity(ProgressKey, ProgressKey) { ["Day"] = progress.Day, ["IsDone"] = progress.IsDone };
        if (progress.After is { } after) entity["After"] = after;
        return tables.Credentials.PutAsync(entity, ct);
    }

    public async IAsyncEnumerable<WatchedClient> ReadClientsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Credentials.ReadAllAsync(ct))
        {
            if (entity.PartitionKey == ProgressKey) continue;
            var row = new Row(tables.Credentials, entity);
            yield return new WatchedClient(row.PartitionKeyParts(2)[1], row.RowKeyParts(1)[0], row.Date("FirstSeen"), row.OptionalDate("LastUsed") is { } used ? DayOf(used) : null, DayOf(row.Date("ReadTo")));
        }
    }

    public ValueTask SaveClientAsync(WatchedClient client, CancellationToken ct)
    {
        var entity = new TableEntity(PartitionOf(client.TenantId), TableKey.Of(client.ClientId)) { ["FirstSeen"] = client.FirstSeen, ["ReadTo"] = DateOf(client.ReadTo) };
        if (client.LastUsed is { } used) entity["LastUsed"] = DateOf(used);
        return tables.Credentials.PutAsync(entity, ct);
    }

    private static DateOnly DayOf(DateTimeOffset date) => DateOnly.FromDateTime(date.UtcDateTime);

    private static DateTimeOffset DateOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static string PartitionOf(string tenantId) => TableKey.Of("tenant", tenantId);
}
