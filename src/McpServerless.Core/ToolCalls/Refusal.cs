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

    /// <summary>The capability that a client has to declare, from the outermost member to the innermost, for <c>capability_missing</c>.</summary>
    public IReadOnlyList<string> RequiredCapabilityPath { get; init; } = [];

    /// <summary>Where the arguments break the schema, for <c>arguments_invalid</c>: JSON pointers with the keyword, without values.</summary>
    public IReadOnlyList<string> Violations { get; init; } = [];

    /// <summary>The ending of a request that met a fault of the gateway; the caller is told its correlation id and nothing else.</summary>
    public static Refusal Unforeseen(RequestContext context, Exception fault) => fault is StoreUnavailableException
        ? new(RefusalCode.StateUnavailable, "The gateway cannot read its state; try again shortly.") { OperatorNote = fault.Message, RetryAfterSeconds = 2 }
        : new(RefusalCode.InternalError, $"Internal error; correlation id {context.RequestId:D}.") { OperatorNote = fault.GetType().Name };
}
