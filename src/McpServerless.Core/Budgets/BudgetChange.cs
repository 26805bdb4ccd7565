namespace McpServerless.Budgets;

/// <summary>What an operator changes of a client's counters and pauses, as the ledger keeps it.</summary>
public sealed record BudgetChange
{
    /// <summary>The counter that is made new or extended.</summary>
    public string? Counter { get; init; }

    /// <summary>The tool whose pause ends; null for all.</summary>
    public string? Tool { get; init; }

    /// <summary>Units that are granted beyond the limit.</summary>
    public long? Amount { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? Until { get; init; }
}
