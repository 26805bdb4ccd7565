using System.Collections.Frozen;
using System.Text.Json;
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
        upstreams[GatewayTools.UpstreamName] = GatewayTools.Upstream;
        var contracts = version.Tools.Concat(GatewayTools.Contracts).ToDictionary(t => t, CompiledContract.Compile);
        return new ActiveCatalogue(version.Number, version.Servers.Select(server => new ServerCatalogue(server, version.Number, Resolve(server))));

        IEnumerable<ExposedFeature> Resolve(VirtualServer server) =>
        [
            .. Select(server.Tools, version.Tools)
                .Where(t => !NeedsTasks(t.Contract))
                .DistinctBy(t => t.Name, StringComparer.Ordinal)
                .Select(t => new ExposedTool(t.Name, contracts[t.Contract], upstreams[t.Contract.Upstream])),
            .. Select(server.Prompts, version.Prompts)
                .DistinctBy(p => p.Name, StringComparer.Ordinal)
                .Select(p => new ExposedPrompt(p.Name, p.Contract, upstreams[p.Contract.Upstream])),
            .. Select(server.Resources, version.Resources)
                .DistinctBy(r => r.Name, StringComparer.Ordinal)
                .Select(r => new ExposedResource(r, upstreams[r.Upstream])),
        ];
    }

    /// <summary>The tools or prompts that selections expose; the first selection wins where a name is met twice.</summary>
    public static IEnumerable<(string Name, T Contract)> Select<T>(IEnumerable<FeatureSelection> selections, IEnumerable<T> contracts)
        where T : Contract
    {
        var byUpstream = contracts.ToLookup(c => c.Upstream, StringComparer.Ordinal);
        return from selection in selections
               from contract in selection.Upstream == GatewayTools.UpstreamName ? GatewayTools.Contracts.OfType<T>() : byUpstream[selection.Upstream]
               where selection.Names.Any(pattern => NamePattern.Matches(pattern, contract.Name))
               select (selection.Prefix + contract.Name, contract);
    }

    /// <summary>The resources that selections expose, under their own URIs.</summary>
    public static IEnumerable<ResourceContract> Select(IEnumerable<ResourceSelection> selections, IEnumerable<ResourceContract> contracts)
    {
        var byUpstream = contracts.ToLookup(c => c.Upstream, StringComparer.Ordinal);
        return from selection in selections
               from contract in byUpstream[selection.Upstream]
               where selection.Uris.Any(pattern => NamePattern.Matches(pattern, contract.Name))
               select contract;
    }

    /// <summary>Whether a tool only runs as a task of 2025-11-25, which the gateway does not serve: it is not exposed.</summary>
    internal static bool NeedsTasks(ToolContract tool) =>
        tool.Definition.TryGetProperty("execution"u8, out var execution)
        && execution.ValueKind == JsonValueKind.Object
        && execution.TryGetProperty("taskSupport"u8, out var support)
        && support.ValueKind == JsonValueKind.String
        && support.ValueEquals("required"u8);
}
