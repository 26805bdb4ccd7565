namespace McpServerless.Access.Administration;

/// <summary>A value as it was read, with the mark by which a write tells whether it still is.</summary>
/// <param name="ETag">Another one after every write.</param>
public sealed record Versioned<T>(T Value, string ETag);

/// <summary>Clients, grants, requests and kill switches for those who change them: nothing is written over what somebody else wrote meanwhile.</summary>
public interface IAccessEditor
{
    /// <summary>A client by its application id, whatever its tenant; null for none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Versioned<Client>?> FindClientAsync(string clientId, CancellationToken ct);

    /// <summary>A client of a tenant; null for none. One row is read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Versioned<Client>?> FindClientAsync(string tenantId, string clientId, CancellationToken ct);

    /// <summary>False when the client is registered already.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> AddClientAsync(Client client, CancellationToken ct);

    /// <summary>False when the client is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> ReplaceClientAsync(Client client, string read, CancellationToken ct);

    /// <summary>A grant, or null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Versioned<Grant>?> FindGrantAsync(string clientId, string server, string grantId, CancellationToken ct);

    /// <summary>All grants of a client, in the order of their keys.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<Versioned<Grant>>> ReadGrantsAsync(string clientId, CancellationToken ct);

    /// <summary>False when there is a grant of that id already.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> AddGrantAsync(Grant grant, CancellationToken ct);

    /// <summary>False when the grant is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> ReplaceGrantAsync(Grant grant, string read, CancellationToken ct);

    /// <summary>False when the grant is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> RemoveGrantAsync(Grant grant, string read, CancellationToken ct);

    /// <summary>A request for a grant, or null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Versioned<GrantRequest>?> FindRequestAsync(string requestId, CancellationToken ct);

    /// <summary>All requests, the oldest first.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Versioned<GrantRequest>> ReadRequestsAsync(CancellationToken ct);

    /// <summary>False when there is a request of that id already.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> AddRequestAsync(GrantRequest request, CancellationToken ct);

    /// <summary>False when the request is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> ReplaceRequestAsync(GrantRequest request, string read, CancellationToken ct);

    /// <summary>Switches something off; what is off already stays off by whoever did it first.</summary>
    /// <returns>False when it was off already.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> SwitchOffAsync(KillSwitch off, CancellationToken ct);

    /// <summary>Switches something on again; what is on is no error.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SwitchOnAsync(string subject, CancellationToken ct);
}
