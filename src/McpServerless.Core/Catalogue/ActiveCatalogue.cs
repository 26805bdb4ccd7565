using System.Collections.Frozen;
using McpServerless.Access;
using McpServerless.Contracts;

namespace McpServerless.Catalogue;

/// <summary>A catalogue version made ready to serve: tools resolved per virtual server, contracts compiled once.</summary>
public sealed class ActiveCatalogue
{
    private readonly FrozenDictionary<string, ServerCatalogue> _servers;

    private ActiveCatalogue(long number, IEnumerable<ServerCatalogue> servers)
    {
        Number = number;
        _servers = servers.ToFrozenDictionary(s => s.Name, StringComparer.Ordinal);
    }

    /// <summary>What is served before the first apply: nothing.</summary>
    public static ActiveCatalogue None { get; } = new(0, []);

    public long Number { get; }

    public IEnumerable<ServerCatalogue> Servers => _servers.Values;

    public ServerCatalogue? Find(string server) => _servers.GetValueOrDefault(server);

    /// <summary>Makes a published version ready. It was checked when it was applied, so a fault here is a fault of the program.</summary>
    public static ActiveCatalogue Compile(CatalogueVersion version)
    {
        var upstreams = version.Upstreams.ToDictionary(u => u.Name, StringComparer.Ordinal);
        var contracts = version.Tools.ToDictionary(t => t, CompiledContract.Compile);
        return new ActiveCatalogue(
            version.Number,
            version.Servers.Select(server => new ServerCatalogue(server, version.Number, Resolve(server, version, upstreams, contracts))));
    }

    /// <summary>The tools that a virtual server exposes, by its selections; the first selection wins where a name is met twice.</summary>
    public static IEnumerable<(string Name, ToolContract Contract)> Select(VirtualServer server, IEnumerable<ToolContract> tools)
    {
        var byUpstream = tools.ToLookup(t => t.Upstream, StringComparer.Ordinal);
        return from selection in server.Tools
               from tool in byUpstream[selection.Upstream]
               where selection.Names.Any(pattern => ToolPattern.Matches(pattern, tool.Name))
               select (selection.Prefix + tool.Name, tool);
    }

    private static IEnumerable<ExposedTool> Resolve(
        VirtualServer server,
        CatalogueVersion version,
        Dictionary<string, Upstream> upstreams,
        Dictionary<ToolContract, CompiledContract> contracts) =>
        Select(server, version.Tools)
            .DistinctBy(t => t.Name, StringComparer.Ordinal)
            .Select(t => new ExposedTool(t.Name, contracts[t.Contract], upstreams[t.Contract.Upstream]));
}

/// <summary>One virtual server of the active catalogue.</summary>
public sealed class ServerCatalogue
{
    private readonly FrozenDictionary<string, ExposedTool> _byName;

    internal ServerCatalogue(VirtualServer definition, long catalogueNumber, IEnumerable<ExposedTool> tools)
    {
        Definition = definition;
        CatalogueNumber = catalogueNumber;
        Tools = [.. tools.OrderBy(t => t.Name, StringComparer.Ordinal)];
        _byName = Tools.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
    }

    public string Name => Definition.Name;

    public VirtualServer Definition { get; }

    public long CatalogueNumber { get; }

    /// <summary>In ordinal order of their names, so that lists are the same every time (MCP 2026-07-28, Tools).</summary>
    public IReadOnlyList<ExposedTool> Tools { get; }

    public ExposedTool? Find(string tool) => _byName.GetValueOrDefault(tool);
}

/// <summary>A tool as one virtual server shows it.</summary>
public sealed class ExposedTool
{
    internal ExposedTool(string name, CompiledContract compiled, Upstream upstream)
    {
        (Name, Compiled, Upstream) = (name, compiled, upstream);
        Definition = ToolDefinition.WithName(compiled.Contract.Definition, name);
    }

    /// <summary>The name that agents use: the upstream's own, with the selection's prefix.</summary>
    public string Name { get; }

    public ToolContract Contract => Compiled.Contract;

    public Upstream Upstream { get; }

    /// <summary>The pinned MCP <c>Tool</c> object under the exposed name, as UTF-8 JSON.</summary>
    public ToolDefinition Definition { get; }

    internal CompiledContract Compiled { get; }
}
