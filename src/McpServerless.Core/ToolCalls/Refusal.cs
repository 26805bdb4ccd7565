using McpServerless.Budgets;

namespace McpServerless.ToolCalls;

/// <summary>Why a request is not served: a value, not an exception.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">Told to the client: what to do next. Never names what the client may not see, and holds no argument value.</param>
public sealed record Refusal(RefusalCode Code, string Detail)
{
    /// <summary>For the audit record and the log only.</summary>
    public string? OperatorNote { get; init; }

    /// <summary>Seconds until a new try can succeed; null where time alone does not help.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>How the limit stands that was reached, for the headers <c>RateLimit</c> and <c>RateLimit-Policy</c>.</summary>
    public IReadOnlyList<LimitStanding> Standings { get; init; } = [];

    /// <summary>The scopes that the operation needs, for the challenge of <c>insufficient_scope</c>.</summary>
    public IReadOnlyList<string> RequiredScopes { get; init; } = [];

    /// <summary>Where the arguments break the schema, for <c>arguments_invalid</c>: JSON pointers with the keyword, without values.</summary>
    public IReadOnlyList<string> Violations { get; init; } = [];
}
