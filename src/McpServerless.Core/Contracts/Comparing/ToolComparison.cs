using System.Text.Json;
using McpServerless.Catalogue;

namespace McpServerless.Contracts.Comparing;

/// <summary>Compares two definitions of one tool: the MCP <c>Tool</c> object with its schemas, words and hints.</summary>
public static class ToolComparison
{
    /// <summary>Members whose meaning is known, and is judged here.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "name", "title", "description", "icons", "inputSchema", "outputSchema", "annotations", "execution", "_meta" };

    private static readonly (string Hint, bool Default, ChangeRule Lost, ChangeRule Gained)[] Hints =
    [
        // Defaults of MCP, ToolAnnotations.
        ("readOnlyHint", false, ChangeRule.ReadOnlyLost, ChangeRule.ReadOnlyGained),
        ("destructiveHint", true, ChangeRule.DestructiveLost, ChangeRule.DestructiveGained),
        ("idempotentHint", false, ChangeRule.IdempotentLost, ChangeRule.IdempotentGained),
        ("openWorldHint", true, ChangeRule.OpenWorldLost, ChangeRule.OpenWorldGained),
    ];

    /// <summary>What changed from one definition to the other; empty when both are the same value.</summary>
    public static IReadOnlyList<ContractChange> Compare(JsonElement before, JsonElement after, string subject)
    {
        var changes = new List<ContractChange>();
        if (JsonElement.DeepEquals(before, after)) return changes;
        if (Get(before, "inputSchema") is { } oldInput && Get(after, "inputSchema") is { } newInput) changes.AddRange(SchemaComparison.Compare(oldInput, newInput, SchemaSide.Input, subject));
        else if (Differs("inputSchema")) Add(ChangeRule.InputSchemaRefused, "/inputSchema", "one of the definitions has no inputSchema");
        CompareOutput();
        if (Differs("description")) Add(ChangeRule.DescriptionChanged, "/description", "another text");
        if (Differs("title") || Differs("icons")) Add(ChangeRule.TitleChanged, "/title", "another title or icon");
        if (Differs("_meta")) Add(ChangeRule.MetaChanged, "/_meta", "another value");
        CompareHints();
        CompareTaskSupport();
        foreach (var name in before.EnumerateObject().Concat(after.EnumerateObject()).Select(m => m.Name).Distinct(StringComparer.Ordinal))
        {
            if (!Known.Contains(name) && Differs(name)) Add(ChangeRule.MemberChanged, "/" + JsonPointers.Escape(name), "another value");
        }

        return changes;

        void CompareOutput()
        {
            switch (Get(before, "outputSchema"), Get(after, "outputSchema"))
            {
                case ({ } old, { } now):
                    changes.AddRange(SchemaComparison.Compare(old, now, SchemaSide.Output, subject));
                    break;
                case (null, { }):
                    Add(ChangeRule.OutputSchemaAdded, "/outputSchema", "added");
                    break;
                case ({ }, null):
                    Add(ChangeRule.OutputSchemaRemoved, "/outputSchema", "removed");
                    break;
            }
        }

        void CompareHints()
        {
            var (old, now) = (Get(before, "annotations"), Get(after, "annotations"));
            foreach (var (hint, otherwise, lost, gained) in Hints)
            {
                var (was, value) = (Flag(old, hint) ?? otherwise, Flag(now, hint) ?? otherwise);
                if (was != value) Add(value ? gained : lost, "/annotations/" + hint, value ? "true now" : "false now");
            }

            foreach (var name in Members(old).Concat(Members(now)).Distinct(StringComparer.Ordinal).Where(n => !Hints.Any(h => h.Hint == n)))
            {
                if (!Same(Get(old, name), Get(now, name))) Add(ChangeRule.AnnotationChanged, "/annotations/" + JsonPointers.Escape(name), "another value");
            }
        }

        void CompareTaskSupport()
        {
            // MCP, Tool.execution: "forbidden" where it is not said.
            var (was, value) = (Ways(Get(before, "execution")), Ways(Get(after, "execution")));
            if ((was & ~value) != 0) Add(ChangeRule.TaskSupportNarrowed, "/execution/taskSupport", $"{was} before, {value} now");
            if ((value & ~was) != 0) Add(ChangeRule.TaskSupportWidened, "/execution/taskSupport", $"{was} before, {value} now");
            if (was == value && Differs("execution")) Add(ChangeRule.MemberChanged, "/execution", "another value");
        }

        bool Differs(string name) => !Same(Get(before, name), Get(after, name));

        void Add(ChangeRule rule, string pointer, string detail) => changes.Add(new ContractChange(rule, rule.OnInput, subject, SchemaSide.None, pointer, detail));
    }

