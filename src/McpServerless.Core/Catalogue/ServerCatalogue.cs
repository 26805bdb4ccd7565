using System.Collections.Frozen;

namespace McpServerless.Catalogue;

/// <summary>One virtual server of the active catalogue.</summary>
public sealed class ServerCatalogue
{
    private readonly FrozenDictionary<string, ExposedFeature> _tools;
    private readonly FrozenDictionary<string, ExposedFeature> _prompts;
    private readonly FrozenDictionary<string, ExposedFeature> _resources;
    private readonly IReadOnlyList<ExposedResource> _templates;

    internal ServerCatalogue(VirtualServer definition, long catalogueNumber, IEnumerable<ExposedFeature> features)
    {
        Definition = definition;
        CatalogueNumber = catalogueNumber;
        Features = [.. features.OrderBy(f => f.Kind).ThenBy(f => f.Name, StringComparer.Ordinal)];
        _tools = OfKind(SubjectKind.Tool);
        _prompts = OfKind(SubjectKind.Prompt);
        _resources = OfKind(SubjectKind.Resource);
        _templates = [.. Features.OfType<ExposedResource>().Where(r => r.Template is not null)];
        Upstreams = [.. Features.Select(f => f.Upstream).Where(u => u.Protocol == UpstreamProtocol.Mcp).DistinctBy(u => u.Name, StringComparer.Ordinal).OrderBy(u => u.Name, StringComparer.Ordinal)];
    }

    public string Name => Definition.Name;

    public VirtualServer Definition { get; }

    public long CatalogueNumber { get; }

    /// <summary>By kind, and in ordinal order of their names, so that lists are the same every time (MCP 2026-07-28, Tools).</summary>
    public IReadOnlyList<ExposedFeature> Features { get; }

    public IEnumerable<ExposedTool> Tools => Features.OfType<ExposedTool>();

    /// <summary>The MCP servers behind what is exposed, by name. HTTP APIs have neither sessions nor capabilities.</summary>
    public IReadOnlyList<Upstream> Upstreams { get; }

    /// <summary>The MCP server of a name, as long as something of it is exposed here.</summary>
    public Upstream? FindUpstream(string name) => Upstreams.FirstOrDefault(u => u.Name == name);

    /// <summary>What a name or URI stands for here; null for nothing. A URI that is a resource of its own is that before any template.</summary>
    public ExposedFeature? Find(SubjectKind kind, string name) => kind switch
    {
        SubjectKind.Tool => _tools.GetValueOrDefault(name),
        SubjectKind.Prompt => _prompts.GetValueOrDefault(name),
        _ => _resources.GetValueOrDefault(name) ?? _templates.FirstOrDefault(t => t.StandsFor(name)),
    };

    /// <summary>What is exposed of one kind, in order, from the first name after a given one.</summary>
    internal IEnumerable<ExposedFeature> Of(SubjectKind kind, string after)
    {
        for (var i = FirstAfter(kind, after); i < Features.Count && Features[i].Kind == kind; i++) yield return Features[i];
    }

    private int FirstAfter(SubjectKind kind, string after)
    {
        var (low, high) = (0, Features.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var feature = Features[middle];
            if (feature.Kind < kind || (feature.Kind == kind && string.CompareOrdinal(feature.Name, after) <= 0)) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private FrozenDictionary<string, ExposedFeature> OfKind(SubjectKind kind) =>
        Features.Where(f => f.Kind == kind).ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);
}
