using McpServerless.Access;
using McpServerless.Budgets;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether a virtual server's selections find tools, and every exposed name stands for one tool.</summary>
internal static class ServerChecks
{
    private const int MaxToolName = 128;

    public static void Check(CatalogueFile file, VirtualServer server, IReadOnlyList<ToolContract> tools, bool complete, List<CatalogueFinding> findings)
    {
        BudgetChecks.Check(file, "/budgets", LimitHolder.Server, server.Budgets, findings);
        foreach (var clash in Clashes(server, tools)) findings.Add(file.Finding(clash.Rule, clash.Pointer, clash.Message));
        for (var i = 0; complete && i < server.Tools.Count; i++)
        {
            var selection = server.Tools[i];
            var offered = tools.Where(t => t.Upstream == selection.Upstream).ToList();
            for (var n = 0; n < selection.Names.Count; n++)
            {
                var pattern = selection.Names[n];
                if (offered.Exists(t => ToolPattern.Matches(pattern, t.Name))) continue;
                findings.Add(file.Finding(FindingRule.SelectionMatchesNothing, $"/tools/{i}/names/{n}", $"'{pattern}' matches no tool of upstream {selection.Upstream}"));
            }
        }
    }

    /// <summary>Names that would stand for two tools, or are too long. Also for a version that is merged with what is published.</summary>
    public static IEnumerable<(FindingRule Rule, string Pointer, string Message)> Clashes(VirtualServer server, IReadOnlyList<ToolContract> tools)
    {
        var taken = new Dictionary<string, ToolContract>(StringComparer.Ordinal);
        var reported = new HashSet<(int Selection, string Name)>();
        for (var i = 0; i < server.Tools.Count; i++)
        {
            var selection = server.Tools[i];
            foreach (var (name, tool) in ActiveCatalogue.Select(server with { Tools = [selection] }, tools))
            {
                if (name.Length > MaxToolName && reported.Add((i, name)))
                {
                    yield return (FindingRule.ToolNameTooLong, $"/tools/{i}/prefix", $"'{name}' has more than {MaxToolName} characters");
                }

                // The same tool met twice is one tool.
                if (taken.TryAdd(name, tool) || (taken[name].Upstream == tool.Upstream && taken[name].Name == tool.Name) || !reported.Add((i, name))) continue;
                var first = taken[name];
                yield return (
                    FindingRule.ToolNameCollision,
                    $"/tools/{i}",
                    $"'{name}' would stand for {first.Upstream}/{first.Name} and for {tool.Upstream}/{tool.Name}; give one selection a prefix, for example '{tool.Upstream}-'");
            }
        }
    }
}
