using System.Text.Json;

namespace McpServerless.Catalogue;

/// <summary>The pinned definition of something that an upstream offers, with what governs its use.</summary>
public abstract record Contract
{
    /// <summary>Name of the upstream that serves it.</summary>
    public required string Upstream { get; init; }

    /// <summary>The upstream's own name of it; for a resource its URI or URI template.</summary>
    public required string Name { get; init; }

    /// <summary>The whole MCP object with every member it had, so that nothing is lost between upstream and agent.</summary>
    public required JsonElement Definition { get; init; }

    /// <summary>SHA-256, lower-case hexadecimal, over the canonical JSON (RFC 8785) of <see cref="Definition"/>.</summary>
    public required string Hash { get; init; }

    public required string Version { get; init; }

    /// <summary>The team that owns it.</summary>
    public required string Team { get; init; }

    public Sensitivity Sensitivity { get; init; } = Sensitivity.Medium;

    public ToolState State { get; init; } = ToolState.Active;

    /// <summary>When a deprecated one ends; from then on it counts as retired.</summary>
    public DateTimeOffset? Sunset { get; init; }

    /// <summary>Since when it is deprecated; the first apply that says so fills it in. Told to callers with <see cref="Sunset"/>.</summary>
    public DateTimeOffset? DeprecatedSince { get; init; }

    public AuditMode Audit { get; init; } = AuditMode.Default;

    /// <summary>A delegated scope needed beyond the gateway's own.</summary>
    public string? RequiredScope { get; init; }

    /// <summary>An app role needed beyond the gateway's own.</summary>
    public string? RequiredRole { get; init; }
}
