namespace McpServerless.Budgets;

/// <summary>A page as it was read.</summary>
/// <param name="Page">Its counters.</param>
/// <param name="Tag">Names this state of it; a write that names another one is a conflict.</param>
/// <param name="WrittenAt">When the service took the last write, by its own clock.</param>
public sealed record StoredPage(BudgetPage Page, string Tag, DateTimeOffset WrittenAt);

/// <summary>The pages of counters, shared by all instances.</summary>
public interface IBudgetStore
{
    /// <summary>A page, or null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<StoredPage?> ReadAsync(BudgetPageKey key, CancellationToken ct);

    /// <summary>Puts a page in the place of the one that was read; false when that is no longer the one that stands.</summary>
    /// <param name="key">Which page.</param>
    /// <param name="page">What is to stand there.</param>
    /// <param name="tag">The tag that was read; null when there was no page.</param>
    /// <param name="ct">Ends the waiting; the write may be carried out all the same.</param>
    /// <remarks>A false answer may also mean that a first try was carried out and its answer lost: whoever wrote finds out by reading.</remarks>
    /// <exception cref="StoreUnavailableException">Whether the page was written is not known.</exception>
    ValueTask<bool> WriteAsync(BudgetPageKey key, BudgetPage page, string? tag, CancellationToken ct);

    /// <summary>All pages, for the purge and for operators.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<(BudgetPageKey Key, StoredPage Stored)> ReadAllAsync(CancellationToken ct);

    /// <summary>Removes a page that is still the one that was read; false when it is not.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> DeleteAsync(BudgetPageKey key, string tag, CancellationToken ct);
}
