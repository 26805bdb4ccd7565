namespace McpServerless.Budgets.Runaway;

/// <summary>What was learned of a client, as it was read.</summary>
/// <param name="Baseline">What was learned.</param>
/// <param name="Tag">Names this state of it; a write that names another one is a conflict.</param>
public sealed record StoredBaseline(DemandBaseline Baseline, string Tag);

/// <summary>What is usual for each client, shared by all instances.</summary>
public interface IDemandStore
{
    /// <summary>What was learned of a client, or null for nothing yet.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<StoredBaseline?> ReadAsync(BudgetPageKey key, CancellationToken ct);

    /// <summary>Puts it in the place of what was read; false when that is no longer what stands there.</summary>
    /// <exception cref="StoreUnavailableException">Whether it was written is not known.</exception>
    ValueTask<bool> WriteAsync(BudgetPageKey key, DemandBaseline baseline, string? tag, CancellationToken ct);

    /// <summary>Removes what was learned of clients that have not called since an hour.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be read or written.</exception>
    ValueTask<int> PurgeAsync(long beforeHour, CancellationToken ct);
}
