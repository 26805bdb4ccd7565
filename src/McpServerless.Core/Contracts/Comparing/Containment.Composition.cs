namespace McpServerless.Contracts.Comparing;

internal sealed partial class Containment
{
    private sealed partial class Step
    {
        private void CheckComposition()
        {
            CheckAnyOf();
            CheckOneOf();
            CheckNot();
            CheckCondition();
        }

        private void CheckAnyOf()
        {
            if (right.List("anyOf") is not { Count: > 0 } alternatives || alternatives.Any(a => proof.Holds(left, a, null))) return;
            // Where the left side is one case of several, its counterpart says what changed.
            if (found is not null && left.Chosen is { } chosen && chosen < alternatives.Count && !proof.Holds(left, alternatives[chosen], found)) _holds = false;
            else Fail(SchemaConstraint.AnyOf, "/anyOf", "no alternative accepts all that was accepted");
        }

        private void CheckOneOf()
        {
            if (right.List("oneOf") is not { Count: > 0 } alternatives) return;
            for (var i = 0; i < alternatives.Count; i++)
            {
                var others = alternatives.Where((_, k) => k != i).Select(a => Conjunction.Of(a));
                if (proof.Holds(left, alternatives[i], null) && others.All(o => Disjoint(left, o, 4))) return;
            }

            if (left.Conjuncts.Any(c => c.List("oneOf") is { Count: > 0 } known && known.Count == alternatives.Count && known.Zip(alternatives).All(p => proof.Same(p.First, p.Second)))) return;
            if (found is not null && left.Chosen is { } chosen && chosen < alternatives.Count && !proof.Holds(left, alternatives[chosen], found)) _holds = false;
            else Fail(SchemaConstraint.OneOf, "/oneOf", "not exactly one alternative accepts all that was accepted", undecided: left.Has("oneOf") || alternatives.Any(a => proof.Holds(left, a, null)));
        }

        private void CheckNot()
        {
            if (right.Schema("not") is not { } ruledOut) return;
            var values = Conjunction.Of(ruledOut);
            if (Disjoint(left, values, 4)) return;
            var known = left.Conjuncts.SelectMany(c => Conjunction.Present(c.Schema("not"))).ToList();
            if (known.Exists(k => proof.Holds(values, k, null))) return;
            Fail(SchemaConstraint.Not, "/not", "values are ruled out", undecided: known.Count > 0);
        }

        private void CheckCondition()
        {
            if (right.Schema("if") is not { } condition) return;
            var same = left.Conjuncts.Where(c => c.Schema("if") is { } known && proof.Same(known, condition)).ToList();
            var holds = Consequence("then", left.And([condition, .. same.SelectMany(c => Conjunction.Present(c.Schema("then")))]))
                && Consequence("else", left.And(same.SelectMany(c => Conjunction.Present(c.Schema("else")))));
            if (!holds) Fail(SchemaConstraint.Condition, "/if", "if, then, else");

            bool Consequence(string keyword, Conjunction values) => right.Schema(keyword) is not { } schema || proof.Holds(values, schema, null);
        }

        /// <summary>Whether no value is in both; false also where that is not known.</summary>
        private static bool Disjoint(Conjunction a, Conjunction b, int depth)
        {
            var shared = a.Kinds & b.Kinds;
            if (shared == Kinds.None) return true;
            if (a.Values is { } some && b.Values is { } others) return !some.Any(v => others.Any(o => System.Text.Json.JsonElement.DeepEquals(v, o)));
            if ((shared & ~Kinds.Number) == 0 && (Apart(a, b) || Apart(b, a))) return true;
            if (shared != Kinds.Object || depth == 0) return false;
            HashSet<string> required = [.. a.Required, .. b.Required];
            return required.Any(name => Disjoint(a.Property(name), b.Property(name), depth - 1));
        }

        private static bool Apart(Conjunction low, Conjunction high) =>
            low.Upper is { } upper && high.Lower is { } lower && (upper.Value < lower.Value || (upper.Value == lower.Value && (upper.Excluded || lower.Excluded)));
    }
}
