namespace McpServerless.Catalogue;

/// <summary>An immutable, numbered version of all upstreams, contracts and virtual servers.</summary>
public sealed record CatalogueVersion
{
    /// <summary>1 for the first; 0 stands for "none is active yet".</summary>
    public required long Number { get; init; }

    public required IReadOnlyList<Upstream> Upstreams { get; init; }

    public required IReadOnlyList<ToolContract> Tools { get; init; }

    public IReadOnlyList<PromptContract> Prompts { get; init; } = [];

    public IReadOnlyList<ResourceContract> Resources { get; init; } = [];

    public required IReadOnlyList<VirtualServer> Servers { get; init; }

    /// <summary>Why changes that break callers were accepted in this version; null when there were none.</summary>
    public string? AcceptedBreaking { get; init; }
}
