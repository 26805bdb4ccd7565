using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Sealing;

namespace McpServerless.Azure.Sealing;

/// <summary>The sealing keys in Table Storage: one partition, a row for each.</summary>
internal sealed class TableSealingKeyStore(TableSet tables) : ISealingKeyStore
{
    private const string Partition = "keys";

    public async ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken ct)
    {
        var keys = new List<string>();
        await foreach (var entity in tables.SealingKeys.ReadPartitionAsync(Partition, rowsPerPage: null, ct)) keys.Add(new Row(tables.SealingKeys, entity).Text("Xml"));
        return keys;
    }

    public ValueTask SaveAsync(string name, string xml, CancellationToken ct) =>
        tables.SealingKeys.PutAsync(new TableEntity(Partition, TableKey.Of(name)) { ["Xml"] = xml }, ct);
}