    /// <summary>Compares what the gateway does with a tool, beside its definition.</summary>
    public static IEnumerable<ContractChange> CompareGovernance(Contract before, Contract after, string subject)
    {
        if (before.State != after.State)
        {
            yield return Change(after.State switch
            {
                ToolState.Retired => ChangeRule.ToolRetired,
                ToolState.Quarantined => ChangeRule.ToolQuarantined,
                ToolState.Deprecated => ChangeRule.ToolDeprecated,
                _ => ChangeRule.ToolServed,
            }, "/state", $"{before.State} before, {after.State} now");
        }

        if (before.State == ToolState.Deprecated && after.State == ToolState.Deprecated && before.Sunset != after.Sunset)
            yield return Change(after.Sunset is { } sunset && !(before.Sunset < sunset) ? ChangeRule.SunsetEarlier : ChangeRule.SunsetLater, "/sunset", "another date");
        if (before.RequiredScope != after.RequiredScope) yield return Change(after.RequiredScope is null ? ChangeRule.ScopeDropped : ChangeRule.ScopeNeeded, "/requiredScope", after.RequiredScope ?? "none");
        if (before.RequiredRole != after.RequiredRole) yield return Change(after.RequiredRole is null ? ChangeRule.RoleDropped : ChangeRule.RoleNeeded, "/requiredRole", after.RequiredRole ?? "none");
        if (before is ToolContract old && after is ToolContract now)
        {
            if (old.Output != now.Output) yield return Change(now.Output > old.Output ? ChangeRule.OutputCheckLoosened : ChangeRule.OutputCheckTightened, "/output", $"{old.Output} before, {now.Output} now");
            if (old.AdditionalArguments != now.AdditionalArguments)
            {
                yield return Change(
                    (old.AdditionalArguments, now.AdditionalArguments) switch
                    {
                        (AdditionalArguments.Reject, _) or (_, AdditionalArguments.Keep) => ChangeRule.AdditionalArgumentsTaken,
                        _ => ChangeRule.AdditionalArgumentsRefused,
                    },
                    "/additionalArguments",
                    $"{old.AdditionalArguments} before, {now.AdditionalArguments} now");
            }
        }

        if ((before.Version, before.Team, before.Sensitivity, before.Audit) != (after.Version, after.Team, after.Sensitivity, after.Audit))
            yield return Change(ChangeRule.GovernanceChanged, "", $"version {before.Version} to {after.Version}, team {after.Team}, {after.Sensitivity}, {after.Audit}");

        ContractChange Change(ChangeRule rule, string pointer, string detail) => new(rule, rule.OnInput, subject, SchemaSide.None, pointer, detail);
    }

    /// <summary>Compares how calls of a tool of an HTTP API become requests, which no caller sees and any may notice.</summary>
    public static IEnumerable<ContractChange> CompareHttp(ToolContract before, ToolContract after, string subject)
    {
        if (!Same(before.Http, after.Http)) yield return new ContractChange(ChangeRule.HttpChanged, ChangeRule.HttpChanged.OnInput, subject, SchemaSide.None, "", "another method, path, parameter, body or status");
    }

    [Flags]
    private enum CallWays
    {
        None = 0,
        Plain = 1,
        Task = 2,
    }

    private static CallWays Ways(JsonElement? execution) => (Get(execution, "taskSupport") is { ValueKind: JsonValueKind.String } support ? support.GetString() : null) switch
    {
        "required" => CallWays.Task,
        "optional" => CallWays.Plain | CallWays.Task,
        _ => CallWays.Plain,
    };

    private static JsonElement? Get(JsonElement? node, string name) => node is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var member) ? member : null;

    private static IEnumerable<string> Members(JsonElement? node) => node is { ValueKind: JsonValueKind.Object } value ? value.EnumerateObject().Select(m => m.Name) : [];

    private static bool? Flag(JsonElement? node, string name) => Get(node, name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    private static bool Same(JsonElement? a, JsonElement? b) => a is { } x && b is { } y ? JsonElement.DeepEquals(x, y) : a is null && b is null;
}
