namespace McpServerless.Contracts.Comparing;

internal sealed partial class Containment
{
    private static readonly SchemaNode AnyName = new SchemaDocument("names", System.Text.Json.JsonDocument.Parse("""{"type":"string"}""").RootElement.Clone()).Root;

    private sealed partial class Step
    {
        private void CheckObjects()
        {
            CheckRequired();
            CheckLeast("minProperties", SchemaConstraint.MinProperties, Math.Max(left.Most("minProperties"), left.Required.Count));
            decimal? declared = left.IsClosed ? left.Names.Count : null;
            var most = left.Least("maxProperties");
            CheckMost("maxProperties", SchemaConstraint.MaxProperties, declared < (most ?? decimal.MaxValue) ? declared : most);
            CheckProperties();
            CheckPatterns();
            CheckAdditional();
            CheckNames();
            CheckDependencies();
            if (right.Rule("unevaluatedProperties") is not null && !right.Document.IsDraft07) Fail(SchemaConstraint.Unevaluated, "/unevaluatedProperties", "unevaluatedProperties");
        }

        private void CheckRequired()
        {
            var known = left.Required;
            var missing = right.Names("required").Where(n => !known.Contains(n)).ToList();
            if (missing.Count > 0) Fail(SchemaConstraint.Required, "/required", string.Join(", ", missing));
        }

        private void CheckProperties()
        {
            var known = left.Names;
            foreach (var (name, schema) in right.Members("properties"))
            {
                var value = left.Property(name);
                if (known.Contains(name)) Need(value, schema);
                else if (!proof.Holds(value, schema, null)) Fail(SchemaConstraint.Declared, "/properties/" + JsonPointers.Escape(name), $"{name} was not declared");
            }
        }

        private void CheckPatterns()
        {
            foreach (var (pattern, schema) in right.Members("patternProperties"))
            {
                foreach (var name in left.Names.Where(n => Conjunction.Matches(pattern, n) != false)) Need(left.Property(name), schema);
                var others = left.PatternProperty(pattern);
                if (left.Conjuncts.Any(c => c.Member("patternProperties", pattern) is not null)) Need(others, schema);
                else if (!proof.Holds(others, schema, null)) Fail(SchemaConstraint.PatternProperties, "/patternProperties/" + JsonPointers.Escape(pattern), $"names that match {pattern}");
            }
        }

        private void CheckAdditional()
        {
            if (right.Schema("additionalProperties") is not { } schema) return;
            var declared = right.Members("properties").Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
            var patterns = right.Members("patternProperties").Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var name in left.Names.Where(n => !declared.Contains(n) && patterns.All(p => Conjunction.Matches(p, n) != true)))
            {
                var value = left.Property(name);
                if (!schema.IsFalse) Need(value, schema);
                else if (!proof.Holds(value, schema, null)) Fail(SchemaConstraint.Property, "/properties/" + JsonPointers.Escape(name), $"{name} is not allowed");
            }

            var others = left.OtherProperty(patterns);
            if (proof.Holds(others, schema, null)) return;
            if (left.Conjuncts.SelectMany(c => c.Members("patternProperties")).Any(p => !patterns.Contains(p.Name))) Fail(SchemaConstraint.PatternProperties, "/additionalProperties", "names that match other patterns");
            else if (schema.IsFalse) Fail(SchemaConstraint.Additional, "/additionalProperties", "properties that are not declared are not allowed");
            else Need(others, schema);
        }

        /// <summary>A name is a text: it is judged like one.</summary>
        private void CheckNames()
        {
            if (right.Schema("propertyNames") is not { } schema) return;
            var acceptor = proof.AcceptorOf(schema);
            if (left.IsClosed && left.Names.All(n => acceptor.Accepts(JsonText.Of(n)))) return;
            Need(Conjunction.Of([AnyName, .. left.Conjuncts.SelectMany(c => Conjunction.Present(c.Schema("propertyNames")))]), schema);
        }

        private void CheckDependencies()
        {
            var known = left.Required;
            foreach (var (name, names) in right.DependentRequired)
            {
                if (left.Property(name).Kinds == Kinds.None) continue;
                var there = left.Conjuncts.SelectMany(c => c.DependentRequired).Where(d => d.Name == name).SelectMany(d => JsonText.Strings(d.Names.Json)).Concat(known).ToHashSet(StringComparer.Ordinal);
                var missing = JsonText.Strings(names.Json).Where(n => n != name && !there.Contains(n)).ToList();
                if (missing.Count > 0) Fail(SchemaConstraint.Dependent, "/dependentRequired/" + JsonPointers.Escape(name), $"{string.Join(", ", missing)} with {name}");
            }

            foreach (var (name, schema) in right.DependentSchemas)
            {
                if (left.Property(name).Kinds == Kinds.None) continue;
                Need(left.And(left.Conjuncts.SelectMany(c => c.DependentSchemas).Where(d => d.Name == name).Select(d => d.Schema)), schema);
            }
        }
    }
}
