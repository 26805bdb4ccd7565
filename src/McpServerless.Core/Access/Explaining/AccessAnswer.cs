using McpServerless.ToolCalls;

namespace McpServerless.Access.Explaining;

/// <summary>What a call would get, and why.</summary>
public sealed record AccessAnswer
{
    public required string ClientId { get; init; }

    public required string Server { get; init; }

    /// <summary>The tool, prompt or resource.</summary>
    public required string Name { get; init; }

    /// <summary>The refusal; null when it is allowed.</summary>
    public RefusalCode? Refusal { get; init; }

    /// <summary>Why, for operators; null when it is allowed.</summary>
    public string? Note { get; init; }

    /// <summary>The grant that allows it; null when it is refused.</summary>
    public string? GrantId { get; init; }

    /// <summary>Whether it hangs on the arguments, and none were given.</summary>
    public bool DependsOnArguments { get; init; }

    /// <summary>Each rule that names it, as it was judged; those that deny come first.</summary>
    public IReadOnlyList<JudgedRule> Rules { get; init; } = [];

    public bool IsAllowed => Refusal is null;
}

/// <summary>A rule as it was judged for a call.</summary>
/// <param name="Grant">The rule.</param>
/// <param name="Counts">Whether it counts: all that it asks for holds, or it denies and nothing that it asks for is known not to hold.</param>
/// <param name="Conditions">What it asks for, and whether that holds.</param>
/// <param name="ArgumentViolations">Where the arguments are not what it is for; null when it asks nothing of them, or there were none.</param>
public sealed record JudgedRule(Grant Grant, bool Counts, IReadOnlyList<JudgedCondition> Conditions, IReadOnlyList<string>? ArgumentViolations);

/// <summary>One condition of a rule.</summary>
public sealed record JudgedCondition(GrantCondition Condition, ConditionVerdict Verdict);
