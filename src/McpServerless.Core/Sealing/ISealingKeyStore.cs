namespace McpServerless.Sealing;

/// <summary>Where the sealing keys of all instances are kept, each as the XML that the key ring makes of it.</summary>
public interface ISealingKeyStore
{
    /// <summary>All keys, in the order of their names.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken ct);

    /// <summary>Adds a key or replaces the one of that name.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SaveAsync(string name, string xml, CancellationToken ct);
}
