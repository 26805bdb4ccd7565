using System.Text.Json;
using McpServerless.Catalogue;

namespace McpServerless.Contracts.Comparing;

/// <summary>Compares two sets of contracts, with the virtual servers that expose them.</summary>
public static class CatalogueComparison
{
    /// <summary>What changed, worst first, then by subject.</summary>
    public static IReadOnlyList<ContractChange> Compare(CatalogueVersion before, CatalogueVersion after) => Sorted(
        [
            .. Tools(before.Tools, after.Tools, withGovernance: true),
            .. FeatureComparison.Compare(FeatureComparison.Prompt, before.Prompts, after.Prompts),
            .. FeatureComparison.Compare(FeatureComparison.Resource, before.Resources, after.Resources),
            .. Servers(before, after),
            .. Upstreams(before, after),
        ]);

    /// <summary>Compares pinned contracts with what an upstream shows now, which says nothing of how the gateway serves it.</summary>
    public static IReadOnlyList<ContractChange> CompareDefinitions(IReadOnlyList<ToolContract> before, IReadOnlyList<ToolContract> after) => Sorted([.. Tools(before, after, withGovernance: false)]);

    private static List<ContractChange> Sorted(List<ContractChange> changes) =>
        [.. changes.OrderByDescending(c => c.Impact).ThenBy(c => c.Subject, StringComparer.Ordinal).ThenBy(c => c.Side).ThenBy(c => c.Pointer, StringComparer.Ordinal).ThenBy(c => c.Rule.Id, StringComparer.Ordinal)];

    private static IEnumerable<ContractChange> Tools(IReadOnlyList<ToolContract> before, IReadOnlyList<ToolContract> after, bool withGovernance)
    {
        var (old, now) = (before.ToDictionary(Subject, StringComparer.Ordinal), after.ToDictionary(Subject, StringComparer.Ordinal));
        var added = now.Where(t => !old.ContainsKey(t.Key)).ToList();
        foreach (var (subject, tool) in old)
        {
            if (now.TryGetValue(subject, out var same))
            {
                foreach (var change in ToolComparison.Compare(tool.Definition, same.Definition, subject)) yield return change;
                if (!withGovernance) continue;
                foreach (var change in ToolComparison.CompareHttp(tool, same, subject).Concat(ToolComparison.CompareGovernance(tool, same, subject))) yield return change;
                continue;
            }

            var twin = added.Find(t => t.Value.Upstream == tool.Upstream && SameSchemas(tool.Definition, t.Value.Definition));
            yield return twin.Value is { } renamed
                ? Change(ChangeRule.ToolRenamed, subject, $"perhaps {renamed.Name} now: its schemas are the same")
                : Change(ChangeRule.ToolRemoved, subject, "removed");
        }

        foreach (var (subject, _) in added) yield return Change(ChangeRule.ToolAdded, subject, "added");
    }

    private static IEnumerable<ContractChange> Servers(CatalogueVersion before, CatalogueVersion after)
    {
        var now = after.Servers.ToDictionary(s => s.Name, StringComparer.Ordinal);
        foreach (var server in before.Servers)
        {
            var subject = "server:" + server.Name;
            if (!now.Remove(server.Name, out var same))
            {
                yield return Change(ChangeRule.ServerRemoved, subject, "removed");
                continue;
            }

            if (server.Title != same.Title || server.Instructions != same.Instructions) yield return Change(ChangeRule.ServerTextChanged, subject, "another text");
            var (had, has) = (Exposed(server, before), Exposed(same, after));
            foreach (var (name, tool) in had)
            {
                if (!has.TryGetValue(name, out var other)) yield return Change(ChangeRule.ToolHidden, subject, $"{name} ({Subject(tool)})");
                else if (Subject(tool) != Subject(other)) yield return Change(ChangeRule.ToolReplaced, subject, $"{name}: {Subject(tool)} before, {Subject(other)} now");
            }

            foreach (var name in has.Keys.Where(n => !had.ContainsKey(n))) yield return Change(ChangeRule.ToolExposed, subject, $"{name} ({Subject(has[name])})");
            foreach (var change in FeatureComparison.CompareExposed(server, before, same, after)) yield return change;
        }

        foreach (var name in now.Keys) yield return Change(ChangeRule.ServerAdded, "server:" + name, "added");
    }

    private static IEnumerable<ContractChange> Upstreams(CatalogueVersion before, CatalogueVersion after)
    {
        var now = after.Upstreams.ToDictionary(u => u.Name, StringComparer.Ordinal);
        return before.Upstreams.Where(u => now.TryGetValue(u.Name, out var same) && same != u).Select(u => Change(ChangeRule.UpstreamMoved, "upstream:" + u.Name, now[u.Name].Url.ToString()));
    }

    private static Dictionary<string, ToolContract> Exposed(VirtualServer server, CatalogueVersion version) =>
        ActiveCatalogue.Select(server.Tools, version.Tools).Where(t => !ActiveCatalogue.NeedsTasks(t.Contract)).DistinctBy(t => t.Name, StringComparer.Ordinal).ToDictionary(t => t.Name, t => t.Contract, StringComparer.Ordinal);

    private static bool SameSchemas(JsonElement a, JsonElement b) => SameMember(a, b, "inputSchema") && SameMember(a, b, "outputSchema")
        // Two tools without arguments are alike without being one.
        && a.TryGetProperty("inputSchema", out var input) && input.ValueKind == JsonValueKind.Object
        && input.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && properties.EnumerateObject().Any();

    private static bool SameMember(JsonElement a, JsonElement b, string name) =>
        a.TryGetProperty(name, out var x) ? b.TryGetProperty(name, out var y) && JsonElement.DeepEquals(x, y) : !b.TryGetProperty(name, out _);

    private static string Subject(ToolContract tool) => $"{tool.Upstream}/{tool.Name}";

    private static ContractChange Change(ChangeRule rule, string subject, string detail) => new(rule, rule.OnInput, subject, SchemaSide.None, "", detail);
}
