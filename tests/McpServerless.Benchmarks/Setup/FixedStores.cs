using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Contracts.Sanitising;

namespace McpServerless.Benchmarks.Setup;

/// <summary>The benchmark's state from memory, for stages alone: no storage is asked and nothing is kept.</summary>
internal sealed class FixedStores : IAccessStore, ICatalogueStore, IAuditStore, IHashKeyStore
{
    public ValueTask<string> ReadEpochAsync(CancellationToken ct) => new("1");

    public ValueTask<Client?> FindClientAsync(string tenantId, string clientId, CancellationToken ct) => new(BenchState.Client);

    public ValueTask<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct) => new([BenchState.Grant]);

    public ValueTask<CatalogueVersion?> ReadActiveAsync(CancellationToken ct) => new(BenchState.Catalogue(new Uri("http://127.0.0.1/mcp"), []));

    public ValueTask<IReadOnlyList<KillSwitch>> ReadSwitchesAsync(CancellationToken ct) => new([]);

    public ValueTask AppendAsync(AuditSegment segment, CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>No key is configured, so none is asked for.</summary>
    IAsyncEnumerable<HashKeyPeriod> IHashKeyStore.ReadAsync(CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<bool> AddAsync(HashKeyPeriod period, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<bool> DestroyAsync(string name, DateTimeOffset at, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask BumpEpochAsync(CancellationToken ct) => throw new NotSupportedException();

    public ValueTask SaveClientAsync(Client client, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask SaveGrantAsync(Grant grant, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask DeleteGrantAsync(Grant grant, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<long?> PublishAsync(CatalogueVersion content, long expectedActive, CancellationToken ct) => throw new NotSupportedException();

    public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) => throw new NotSupportedException();

    public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) => throw new NotSupportedException();
}
