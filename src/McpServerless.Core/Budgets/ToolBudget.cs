using System.Text.Json;

namespace McpServerless.Budgets;

/// <summary>What a tool's contract says of budgets.</summary>
public sealed record ToolBudget
{
    public IReadOnlyList<BudgetLimit> Limits { get; init; } = [];

    /// <summary>What a call costs; null for one unit.</summary>
    public ToolCost? Cost { get; init; }

    public BudgetFailMode FailMode { get; init; } = BudgetFailMode.Closed;

    /// <summary>With fail mode open: how many calls of a client each instance serves in a minute without the store.</summary>
    /// <value>1 to 100,000; default 60.</value>
    public int OpenCallsPerMinute { get; init; } = 60;
}

/// <summary>What a call costs, in units that the team chooses: rows, tokens, cents.</summary>
public sealed record ToolCost
{
    /// <summary>The most that one call is charged.</summary>
    public const long Most = 1_000_000_000_000;

    /// <summary>Units of every call.</summary>
    /// <value>0 to 1,000,000,000; default 0 with a pointer.</value>
    public long Fixed { get; init; }

    /// <summary>JSON pointer (RFC 6901) into the arguments, to a number that is added.</summary>
    public string? Argument { get; init; }

    /// <summary>JSON pointer into the result, to a number that is added when the call has ended.</summary>
    public string? Result { get; init; }

    /// <summary>Units that are set aside for what only the result tells, and charged where it does not tell.</summary>
    /// <value>0 to 1,000,000,000; default 1.</value>
    public long Reserve { get; init; } = 1;

    /// <summary>Units to set aside before the call.</summary>
    public long Before(JsonElement arguments) => Math.Min(Most, Fixed + (Argument is null ? 0 : NumberAt(arguments, Argument) ?? Reserve) + (Result is null ? 0 : Reserve));

    /// <summary>What the call cost, once its result is there; null where that changes nothing.</summary>
    public long? After(JsonElement arguments, JsonElement result) =>
        Result is null || NumberAt(result, Result) is not { } number ? null : Math.Min(Most, Before(arguments) - Reserve + number);

    /// <summary>A number that is not negative, rounded up; null where there is none.</summary>
    private static long? NumberAt(JsonElement value, string pointer) =>
        value.ValueKind != JsonValueKind.Undefined && JsonPointers.Follow(value, pointer) is { ValueKind: JsonValueKind.Number } found && found.TryGetDouble(out var number) && number >= 0
            ? (long)Math.Min(Math.Ceiling(number), Most)
            : null;
}
