namespace McpServerless.Catalogue;

/// <summary>The versions that were active once.</summary>
public interface ICatalogueHistory
{
    /// <summary>Numbers of the versions that are or were active and can be switched to, newest first.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<long>> ReadNumbersAsync(CancellationToken ct);

    /// <summary>A version that is or was active; null when there is none of that number any more.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<CatalogueVersion?> ReadAsync(long number, CancellationToken ct);

    /// <summary>Makes a version that was active once the active one again, in a single step that others cannot overwrite.</summary>
    /// <param name="expectedActive">The number that was active when this was decided.</param>
    /// <returns>False when another version became active meanwhile, or there is no such version: nothing was changed then.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be written; the active version is still the old one.</exception>
    ValueTask<bool> SwitchBackAsync(long number, long expectedActive, CancellationToken ct);
}
