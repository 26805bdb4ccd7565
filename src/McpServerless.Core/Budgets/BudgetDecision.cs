namespace McpServerless.Budgets;

/// <summary>The engine's answer to a call: a lease, a limit that has no place for it, or that the counters could not be asked.</summary>
public sealed class BudgetDecision
{
    private BudgetDecision()
    {
    }

    /// <summary>The call may go on.</summary>
    public BudgetLease? Lease { get; private init; }

    /// <summary>The limit that is reached.</summary>
    public LimitReached? Reached { get; private init; }

    /// <summary>Neither: the store could not be asked, and the fail mode is closed or its ceiling reached.</summary>
    public bool Unavailable => Lease is null && Reached is null;

    internal static BudgetDecision Of(BudgetLease lease) => new() { Lease = lease };

    internal static BudgetDecision Of(LimitReached reached) => new() { Reached = reached };

    internal static BudgetDecision OfOutage() => new();
}
