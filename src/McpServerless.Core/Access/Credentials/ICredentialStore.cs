namespace McpServerless.Access.Credentials;

/// <summary>How far the watch of one day has come.</summary>
/// <param name="Day">The UTC day.</param>
/// <param name="After">The client that was looked at last; null before the first.</param>
/// <param name="IsDone">Whether all were.</param>
public sealed record CredentialProgress(string Day, string? After, bool IsDone);

/// <summary>What the watch knows of a client.</summary>
/// <param name="FirstSeen">When it was looked at first: before that nothing is known of its use.</param>
/// <param name="LastUsed">The latest day on which a request of it was found in the ledger; null for none.</param>
/// <param name="ReadTo">The day up to which the ledger was read for that.</param>
public sealed record WatchedClient(string TenantId, string ClientId, DateTimeOffset FirstSeen, DateOnly? LastUsed, DateOnly ReadTo);

/// <summary>What the watch of credentials remembers.</summary>
public interface ICredentialStore
{
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<CredentialProgress?> ReadProgressAsync(CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SaveProgressAsync(CredentialProgress progress, CancellationToken ct);

    /// <summary>All clients that were looked at, by tenant and client id.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<WatchedClient> ReadClientsAsync(CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SaveClientAsync(WatchedClient client, CancellationToken ct);
}
