using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Contracts.Comparing;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Contracts.Watching;

/// <summary>What a live definition is, beside the pinned one.</summary>
/// <param name="LiveHash">Null when the upstream has no such tool.</param>
internal sealed record DriftJudgement(DriftVerdict Verdict, string? LiveHash, JsonElement? Live, IReadOnlyList<string> Rules, IReadOnlyList<string> Findings)
{
    /// <summary>Rule id of a schema that is not admitted.</summary>
    public const string SchemaRefused = "schema-refused";

    /// <summary>Rule id of a tool that is listed more than once, so that nobody can say which one is called.</summary>
    public const string ListedTwice = "listed-twice";

    /// <summary>More says no more.</summary>
    private const int MaxFindings = 50;

    private const int MaxFindingLength = 400;

    /// <summary>Whether the tool is not to be served until a person decides.</summary>
    public bool IsSevere => Verdict is DriftVerdict.Breaking or DriftVerdict.Suspicious;

    /// <summary>Compares a contract with all that an upstream lists under its name.</summary>
    public static DriftJudgement Of(ToolContract pinned, IReadOnlyList<JsonElement> live)
    {
        if (live.Count == 0) return new(DriftVerdict.Breaking, null, null, [ChangeRule.ToolRemoved.Id], [$"{ChangeRule.ToolRemoved}: the upstream has no such tool any more"]);
        var (definition, hash) = (live[0], LiveDefinition.HashOf(live[0]));
        if (live.Count > 1) return new(DriftVerdict.Suspicious, hash, definition, [ListedTwice], [$"{ListedTwice}: {live.Count} tools of this name"]);
        if (LiveDefinition.HashOf(pinned.Definition) == hash) return new(DriftVerdict.Returned, hash, definition, [], []);

        var (rules, findings) = (new SortedSet<string>(StringComparer.Ordinal), new List<string>());
        FindSuspicions(pinned, definition, Add);
        // A schema that is not admitted is not looked into: that is what the bounds are for.
        if (rules.Contains(SchemaRefused)) return new(DriftVerdict.Suspicious, hash, definition, [.. rules], findings);
        var suspicious = rules.Count > 0;
        var changes = ToolComparison.Compare(LiveDefinition.WithoutRules(pinned.Definition), definition, $"{pinned.Upstream}/{pinned.Name}");
        foreach (var change in changes.OrderByDescending(c => c.Impact)) Add(change.Rule.Id, change.Pointer, change.Detail);
        var verdict = suspicious ? DriftVerdict.Suspicious
            : changes.Any(c => c.NeedsApproval) ? DriftVerdict.Breaking
            : changes.Any(c => c.Impact == ChangeImpact.Compatible) ? DriftVerdict.Compatible
            : DriftVerdict.TextOnly;
        return new(verdict, hash, definition, [.. rules], findings);

        void Add(string rule, string pointer, string detail)
        {
            rules.Add(rule);
            var line = $"{rule} {pointer}: {detail}";
            if (findings.Count < MaxFindings) findings.Add(line.Length <= MaxFindingLength ? line : line[..MaxFindingLength]);
        }
    }

    /// <summary>What would stop the definition at an import or an apply.</summary>
    /// <param name="found">Rule id, JSON pointer, and what is wrong.</param>
    public static void FindSuspicions(ToolContract pinned, JsonElement definition, Action<string, string, string> found)
    {
        foreach (var name in new[] { "inputSchema", "outputSchema" })
        {
            if (!definition.TryGetProperty(name, out var schema)) continue;
            foreach (var finding in SchemaAdmission.Check(schema)) found(SchemaRefused, $"/{name}{finding.Pointer}", finding.Message);
        }

        var accepted = (pinned.Accepted ?? []).Select(a => a.Rule).ToHashSet(StringComparer.Ordinal);
        foreach (var finding in DefinitionGuards.Check(definition).Where(f => f.Rule.IsBlocking && !accepted.Contains(f.Rule.Id)))
            found(finding.Rule.Id, finding.Pointer, finding.Detail);
    }
}
