using McpServerless.Budgets;

namespace McpServerless.Catalogue;

/// <summary>What an upstream may ask of the agent while it works on a call.</summary>
public enum ClientRequestKind
{
    /// <summary><c>elicitation/create</c> with a form.</summary>
    Elicitation,

    /// <summary><c>elicitation/create</c> with a URL that the user opens.</summary>
    UrlElicitation,

    /// <summary><c>sampling/createMessage</c>: the agent's model works for the upstream.</summary>
    Sampling,

    /// <summary><c>roots/list</c>: the upstream learns about the agent's folders.</summary>
    Roots,
}

/// <summary>A named MCP endpoint that exposes what was chosen for it: one per deployment context.</summary>
public sealed record VirtualServer
{
    public required string Name { get; init; }

    public string? Title { get; init; }

    /// <summary>What the server tells a model about itself. Written here by a person; an upstream's own text never passes.</summary>
    public string? Instructions { get; init; }

    public required IReadOnlyList<FeatureSelection> Tools { get; init; }

    public IReadOnlyList<FeatureSelection> Prompts { get; init; } = [];

    public IReadOnlyList<ResourceSelection> Resources { get; init; } = [];

    /// <summary>What upstreams may ask of agents here, where the agent declares that it can. Forms alone by default.</summary>
    public IReadOnlyList<ClientRequestKind> ClientRequests { get; init; } = [ClientRequestKind.Elicitation];

    /// <summary>Limits on the calls through this server; none by default.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];
}

/// <summary>Tools or prompts of one upstream that a virtual server exposes.</summary>
public sealed record FeatureSelection
{
    public required string Upstream { get; init; }

    /// <summary>Names or globs, as the upstream names them.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Put before each name, so that those of two upstreams do not collide. Empty by default.</summary>
    public string Prefix { get; init; } = "";
}

/// <summary>Resources and templates of one upstream that a virtual server exposes, under their own URIs.</summary>
public sealed record ResourceSelection
{
    public required string Upstream { get; init; }

    /// <summary>URIs, URI templates, or globs of them.</summary>
    public required IReadOnlyList<string> Uris { get; init; }
}
