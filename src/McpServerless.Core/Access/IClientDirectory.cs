namespace McpServerless.Access;

/// <summary>All registered clients, for operators. No request path lists them.</summary>
public interface IClientDirectory
{
    /// <summary>Every client, by tenant and client id.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Client> ReadClientsAsync(CancellationToken ct);
}
