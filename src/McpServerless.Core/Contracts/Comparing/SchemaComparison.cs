using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

/// <summary>Compares two versions of one schema, in both directions.</summary>
/// <remarks>
/// For an input, everything that was valid has to stay valid; for an output, nothing may become valid that was not. Each direction that is not
/// proven gives findings with the rules of the constraints that stand in the way.
/// </remarks>
public static class SchemaComparison
{
    public static IReadOnlyList<ContractChange> Compare(JsonElement before, JsonElement after, SchemaSide side, string subject)
    {
        var at = side == SchemaSide.Input ? "/inputSchema" : "/outputSchema";
        if (JsonElement.DeepEquals(before, after)) return [];
        if ((Refusal(before) ?? Refusal(after)) is { } reason) return [new ContractChange(ChangeRule.InputSchemaRefused, ChangeImpact.Undecidable, subject, side, at, reason)];

        var (old, now) = (new SchemaDocument("a", before), new SchemaDocument("b", after));
        var changes = new List<ContractChange>();
        // What can do harm comes first: the other direction repeats what neither decides.
        var narrowsFirst = side == SchemaSide.Input;
        Add(narrowsFirst ? Containment.Check(old, now) : Containment.Check(now, old), narrowsFirst);
        Add(narrowsFirst ? Containment.Check(now, old) : Containment.Check(old, now), !narrowsFirst);
        changes.AddRange(SchemaWords.Compare(before, after, side, subject, at));
        if (changes.Count == 0) changes.Add(Change(ChangeRule.SchemaRewritten, ChangeImpact.Compatible, at, "accepts the same"));
        return changes;

        void Add(IReadOnlyList<Violation> violations, bool narrowing)
        {
            var harmful = narrowing == (side == SchemaSide.Input);
            foreach (var violation in violations)
            {
                var rule = (violation.IsUndecided ? violation.Constraint.Undecided : narrowing ? violation.Constraint.Narrowed : violation.Constraint.Widened)!;
                var pointer = at + violation.At.Pointer + violation.Path;
                if (violation.IsUndecided && changes.Exists(c => c.Rule == rule)) continue;
                changes.Add(Change(rule, harmful ? side == SchemaSide.Input ? rule.OnInput : rule.OnOutput : ChangeImpact.Compatible, pointer, violation.Detail));
            }
        }

        ContractChange Change(ChangeRule rule, ChangeImpact impact, string pointer, string detail) => new(rule, impact, subject, side, pointer, detail);
    }

    private static string? Refusal(JsonElement schema) => SchemaAdmission.Check(schema) is [var first, ..] ? first.ToString() : null;
}
