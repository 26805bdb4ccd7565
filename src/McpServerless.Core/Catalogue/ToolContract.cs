using System.Text.Json;
using McpServerless.Budgets;
using McpServerless.Contracts;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Catalogue;

public enum ToolState
{
    Active,

    /// <summary>Still served, until its sunset date.</summary>
    Deprecated,

    /// <summary>Refused with <c>tool_retired</c>.</summary>
    Retired,

    /// <summary>Refused with <c>contract_quarantined</c> until a person decides.</summary>
    Quarantined,
}

public enum Sensitivity
{
    Low,
    Medium,
    High,
}

/// <summary>When a call of the tool counts as recorded.</summary>
public enum AuditMode
{
    /// <summary>Strict unless the contract's annotations say that the tool is read-only; then outcome.</summary>
    Default,

    /// <summary>An intent record is durable before the call is forwarded, and its outcome before the answer leaves.</summary>
    Strict,

    /// <summary>The outcome is durable before the answer leaves.</summary>
    Outcome,

    /// <summary>The answer does not wait. A crash can lose the records of the last moments; nothing else can.</summary>
    Async,
}

/// <summary>The pinned definition of one tool: what a person approved is what a model reads and what calls are held to.</summary>
public sealed record ToolContract : Contract
{
    /// <summary>For a tool of an HTTP API how it is called, as the contract's file has it (<see cref="OpenApi.HttpBinding"/>); otherwise null.</summary>
    /// <remarks>The hash then is over an object that has both as <c>definition</c> and <c>http</c>, since what is called belongs to what was approved.</remarks>
    public JsonElement? Http { get; init; }

    /// <summary>Limits on its calls and what they cost; null for none and one unit.</summary>
    public ToolBudget? Budget { get; init; }

    /// <summary>What happens to a result that breaks the outputSchema.</summary>
    public OutputMode Output { get; init; }

    /// <summary>What happens to arguments that the inputSchema does not name.</summary>
    public AdditionalArguments AdditionalArguments { get; init; }

    /// <summary>Findings about the definition that a person looked at and took; null for none.</summary>
    public IReadOnlyList<GuardAcceptance>? Accepted { get; init; }
}
