namespace McpServerless.Access;

/// <summary>All registered clients, for operators. No request path lists them.</summary>
public interface IClientDirectory
{
    /// <summary>Every client, by tenant and client id.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Client> ReadClientsAsync(CancellationToken ct);

    /// <summary>Every client by its id, for whoever looks up many. Of an id in several tenants, one.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    async ValueTask<Dictionary<string, Client>> ReadClientsByIdAsync(CancellationToken ct)
    {
        var clients = new Dictionary<string, Client>(StringComparer.OrdinalIgnoreCase);
        await foreach (var client in ReadClientsAsync(ct)) clients[client.ClientId] = client;
        return clients;
    }
}
