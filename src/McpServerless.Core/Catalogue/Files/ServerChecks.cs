using McpServerless.Access;
using McpServerless.Budgets;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether a virtual server's selections find something, and every exposed name or URI stands for one thing.</summary>
internal static class ServerChecks
{
    /// <summary>Of a tool by MCP; of a prompt the same, so that both fit into records and headers.</summary>
    private const int MaxName = 128;

    public static void Check(CatalogueFile file, VirtualServer server, CatalogueVersion catalogue, bool complete, List<CatalogueFinding> findings)
    {
        BudgetChecks.Check(file, "/budgets", LimitHolder.Server, server.Budgets, findings);
        foreach (var clash in Clashes(server, catalogue)) findings.Add(file.Finding(clash.Rule, clash.Pointer, clash.Message));

        // What a broken file would offer cannot be matched, and is not reported as missing.
        if (!complete) return;
        for (var i = 0; i < server.Tools.Count; i++) CheckMatches($"/tools/{i}/names", "tool", server.Tools[i].Upstream, server.Tools[i].Names, catalogue.Tools.Concat(GatewayTools.Contracts));
        for (var i = 0; i < server.Prompts.Count; i++) CheckMatches($"/prompts/{i}/names", "prompt", server.Prompts[i].Upstream, server.Prompts[i].Names, catalogue.Prompts);
        for (var i = 0; i < server.Resources.Count; i++) CheckMatches($"/resources/{i}/uris", "resource", server.Resources[i].Upstream, server.Resources[i].Uris, catalogue.Resources);

        void CheckMatches(string pointer, string kind, string upstream, IReadOnlyList<string> patterns, IEnumerable<Contract> contracts)
        {
            var offered = contracts.Where(c => c.Upstream == upstream).ToList();
            for (var n = 0; n < patterns.Count; n++)
            {
                if (offered.Exists(c => NamePattern.Matches(patterns[n], c.Name))) continue;
                findings.Add(file.Finding(FindingRule.SelectionMatchesNothing, $"{pointer}/{n}", $"'{patterns[n]}' matches no {kind} of upstream {upstream}"));
            }
        }
    }

    /// <summary>Names or URIs that would stand for two things, or are too long. Also for a version that is merged with what is published.</summary>
    public static IEnumerable<(FindingRule Rule, string Pointer, string Message)> Clashes(VirtualServer server, CatalogueVersion catalogue) =>
    [
        .. Clashes("tools", server.Tools, catalogue.Tools, FindingRule.ToolNameCollision, FindingRule.ToolNameTooLong),
        .. Clashes("prompts", server.Prompts, catalogue.Prompts, FindingRule.PromptNameCollision, FindingRule.PromptNameTooLong),
        .. UriClashes(server, catalogue.Resources),
    ];

    private static IEnumerable<(FindingRule Rule, string Pointer, string Message)> Clashes<T>(
        string member, IReadOnlyList<FeatureSelection> selections, IReadOnlyList<T> contracts, FindingRule collision, FindingRule tooLong)
        where T : Contract
    {
        var taken = new Dictionary<string, T>(StringComparer.Ordinal);
        var reported = new HashSet<(int Selection, string Name)>();
        for (var i = 0; i < selections.Count; i++)
        {
            foreach (var (name, contract) in ActiveCatalogue.Select([selections[i]], contracts))
            {
                if (name.Length > MaxName && reported.Add((i, name))) yield return (tooLong, $"/{member}/{i}/prefix", $"'{name}' has more than {MaxName} characters");

                // The same one met twice is one.
                if (taken.TryAdd(name, contract) || (taken[name].Upstream == contract.Upstream && taken[name].Name == contract.Name) || !reported.Add((i, name))) continue;
                var first = taken[name];
                yield return (
                    collision,
                    $"/{member}/{i}",
                    $"'{name}' would stand for {first.Upstream}/{first.Name} and for {contract.Upstream}/{contract.Name}; give one selection a prefix, for example '{contract.Upstream}-'");
            }
        }
    }

    private static IEnumerable<(FindingRule Rule, string Pointer, string Message)> UriClashes(VirtualServer server, IReadOnlyList<ResourceContract> resources)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < server.Resources.Count; i++)
        {
            foreach (var resource in ActiveCatalogue.Select([server.Resources[i]], resources).DistinctBy(r => r.Name, StringComparer.Ordinal))
            {
                if (taken.TryAdd(resource.Name, resource.Upstream) || taken[resource.Name] == resource.Upstream) continue;
                yield return (
                    FindingRule.ResourceUriCollision,
                    $"/resources/{i}",
                    $"'{resource.Name}' is served by {taken[resource.Name]} and by {resource.Upstream}; a URI cannot be renamed, so select it from one of them");
            }
        }
    }
}
