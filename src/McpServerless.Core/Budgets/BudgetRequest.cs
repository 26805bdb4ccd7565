namespace McpServerless.Budgets;

/// <summary>Whether calls are served while the store of budgets cannot be reached and nothing is left in hand.</summary>
public enum BudgetFailMode
{
    /// <summary>Refused with <c>budget_unavailable</c>.</summary>
    Closed,

    /// <summary>Served up to a ceiling that each instance keeps for itself; the record says so.</summary>
    Open,
}

/// <summary>What one call asks of its budgets.</summary>
public sealed record BudgetRequest
{
    public required BudgetSubject Subject { get; init; }

    public required IReadOnlyList<AppliedLimit> Limits { get; init; }

    /// <summary>Cost units that are set aside until the call has ended and its cost is known.</summary>
    /// <value>0 or more; default 1.</value>
    public long Cost { get; init; } = 1;

    /// <summary>Bytes of the result that are set aside until it is known.</summary>
    public long ResultBytes { get; init; } = 4096;

    /// <summary>The longest that the call can take; a permit for a call in flight is good for at least that long.</summary>
    public required TimeSpan Longest { get; init; }

    public BudgetFailMode FailMode { get; init; } = BudgetFailMode.Closed;

    /// <summary>With <see cref="BudgetFailMode.Open"/>: how many calls in a minute each instance serves without the store.</summary>
    public int OpenCallsPerMinute { get; init; } = 60;

    internal long Units(BudgetLimit limit) => limit.Unit switch
    {
        LimitUnit.Cost => Cost,
        LimitUnit.ResultBytes => ResultBytes,
        _ => 1,
    };
}

/// <summary>Proof that a call has a place in every limit that applies to it. Only the engine makes one, and only one buys a forward.</summary>
public sealed class BudgetLease
{
    internal BudgetLease(BudgetRequest request, LeasedUnits[] units, bool unmetered = false) =>
        (Request, Units, Unmetered) = (request, units, unmetered);

    internal BudgetRequest Request { get; }

    internal LeasedUnits[] Units { get; }

    internal bool Closed { get; set; }

    /// <summary>True when the call is served although its budgets could not be asked (fail mode open).</summary>
    public bool Unmetered { get; }

    /// <summary>What is left of the tightest limit, for the answer's headers; empty where nothing limits the call.</summary>
    public IReadOnlyList<LimitStanding> Standings { get; internal init; } = [];
}

/// <summary>How a limit stands, as far as this instance knows.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Left">Units that are left, at least.</param>
/// <param name="ResetSeconds">Seconds until more can be expected.</param>
public readonly record struct LimitStanding(AppliedLimit Limit, long Left, int ResetSeconds);

/// <summary>Units of one counter that a call took.</summary>
internal readonly record struct LeasedUnits(HeldCounter Counter, long Units, Lot? Lot, long WindowStart);

/// <summary>A limit that has no place for a call.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="RetryAfter">When asking again can help.</param>
public sealed record LimitReached(AppliedLimit Limit, TimeSpan RetryAfter)
{
    /// <summary>Units that are left; less than the call needs.</summary>
    public long Left { get; init; }
}
