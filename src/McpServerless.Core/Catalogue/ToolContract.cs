using System.Text.Json;
using McpServerless.Budgets;

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
public sealed record ToolContract
{
    /// <summary>Name of the upstream that serves it.</summary>
    public required string Upstream { get; init; }

    /// <summary>The upstream's own name of it.</summary>
    public required string Name { get; init; }

    /// <summary>The whole MCP <c>Tool</c> object with every member it had, so that nothing is lost between upstream and agent.</summary>
    public required JsonElement Definition { get; init; }

    /// <summary>SHA-256, lower-case hexadecimal, over the canonical JSON (RFC 8785) of <see cref="Definition"/>.</summary>
    public required string Hash { get; init; }

    public required string Version { get; init; }

    /// <summary>The team that owns it.</summary>
    public required string Team { get; init; }

    public Sensitivity Sensitivity { get; init; } = Sensitivity.Medium;

    public ToolState State { get; init; } = ToolState.Active;

    /// <summary>When a deprecated tool ends; from then on it counts as retired.</summary>
    public DateTimeOffset? Sunset { get; init; }

    public AuditMode Audit { get; init; } = AuditMode.Default;

    /// <summary>A delegated scope needed beyond the gateway's own.</summary>
    public string? RequiredScope { get; init; }

    /// <summary>An app role needed beyond the gateway's own.</summary>
    public string? RequiredRole { get; init; }

    /// <summary>Limits on its calls and what they cost; null for none and one unit.</summary>
    public ToolBudget? Budget { get; init; }
}
