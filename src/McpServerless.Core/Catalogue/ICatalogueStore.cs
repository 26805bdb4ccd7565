namespace McpServerless.Catalogue;

/// <summary>Where catalogue versions are kept. Exactly one is active.</summary>
public interface ICatalogueStore
{
    /// <summary>The active version, or null before the first apply.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<CatalogueVersion?> ReadActiveAsync(CancellationToken ct);

    /// <summary>Writes a new version and makes it the active one in a single step that others cannot overwrite.</summary>
    /// <param name="content">What to publish; its number is ignored.</param>
    /// <param name="expectedActive">The number that was active when the change was planned; 0 for none.</param>
    /// <returns>The new number, or null when another version became active meanwhile: nothing was changed then.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be written; the active version is still the old one.</exception>
    ValueTask<long?> PublishAsync(CatalogueVersion content, long expectedActive, CancellationToken ct);
}
