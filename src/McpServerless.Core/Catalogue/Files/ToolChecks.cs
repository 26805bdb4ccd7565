using System.Text.Json;
using Json.Schema;
using McpServerless.Contracts;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether a tool contract can be held: its schemas within bounds and valid, its life cycle consistent.</summary>
internal static class ToolChecks
{
    public static void Check(CatalogueFile file, ToolContract tool, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        CheckSchema(file, tool, "inputSchema", findings);
        CheckSchema(file, tool, "outputSchema", findings);

        var input = tool.Definition.GetProperty("inputSchema");
        if (!input.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals("object"))
        {
            var pointer = input.TryGetProperty("type", out _) ? "/definition/inputSchema/type" : "/definition/inputSchema";
            findings.Add(file.Finding(FindingRule.InputRootNotObject, pointer, "the root of an inputSchema has to say type: object"));
        }

        foreach (var finding in MirroredParameters.Read(input).Findings)
            findings.Add(file.Finding(FindingRule.HeaderParameterInvalid, "/definition/inputSchema" + finding.Pointer, finding.Message));

        CheckGuards(file, tool, findings);
        if (ActiveCatalogue.NeedsTasks(tool))
        {
            findings.Add(file.Finding(FindingRule.ToolNeedsTasks, "/definition/execution/taskSupport", "is 'required': the tool runs only as a task of MCP 2025-11-25, which is not served, so no virtual server exposes it"));
        }

        LifecycleChecks.Check(file, tool, findings, now);
    }

    private static void CheckGuards(CatalogueFile file, ToolContract tool, List<CatalogueFinding> findings)
    {
        var accepted = (tool.Accepted ?? []).Select(a => a.Rule).ToHashSet(StringComparer.Ordinal);
        var found = DefinitionGuards.Check(tool.Definition);
        foreach (var finding in found.Where(f => !accepted.Contains(f.Rule.Id)))
            findings.Add(file.Finding(finding.Rule.IsBlocking ? FindingRule.GuardBlocks : FindingRule.GuardWarns, "/definition" + finding.Pointer, $"{finding.Rule}: {finding.Rule.Meaning} ({finding.Detail})"));
        foreach (var idle in accepted.Where(rule => rule != GuardRule.LookAlike.Id && !found.Any(f => f.Rule.Id == rule)))
            findings.Add(file.Finding(FindingRule.AcceptanceIdle, "/accepted", $"{idle} is not found in the definition any more"));
    }

    /// <summary>Names of two upstreams that are hard to tell apart.</summary>
    public static void CheckLookAlikes(IReadOnlyList<(CatalogueFile File, ToolContract Item)> tools, List<CatalogueFinding> findings)
    {
        var bySubject = tools.ToLookup(t => $"{t.Item.Upstream}/{t.Item.Name}", StringComparer.Ordinal);
        foreach (var (subject, other) in DefinitionGuards.LookAlikes(tools.Select(t => (t.Item.Upstream, t.Item.Name)).Distinct()))
        {
            var (file, tool) = bySubject[subject].First();
            if ((tool.Accepted ?? []).Any(a => a.Rule == GuardRule.LookAlike.Id)) continue;
            findings.Add(file.Finding(FindingRule.GuardWarns, "/definition/name", $"{GuardRule.LookAlike}: {GuardRule.LookAlike.Meaning} (like {other})"));
        }
    }

    private static void CheckSchema(CatalogueFile file, ToolContract tool, string name, List<CatalogueFinding> findings)
    {
        if (!tool.Definition.TryGetProperty(name, out var schema)) return;
        var pointer = $"/definition/{name}";
        var refused = SchemaAdmission.Check(schema);
        foreach (var finding in refused) findings.Add(file.Finding(FindingRule.SchemaRefused, pointer + finding.Pointer, finding.Message));
        if (refused.Count > 0) return;
        try
        {
            // A value has to be checked before every fault of a schema shows.
            _ = ValueSchema.Build(schema).Check(tool.Definition);
        }
        catch (Exception e) when (e is JsonSchemaException or RefResolutionException or JsonException or ArgumentException)
        {
            findings.Add(file.Finding(FindingRule.SchemaInvalid, pointer, $"is not a valid JSON Schema (draft 2020-12): {e.Message}"));
        }
    }
}
