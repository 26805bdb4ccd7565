using System.Globalization;

namespace McpServerless.Contracts.Comparing;

internal sealed partial class Containment
{
    private sealed partial class Step
    {
        private void CheckLists()
        {
            CheckLeast("minItems", SchemaConstraint.MinItems, left.Most("minItems"));
            var longest = Longest();
            CheckMost("maxItems", SchemaConstraint.MaxItems, longest);
            if (right.Rule("uniqueItems") is { ValueKind: System.Text.Json.JsonValueKind.True } && !(longest <= 1) && !left.Conjuncts.Any(c => c.Rule("uniqueItems") is { ValueKind: System.Text.Json.JsonValueKind.True }))
                Fail(SchemaConstraint.UniqueItems, "/uniqueItems", "uniqueItems");
            CheckItems(longest);
            CheckContains(longest);
            if (right.Rule("unevaluatedItems") is not null && !right.Document.IsDraft07) Fail(SchemaConstraint.Unevaluated, "/unevaluatedItems", "unevaluatedItems");
        }

        /// <summary>A list ends before the first place where nothing is allowed.</summary>
        private decimal? Longest()
        {
            var most = left.Least("maxItems");
            for (var i = 0; i <= left.LongestPrefix; i++)
            {
                if ((i < left.LongestPrefix ? left.Item(i) : left.OtherItem).IsNever) return most < i ? most : i;
            }

            return most;
        }

        private void CheckItems(decimal? longest)
        {
            var prefix = right.PrefixItems;
            for (var i = 0; i < prefix.Count; i++)
            {
                if (longest > i || longest is null) Need(left.Item(i), prefix[i]);
            }

            if (right.Items is not { } rest) return;
            for (var i = prefix.Count; i < left.LongestPrefix; i++)
            {
                if (longest > i || longest is null) Need(left.Item(i), rest);
            }

            if (longest > Math.Max(prefix.Count, left.LongestPrefix) || longest is null) Need(left.OtherItem, rest);
        }

        private void CheckContains(decimal? longest)
        {
            if (right.Schema("contains") is not { } schema) return;
            var (least, most) = Counts(right);
            if (least > 0 && !HasEnough(schema, least)) FailContains($"at least {least.ToString(CultureInfo.InvariantCulture)}");
            if (most is { } limit && !(longest <= limit) && !HasFewEnough(schema, limit)) FailContains($"at most {limit.ToString(CultureInfo.InvariantCulture)}");
        }

        private void FailContains(string detail) => Fail(SchemaConstraint.Contains, "/contains", detail, undecided: left.Has("contains"));

        private bool HasEnough(SchemaNode schema, decimal least)
        {
            if (left.Most("minItems") >= least && left.LongestPrefix == 0 && proof.Holds(left.OtherItem, schema, null)) return true;
            return left.Conjuncts.Any(c => c.Schema("contains") is { } known && Counts(c).Least >= least && proof.Holds(Conjunction.Of(known), schema, null));
        }

        /// <summary>What counts on the right has to count on the left, where there are few enough.</summary>
        private bool HasFewEnough(SchemaNode schema, decimal most) =>
            left.Conjuncts.Any(c => c.Schema("contains") is { } known && Counts(c).Most <= most && proof.Holds(Conjunction.Of(schema), known, null));

        private static (decimal Least, decimal? Most) Counts(SchemaNode node) => node.Document.IsDraft07
            ? (1, null)
            : (node.Number("minContains") ?? 1, node.Number("maxContains"));
    }
}
