using McpServerless.Access;
using McpServerless.Catalogue;

namespace McpServerless.Core.Tests.Catalogue;

/// <summary>Both stores in memory, with every write noted in its order.</summary>
internal sealed partial class MemoryStores : ICatalogueStore, ICatalogueHistory, IAccessStore, IClientDirectory
{
    private readonly Dictionary<(string Tenant, string Client), Client> _clients = [];
    private readonly Dictionary<(string Client, string Server, string Grant), Grant> _grants = [];

    private readonly SortedDictionary<long, CatalogueVersion> _past = [];

    /// <summary>An apply writes several at once.</summary>
    private readonly Lock _gate = new();

    public CatalogueVersion? Active
    {
        get;
        set
        {
            field = value;
            if (value is not null) _past[value.Number] = value;
        }
    }

    public List<string> Writes { get; } = [];

    /// <summary>Runs before each publish, as another publisher would.</summary>
    public Action? BeforePublish { get; set; }

    /// <summary>Writes for which the store is out.</summary>
    public Func<string, bool> IsOut { get; set; } = _ => false;

    public IEnumerable<Grant> Grants => _grants.Values;

    public IEnumerable<Client> Clients => _clients.Values;

    public ValueTask<CatalogueVersion?> ReadActiveAsync(CancellationToken ct) => new(Active);

    public ValueTask<long?> PublishAsync(CatalogueVersion content, long expectedActive, CancellationToken ct)
    {
        BeforePublish?.Invoke();
        if ((Active?.Number ?? 0) != expectedActive) return new(default(long?));
        Note("publish");
        Active = content with { Number = (_past.Count == 0 ? 0 : _past.Keys.Max()) + 1 };
        return new(Active.Number);
    }

    public ValueTask<IReadOnlyList<long>> ReadNumbersAsync(CancellationToken ct) => new([.. _past.Keys.Reverse()]);

    public ValueTask<CatalogueVersion?> ReadAsync(long number, CancellationToken ct) => new(_past.GetValueOrDefault(number));

    public ValueTask<bool> SwitchBackAsync(long number, long expectedActive, CancellationToken ct)
    {
        BeforePublish?.Invoke();
        if ((Active?.Number ?? 0) != expectedActive || !_past.TryGetValue(number, out var version)) return new(false);
        Note("switch");
        Active = version;
        return new(true);
    }

    public ValueTask<string> ReadEpochAsync(CancellationToken ct) => new(Writes.Count(w => w == "epoch").ToString());

    public ValueTask BumpEpochAsync(CancellationToken ct)
    {
        Note("epoch");
        return default;
    }

    public IAsyncEnumerable<Client> ReadClientsAsync(CancellationToken ct) => _clients.Values.ToAsyncEnumerable();

    public ValueTask<Client?> FindClientAsync(string tenantId, string clientId, CancellationToken ct) => new(_clients.GetValueOrDefault((tenantId, clientId)));

    public ValueTask<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct) =>
        new([.. _grants.Values.Where(g => g.ClientId == clientId).OrderBy(g => g.GrantId, StringComparer.Ordinal)]);

    public List<KillSwitch> Switches { get; } = [];

    public ValueTask<IReadOnlyList<KillSwitch>> ReadSwitchesAsync(CancellationToken ct) => new([.. Switches]);

    public ValueTask SaveClientAsync(Client client, CancellationToken ct)
    {
        lock (_gate)
        {
            Note($"client {client.DisplayName}");
            _clients[(client.TenantId, client.ClientId)] = client;
            Mark($"{client.TenantId}/{client.ClientId}");
            return default;
        }
    }

    public ValueTask SaveGrantAsync(Grant grant, CancellationToken ct)
    {
        lock (_gate)
        {
            Note($"grant {grant.GrantId}");
            _grants[(grant.ClientId, grant.Server, grant.GrantId)] = grant;
            Mark($"{grant.ClientId}/{grant.Server}/{grant.GrantId}");
            return default;
        }
    }

    public ValueTask DeleteGrantAsync(Grant grant, CancellationToken ct)
    {
        lock (_gate)
        {
            Note($"delete {grant.GrantId}");
            _grants.Remove((grant.ClientId, grant.Server, grant.GrantId));
            return default;
        }
    }

    private void Note(string write)
    {
        if (IsOut(write)) throw new StoreUnavailableException("out");
        Writes.Add(write);
    }
}
