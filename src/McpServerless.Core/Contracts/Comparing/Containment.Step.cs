using System.Globalization;
using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

internal sealed partial class Containment
{
    /// <summary>One schema of the right side, keyword by keyword.</summary>
    private sealed partial class Step(Containment proof, Conjunction left, SchemaNode right, List<Violation>? found)
    {
        private readonly Kinds _kinds = left.Kinds;
        private bool _holds = true;

        public bool Run()
        {
            if (_kinds == Kinds.None) return true;
            if (right.IsFalse)
            {
                Fail(SchemaConstraint.Anything, "", "no value is allowed");
                return false;
            }

            CheckReference();
            CheckKinds();
            CheckValues();
            if (May(Kinds.Number)) CheckNumbers();
            if (May(Kinds.String)) CheckTexts();
            if (May(Kinds.Object)) CheckObjects();
            if (May(Kinds.Array)) CheckLists();
            CheckComposition();
            return _holds;
        }

        private bool May(Kinds kinds) => (_kinds & kinds) != 0;

        private void Fail(SchemaConstraint constraint, string path, string detail, bool undecided = false)
        {
            _holds = false;
            if (found is null) return;
            // A rule that has no certain form is undecided by nature.
            var violation = new Violation(constraint, right, path, detail, undecided || constraint.Narrowed is null);
            if (!found.Exists(v => v.Constraint == constraint && v.At.Key == right.Key && v.Path == path)) found.Add(violation);
        }

        private void Need(Conjunction part, SchemaNode? schema)
        {
            // When only the answer counts, the first no is enough.
            if (schema is null || (!_holds && found is null)) return;
            if (!proof.Holds(part, schema, found)) _holds = false;
        }

        private void CheckReference()
        {
            if (right.Rule("$dynamicRef") is not null) Fail(SchemaConstraint.Reference, "/$dynamicRef", "$dynamicRef is not followed");
            if (right.Text("$ref") is { } reference)
            {
                if (right.Document.Resolve(reference) is { } target) Need(left, target);
                else Fail(SchemaConstraint.Reference, "/$ref", $"{reference} leads nowhere");
            }

            foreach (var member in right.List("allOf")) Need(left, member);
        }

        private void CheckKinds()
        {
            var more = _kinds & ~Conjunction.Declared(right);
            if (more != 0) Fail(SchemaConstraint.Type, "/type", $"{Describe(more)} is not among {Raw("type")}");
        }

        private void CheckValues()
        {
            foreach (var keyword in (string[])["enum", "const"])
            {
                if (right.Rule(keyword) is not { } rule || (keyword == "enum" && rule.ValueKind != JsonValueKind.Array)) continue;
                JsonElement[] members = keyword == "enum" ? [.. rule.EnumerateArray()] : [rule];
                var values = left.Values;
                if (values is null)
                {
                    Fail(SchemaConstraint.Enum, "/" + keyword, $"only {Raw(keyword)}");
                    continue;
                }

                var gone = values.Where(v => !members.Any(m => JsonElement.DeepEquals(m, v))).ToList();
                if (gone.Count > 0) Fail(SchemaConstraint.Enum, "/" + keyword, $"{string.Join(", ", gone.Take(5).Select(Short))} not among {Raw(keyword)}");
            }
        }

        private void CheckNumbers()
        {
            CheckBound("minimum", left.Lower, SchemaConstraint.Minimum, (known, wanted) => known.Value >= wanted);
            CheckBound("exclusiveMinimum", left.Lower, SchemaConstraint.Minimum, (known, wanted) => known.Value > wanted || (known.Value == wanted && known.Excluded));
            CheckBound("maximum", left.Upper, SchemaConstraint.Maximum, (known, wanted) => known.Value <= wanted);
            CheckBound("exclusiveMaximum", left.Upper, SchemaConstraint.Maximum, (known, wanted) => known.Value < wanted || (known.Value == wanted && known.Excluded));
            if (right.Rule("multipleOf") is not { } rule) return;
            if (Numbers.Read(rule) is not { } divisor) Fail(SchemaConstraint.Bound, "/multipleOf", Raw("multipleOf"));
            else if (!Divisors().Any(known => Numbers.IsMultiple(known, divisor))) Fail(SchemaConstraint.MultipleOf, "/multipleOf", $"only multiples of {Raw("multipleOf")}");

            IEnumerable<decimal> Divisors() => [.. May(Kinds.Fraction) ? [] : (decimal[])[1], .. left.Conjuncts.Select(c => c.Number("multipleOf")).OfType<decimal>()];
        }

        private void CheckBound(string keyword, (decimal Value, bool Excluded)? known, SchemaConstraint constraint, Func<(decimal Value, bool Excluded), decimal, bool> keeps)
        {
            if (right.Rule(keyword) is not { } rule) return;
            if (Numbers.Read(rule) is not { } wanted) Fail(SchemaConstraint.Bound, "/" + keyword, Raw(keyword));
            else if (known is not { } bound || !keeps(bound, wanted)) Fail(constraint, "/" + keyword, $"{keyword} {Raw(keyword)}{(known is { } was ? $" against {Text(was.Value)}" : "")}");
        }

        private void CheckTexts()
        {
            CheckLeast("minLength", SchemaConstraint.MinLength, left.Most("minLength"));
            CheckMost("maxLength", SchemaConstraint.MaxLength, left.Least("maxLength"));
            CheckSame("pattern", SchemaConstraint.Pattern);
            CheckSame("format", SchemaConstraint.Format);
        }

        private void CheckSame(string keyword, SchemaConstraint constraint)
        {
            if (right.Text(keyword) is { } text && !left.Says(keyword, text)) Fail(constraint, "/" + keyword, $"{keyword} {text}", undecided: left.Has(keyword));
        }

        private void CheckLeast(string keyword, SchemaConstraint constraint, decimal known)
        {
            if (right.Rule(keyword) is not { } rule) return;
            if (Numbers.Read(rule) is not { } wanted) Fail(SchemaConstraint.Bound, "/" + keyword, Raw(keyword));
            else if (known < wanted) Fail(constraint, "/" + keyword, $"{keyword} {Raw(keyword)} against {Text(known)}");
        }

        private void CheckMost(string keyword, SchemaConstraint constraint, decimal? known)
        {
            if (right.Rule(keyword) is not { } rule) return;
            if (Numbers.Read(rule) is not { } wanted) Fail(SchemaConstraint.Bound, "/" + keyword, Raw(keyword));
            else if (known is not { } most || most > wanted) Fail(constraint, "/" + keyword, $"{keyword} {Raw(keyword)}{(known is { } was ? $" against {Text(was)}" : "")}");
        }

        private string Raw(string keyword) => right.Rule(keyword) is { } rule ? Short(rule) : "";

        private static string Short(JsonElement value)
        {
            var text = value.GetRawText();
            return text.Length <= 120 ? text : text[..120] + "…";
        }

        private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);

        private static string Describe(Kinds kinds)
        {
            if ((kinds & Kinds.Number) == Kinds.Number) kinds &= ~Kinds.Number | Kinds.Fraction;
            return string.Join(", ", Enum.GetValues<Kinds>().Where(k => k != Kinds.None && (k & (k - 1)) == 0 && (kinds & k) != 0).Select(k => k switch
            {
                Kinds.Fraction => "number",
                _ => k.ToString().ToLowerInvariant(),
            }));
        }
    }
}
