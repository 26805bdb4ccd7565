using System.Globalization;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Expiring;
using McpServerless.Access.Reviewing;

namespace McpServerless.Core.Tests.Catalogue;

/// <summary>Changes with ETags, as the real store makes them.</summary>
internal sealed partial class MemoryStores : IAccessEditor, IEndedAccess, IReviewableGrants
{
    private readonly Dictionary<string, long> _marks = [];
    private readonly SortedDictionary<string, GrantRequest> _requests = new(StringComparer.Ordinal);
    private long _mark;

    /// <summary>Runs once, before the next write that says what it read: as another operator would.</summary>
    public Action? BeforeConditionalWrite { get; set; }

    public IEnumerable<GrantRequest> Requests => _requests.Values;

    public IAsyncEnumerable<Grant> ReadGrantsAfterAsync(string clientId, CancellationToken ct) =>
        _grants.Values.Where(g => string.CompareOrdinal(g.ClientId, clientId) > 0).OrderBy(g => g.ClientId, StringComparer.Ordinal).ThenBy(g => g.GrantId, StringComparer.Ordinal).ToList().ToAsyncEnumerable();

    public IAsyncEnumerable<Grant> ReadGrantsToReviewAsync(DateTimeOffset moment, CancellationToken ct) => _grants.Values.Where(g => g.NextReview <= moment).ToList().ToAsyncEnumerable();

    public ValueTask<Versioned<Client>?> FindClientAsync(string clientId, CancellationToken ct) =>
        new(_clients.Values.FirstOrDefault(c => string.Equals(c.ClientId, clientId, StringComparison.OrdinalIgnoreCase)) is { } client ? new Versioned<Client>(client, MarkOf(KeyOf(client))) : null);

    ValueTask<Versioned<Client>?> IAccessEditor.FindClientAsync(string tenantId, string clientId, CancellationToken ct) =>
        new(_clients.TryGetValue((tenantId, clientId), out var client) ? new Versioned<Client>(client, MarkOf(KeyOf(client))) : null);

    public async ValueTask<bool> AddClientAsync(Client client, CancellationToken ct)
    {
        if (_clients.ContainsKey((client.TenantId, client.ClientId))) return false;
        await SaveClientAsync(client, ct);
        return true;
    }

    public ValueTask<bool> ReplaceClientAsync(Client client, string read, CancellationToken ct) => When(KeyOf(client), read, () => SaveClientAsync(client, ct));

    public ValueTask<Versioned<Grant>?> FindGrantAsync(string clientId, string server, string grantId, CancellationToken ct) =>
        new(_grants.TryGetValue((clientId, server, grantId), out var grant) ? new Versioned<Grant>(grant, MarkOf(KeyOf(grant))) : null);

    async ValueTask<IReadOnlyList<Versioned<Grant>>> IAccessEditor.ReadGrantsAsync(string clientId, CancellationToken ct) =>
        [.. (await ReadGrantsAsync(clientId, ct)).Select(g => new Versioned<Grant>(g, MarkOf(KeyOf(g))))];

    public async ValueTask<bool> AddGrantAsync(Grant grant, CancellationToken ct)
    {
        if (_grants.ContainsKey((grant.ClientId, grant.Server, grant.GrantId))) return false;
        await SaveGrantAsync(grant, ct);
        return true;
    }

    public ValueTask<bool> ReplaceGrantAsync(Grant grant, string read, CancellationToken ct) => When(KeyOf(grant), read, () => SaveGrantAsync(grant, ct));

    public ValueTask<bool> RemoveGrantAsync(Grant grant, string read, CancellationToken ct) => When(KeyOf(grant), read, () =>
    {
        var deleted = DeleteGrantAsync(grant, ct);
        _marks.Remove(KeyOf(grant));
        return deleted;
    });

    public ValueTask<Versioned<GrantRequest>?> FindRequestAsync(string requestId, CancellationToken ct) =>
        new(_requests.TryGetValue(requestId, out var request) ? new Versioned<GrantRequest>(request, MarkOf(requestId)) : null);

    public IAsyncEnumerable<Versioned<GrantRequest>> ReadRequestsAsync(CancellationToken ct) => _requests.Values.Select(r => new Versioned<GrantRequest>(r, MarkOf(r.RequestId))).ToList().ToAsyncEnumerable();

    public ValueTask<bool> AddRequestAsync(GrantRequest request, CancellationToken ct)
    {
        Note($"request {request.State}");
        if (!_requests.TryAdd(request.RequestId, request)) return new(false);
        Mark(request.RequestId);
        return new(true);
    }

    public ValueTask<bool> ReplaceRequestAsync(GrantRequest request, string read, CancellationToken ct) => When(request.RequestId, read, () =>
    {
        Note($"request {request.State}{(request.IsGiven ? " given" : "")}");
        _requests[request.RequestId] = request;
        Mark(request.RequestId);
        return default;
    });

    public IAsyncEnumerable<Versioned<Client>> ReadEndedClientsAsync(DateTimeOffset moment, CancellationToken ct) =>
        _clients.Values.Where(c => c.ExpiresAt <= moment).Select(c => new Versioned<Client>(c, MarkOf(KeyOf(c)))).ToList().ToAsyncEnumerable();

    public IAsyncEnumerable<Versioned<Grant>> ReadEndedGrantsAsync(DateTimeOffset moment, CancellationToken ct) =>
        _grants.Values.Where(g => g.ExpiresAt <= moment).Select(g => new Versioned<Grant>(g, MarkOf(KeyOf(g)))).ToList().ToAsyncEnumerable();

    public ValueTask<bool> RemoveRequestAsync(GrantRequest request, string read, CancellationToken ct) => When(request.RequestId, read, () =>
    {
        Note($"remove request {request.RequestId}");
        _requests.Remove(request.RequestId);
        return default;
    });

    public ValueTask<bool> SwitchOffAsync(KillSwitch off, CancellationToken ct)
    {
        Note($"off {off.Subject}");
        if (Switches.Exists(s => s.Subject == off.Subject)) return new(false);
        Switches.Add(off);
        return new(true);
    }

    public ValueTask SwitchOnAsync(string subject, CancellationToken ct)
    {
        Note($"on {subject}");
        Switches.RemoveAll(s => s.Subject == subject);
        return default;
    }

    private static async ValueTask<bool> Done(ValueTask write)
    {
        await write;
        return true;
    }

    private ValueTask<bool> When(string key, string read, Func<ValueTask> write)
    {
        // Not under the lock: what it does may wait for another write.
        var first = BeforeConditionalWrite;
        BeforeConditionalWrite = null;
        first?.Invoke();
        lock (_gate)
        {
            if (!_marks.ContainsKey(key) || MarkOf(key) != read) return new(false);
            return Done(write());
        }
    }

    private void Mark(string key) => _marks[key] = ++_mark;

    private string MarkOf(string key) => _marks.GetValueOrDefault(key).ToString(CultureInfo.InvariantCulture);

    private static string KeyOf(Client client) => $"{client.TenantId}/{client.ClientId}";

    private static string KeyOf(Grant grant) => $"{grant.ClientId}/{grant.Server}/{grant.GrantId}";
}
