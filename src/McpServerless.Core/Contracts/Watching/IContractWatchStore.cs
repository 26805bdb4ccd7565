namespace McpServerless.Contracts.Watching;

/// <summary>Where every instance reads which tools are not served for now.</summary>
public interface IHeldToolReader
{
    /// <summary>All held tools.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<HeldTool>> ReadHeldAsync(CancellationToken ct);
}

/// <summary>What the watch found out and what people decided.</summary>
/// <remarks>What instances read is kept apart from the drifts themselves, because those are large and of no use to a call.</remarks>
public interface IContractWatchStore : IHeldToolReader
{
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask HoldAsync(HeldTool tool, CancellationToken ct);

    /// <summary>Serves a tool again; one that is not held is no error.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask ReleaseAsync(string upstream, string tool, CancellationToken ct);

    /// <summary>The drifts of one upstream, in the order of their tools.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<ContractDrift>> ReadDriftsAsync(string upstream, CancellationToken ct);

    /// <summary>The drift of one tool; null when none is known.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<ContractDrift?> FindDriftAsync(string upstream, string tool, CancellationToken ct);

    /// <summary>Adds a drift, or replaces the row that it was read from.</summary>
    /// <returns>The drift with its new row version; null when somebody else wrote it meanwhile, and then nothing was changed.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<ContractDrift?> SaveDriftAsync(ContractDrift drift, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask DeleteDriftAsync(string upstream, string tool, CancellationToken ct);

    /// <summary>When each upstream was last looked at.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<WatchedUpstream>> ReadProgressAsync(CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SaveProgressAsync(WatchedUpstream progress, CancellationToken ct);
}
