using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Catalogue;

namespace McpServerless.Contracts.Comparing;

/// <summary>Compares prompts and resources: which there are, what they say, and how they are served.</summary>
/// <remarks>What their definitions ask of callers is not judged: a change that is not one of words alone is undecided, so that a person looks at it.</remarks>
internal static class FeatureComparison
{
    public const string Prompt = "prompt";

    public const string Resource = "resource";

    /// <param name="kind">Begins the subjects.</param>
    public static IEnumerable<ContractChange> Compare<T>(string kind, IReadOnlyList<T> before, IReadOnlyList<T> after)
        where T : Contract
    {
        var now = after.ToDictionary(c => Subject(kind, c), StringComparer.Ordinal);
        foreach (var contract in before)
        {
            var subject = Subject(kind, contract);
            if (!now.Remove(subject, out var same))
            {
                yield return Change(ChangeRule.FeatureRemoved, subject, "removed");
                continue;
            }

            if (!JsonElement.DeepEquals(contract.Definition, same.Definition))
            {
                yield return JsonNode.DeepEquals(WithoutWords(contract.Definition), WithoutWords(same.Definition))
                    ? Change(ChangeRule.FeatureTextChanged, subject, "other words")
                    : Change(ChangeRule.FeatureUndecided, subject, "another definition");
            }

            foreach (var change in ToolComparison.CompareGovernance(contract, same, subject)) yield return change;
        }

        foreach (var subject in now.Keys) yield return Change(ChangeRule.FeatureAdded, subject, "added");
    }

    /// <summary>Compares what two versions of one virtual server expose.</summary>
    public static IEnumerable<ContractChange> CompareExposed(VirtualServer server, CatalogueVersion before, VirtualServer same, CatalogueVersion after)
    {
        var subject = "server:" + server.Name;
        var (had, has) = (Exposed(server, before), Exposed(same, after));
        foreach (var (name, contract) in had)
        {
            if (!has.TryGetValue(name, out var other)) yield return Change(ChangeRule.FeatureHidden, subject, name);
            else if (contract != other) yield return Change(ChangeRule.FeatureReplaced, subject, $"{name}: {contract} before, {other} now");
        }

        foreach (var name in has.Keys.Where(n => !had.ContainsKey(n))) yield return Change(ChangeRule.FeatureExposed, subject, name);
    }

    /// <summary>Exposed names, each with the subject behind it.</summary>
    private static Dictionary<string, string> Exposed(VirtualServer server, CatalogueVersion version) =>
        ActiveCatalogue.Select(server.Prompts, version.Prompts).Select(p => (Name: $"{Prompt} {p.Name}", Subject: Subject(Prompt, p.Contract)))
            .Concat(ActiveCatalogue.Select(server.Resources, version.Resources).Select(r => (Name: $"{Resource} {r.Name}", Subject: Subject(Resource, r))))
            .DistinctBy(f => f.Name, StringComparer.Ordinal)
            .ToDictionary(f => f.Name, f => f.Subject, StringComparer.Ordinal);

    /// <summary>A definition without what only people and models read; with that of the arguments, which prompts have.</summary>
    private static JsonObject? WithoutWords(JsonElement definition)
    {
        if (JsonObject.Create(definition.Clone()) is not { } copy) return null;
        RemoveWords(copy);
        if (copy["arguments"] is JsonArray arguments)
        {
            foreach (var argument in arguments.OfType<JsonObject>()) RemoveWords(argument);
        }

        return copy;

        static void RemoveWords(JsonObject node)
        {
            foreach (var name in new[] { "title", "description", "icons" }) node.Remove(name);
        }
    }

    private static string Subject(string kind, Contract contract) => $"{kind}:{contract.Upstream}/{contract.Name}";

    private static ContractChange Change(ChangeRule rule, string subject, string detail) => new(rule, rule.OnInput, subject, SchemaSide.None, "", detail);
}
