using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Contracts.Sanitising;

namespace McpServerless.Azure.Audit;

/// <summary>The halves of hash keys in Table Storage. A table keeps no older version of a row, so what is destroyed here is gone.</summary>
internal sealed class TableHashKeyStore(TableSet tables) : IHashKeyStore
{
    private const string Partition = "keys";

    public async IAsyncEnumerable<HashKeyPeriod> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.AuditKeys.ReadPartitionAsync(Partition, rowsPerPage: null, ct)) yield return Of(entity);
    }

    public ValueTask<bool> AddAsync(HashKeyPeriod period, CancellationToken ct) => tables.AuditKeys.AddAsync(EntityOf(period), ct);

    public async ValueTask<bool> DestroyAsync(string name, DateTimeOffset at, CancellationToken ct)
    {
        if (await tables.AuditKeys.FindAsync(Partition, TableKey.Of(name), ct) is not { } standing) return false;
        var period = Of(standing);
        return period.DestroyedAt is null && await tables.AuditKeys.ReplaceAsync(EntityOf(period with { Secret = null, DestroyedAt = at }), standing.ETag, ct);
    }

    private HashKeyPeriod Of(TableEntity entity)
    {
        var row = new Row(tables.AuditKeys, entity);
        return new HashKeyPeriod(row.RowKeyParts(1)[0], row.Date("MadeAt"), row.OptionalBinary("Secret"), row.OptionalDate("DestroyedAt"));
    }

    private static TableEntity EntityOf(HashKeyPeriod period)
    {
        var row = new TableEntity(Partition, TableKey.Of(period.Name)) { ["MadeAt"] = period.MadeAt };
        if (period.Secret is { } secret) row["Secret"] = secret;
        if (period.DestroyedAt is { } at) row["DestroyedAt"] = at;
        return row;
    }
}
