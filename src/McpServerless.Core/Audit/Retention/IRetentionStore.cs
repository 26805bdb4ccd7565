namespace McpServerless.Audit.Retention;

/// <summary>Records that are kept although their time is over, because somebody needs them.</summary>
/// <param name="HoldId">UUIDv7, 32 hexadecimal digits.</param>
/// <param name="ClientId">Whose records; null for all.</param>
/// <param name="From">The first UTC day.</param>
/// <param name="To">The last UTC day.</param>
/// <param name="Reason">Why, such as the number of a case.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="At">When.</param>
public sealed record LegalHold(string HoldId, string? ClientId, DateOnly From, DateOnly To, string Reason, string By, DateTimeOffset At)
{
    public bool Covers(string clientId, DateOnly day) => (ClientId is null || ClientId == clientId) && day >= From && day <= To;
}

/// <summary>Where it is kept how far purging has come, and what it must leave alone.</summary>
public interface IRetentionStore
{
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<LegalHold> ReadHoldsAsync(CancellationToken ct);

    /// <exception cref="StoreUnavailableException">It is not known to be kept.</exception>
    ValueTask SaveHoldAsync(LegalHold hold, CancellationToken ct);

    /// <summary>Ends a hold; one that is not there is no error.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be gone.</exception>
    ValueTask RemoveHoldAsync(string holdId, CancellationToken ct);

    /// <summary>By class, the last day that was purged.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyDictionary<string, DateOnly>> ReadProgressAsync(CancellationToken ct);

    /// <summary>Keeps how far purging has come; empty lets it begin anew.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be kept; what was purged is looked at again then.</exception>
    ValueTask SaveProgressAsync(IReadOnlyDictionary<string, DateOnly> progress, CancellationToken ct);
}

/// <summary>The ledger for whoever purges it. Nothing else ever changes a segment.</summary>
public interface IPurgeableLedger
{
    /// <summary>The first UTC day that has records; null for none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<DateOnly?> FindFirstDayAsync(CancellationToken ct);

    /// <summary>Puts a segment with tombstones in the place of the one that is there.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be there.</exception>
    ValueTask ReplaceAsync(AuditSegment purged, CancellationToken ct);
}
