using System.Text.Json;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether a prompt contract can be held: each argument has a name of its own, and the life cycle is consistent.</summary>
internal static class PromptChecks
{
    public static void Check(CatalogueFile file, PromptContract prompt, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        if (prompt.Definition.TryGetProperty("arguments", out var arguments)) CheckArguments(file, arguments, findings);
        LifecycleChecks.Check(file, prompt, findings, now);
    }

    private static void CheckArguments(CatalogueFile file, JsonElement arguments, List<CatalogueFinding> findings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.GetArrayLength(); i++)
        {
            var name = arguments[i].GetProperty("name").GetString()!; // the schema requires it
            if (names.Add(name)) continue;
            findings.Add(file.Finding(FindingRule.PromptArgumentTwice, $"/definition/arguments/{i}/name", $"'{name}' is an argument already"));
        }
    }
}
