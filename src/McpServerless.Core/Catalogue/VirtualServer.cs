using McpServerless.Budgets;

namespace McpServerless.Catalogue;

/// <summary>A named MCP endpoint that exposes chosen tools: one per deployment context.</summary>
public sealed record VirtualServer
{
    public required string Name { get; init; }

    public string? Title { get; init; }

    /// <summary>What the server tells a model about itself. Written here by a person; an upstream's own text never passes.</summary>
    public string? Instructions { get; init; }

    public required IReadOnlyList<ToolSelection> Tools { get; init; }

    /// <summary>Limits on the calls through this server; none by default.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];
}

/// <summary>Tools of one upstream that a virtual server exposes.</summary>
public sealed record ToolSelection
{
    public required string Upstream { get; init; }

    /// <summary>Names or globs of the upstream's tools.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Put before each name, so that tools of two upstreams do not collide. Empty by default.</summary>
    public string Prefix { get; init; } = "";
}
