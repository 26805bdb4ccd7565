namespace McpServerless.Access;

/// <summary>Clients and grants, and the epoch that says when any of them changed.</summary>
public interface IAccessStore
{
    /// <summary>The epoch: a text that is another one after every change of access or catalogue. Empty before the first change.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<string> ReadEpochAsync(CancellationToken ct);

    /// <summary>Makes every instance drop what it remembers.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask BumpEpochAsync(CancellationToken ct);

    /// <summary>A client, or null when it is not registered.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Client?> FindClientAsync(string tenantId, string clientId, CancellationToken ct);

    /// <summary>All grants of one client, in the order of their keys.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct);

    /// <summary>Adds or replaces a client.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SaveClientAsync(Client client, CancellationToken ct);

    /// <summary>Adds or replaces a grant.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SaveGrantAsync(Grant grant, CancellationToken ct);

    /// <summary>Removes a grant; one that is not there is no error.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask DeleteGrantAsync(Grant grant, CancellationToken ct);

    /// <summary>What operators have switched off.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<KillSwitch>> ReadSwitchesAsync(CancellationToken ct);
}
