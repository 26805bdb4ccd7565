using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Contracts;

internal abstract partial class Acceptor
{
    private sealed class Compilation(JsonElement root)
    {
        /// <summary>Keywords of any draft that can make a value invalid and are not understood here.</summary>
        private static readonly HashSet<string> NotUnderstood = new(StringComparer.Ordinal)
        {
            "additionalItems", "dependencies", "contentSchema", "$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "disallow", "extends", "divisibleBy",
        };

        private readonly Dictionary<string, Reference> _references = new(StringComparer.Ordinal);
        private readonly bool _isDraft07 = SchemaDialect.IsDraft07(root);

        public Acceptor Of(JsonElement schema, bool isRoot = false)
        {
            if (schema.ValueKind == JsonValueKind.True) return Constant.Everything;
            if (schema.ValueKind == JsonValueKind.False) return Constant.Nothing;
            if (schema.ValueKind != JsonValueKind.Object) return Constant.NotUnderstood;
            var rules = new Rules();
            // Draft-07, section 8.3: what stands beside $ref is not looked at. That is left to the library.
            var referenceAlone = _isDraft07 && schema.TryGetProperty("$ref", out _);
            foreach (var member in schema.EnumerateObject())
            {
                // An identifier in the middle of a schema changes what its references mean.
                if (member.Name is "$id" or "id" && !isRoot && member.Value.ValueKind == JsonValueKind.String) return Constant.NotUnderstood;
                if (referenceAlone && member.Name is not ("$ref" or "$schema" or "definitions" or "title" or "description")) return Constant.NotUnderstood;
                if (NotUnderstood.Contains(member.Name) || (_isDraft07 && SchemaDialect.OfTheNewer.Contains(member.Name))) return Constant.NotUnderstood;
                if (!Take(rules, member.Name, member.Value)) return Constant.NotUnderstood;
            }

            rules.Settle();
            return rules;
        }

        /// <summary>False when the keyword has a form that is not understood.</summary>
        private bool Take(Rules rules, string keyword, JsonElement rule)
        {
            switch (keyword)
            {
                case "type": return rules.TakeType(rule);
                case "enum":
                    if (rule.ValueKind != JsonValueKind.Array) return false;
                    rules.Enum = new Members(rule.EnumerateArray());
                    return true;
                case "const":
                    rules.Const = new Members(rule);
                    return true;
                case "minimum": return (rules.Minimum = Decimal(rule)) is not null;
                case "maximum": return (rules.Maximum = Decimal(rule)) is not null;
                case "exclusiveMinimum": return (rules.Above = Decimal(rule)) is not null;
                case "exclusiveMaximum": return (rules.Below = Decimal(rule)) is not null;
                case "multipleOf": return (rules.Divisor = Decimal(rule)) is > 0;
                case "minLength": return (rules.MinLength = Count(rule)) >= 0;
                case "maxLength": return (rules.MaxLength = Count(rule)) >= 0;
                case "minItems": return (rules.MinItems = Count(rule)) >= 0;
                case "maxItems": return (rules.MaxItems = Count(rule)) >= 0;
                case "minProperties": return (rules.MinProperties = Count(rule)) >= 0;
                case "maxProperties": return (rules.MaxProperties = Count(rule)) >= 0;
                case "minContains": return (rules.MinContains = Count(rule)) >= 0;
                case "maxContains": return (rules.MaxContains = Count(rule)) >= 0;
                case "pattern": return (rules.Pattern = Expression(rule)) is not null;
                case "format":
                    rules.Format = rule.ValueKind == JsonValueKind.String ? rule.GetString() : null;
                    return rules.Format is not null;
                case "uniqueItems":
                    rules.Unique = rule.ValueKind == JsonValueKind.True;
                    return rule.ValueKind is JsonValueKind.True or JsonValueKind.False;
                case "required": return (rules.Required = Names(rule)!) is not null;
                case "dependentRequired":
                    if (rule.ValueKind != JsonValueKind.Object) return false;
                    rules.DependentRequired = [.. rule.EnumerateObject().Select(m => (Utf8(m.Name), Names(m.Value)!))];
                    return rules.DependentRequired.All(d => d.Item2 is not null);
                case "properties": return Map(rule, m => rules.Properties = m);
                case "dependentSchemas": return Map(rule, m => rules.DependentSchemas = m);
                case "patternProperties":
                    if (rule.ValueKind != JsonValueKind.Object) return false;
                    rules.PatternProperties = [.. rule.EnumerateObject().Select(m => (Expression(m.Name)!, Of(m.Value)))];
                    return rules.PatternProperties.All(p => p.Item1 is not null);
                case "additionalProperties": return Set(rules.Additional = Of(rule));
                case "propertyNames": return Set(rules.Names = Of(rule));
                case "unevaluatedProperties": return Set(rules.UnevaluatedProperties = Of(rule));
                case "unevaluatedItems": return Set(rules.UnevaluatedItems = Of(rule));
                case "items":
                    // The list form of older drafts is another keyword under the same name.
                    return rule.ValueKind != JsonValueKind.Array && Set(rules.Items = Of(rule));
                case "contains": return Set(rules.Contains = Of(rule));
                case "not": return Set(rules.Not = Of(rule));
                case "if": return Set(rules.If = Of(rule));
                case "then": return Set(rules.Then = Of(rule));
                case "else": return Set(rules.Else = Of(rule));
                case "prefixItems": return List(rule, l => rules.Prefix = l);
                case "allOf": return List(rule, l => rules.All.AddRange(l));
                case "anyOf": return List(rule, l => rules.Any = l);
                case "oneOf": return List(rule, l => rules.One = l);
                case "$ref":
                    if (Refer(rule) is not { } target) return false;
                    rules.All.Add(target);
                    return true;
                default: return true;
            }
        }

        private static bool Set(Acceptor? taken) => taken is not null;

        private bool Map(JsonElement rule, Action<Property[]> take)
        {
            if (rule.ValueKind != JsonValueKind.Object) return false;
            take([.. rule.EnumerateObject().Select(p => new Property(Utf8(p.Name), Of(p.Value)))]);
            return true;
        }

        private bool List(JsonElement rule, Action<Acceptor[]> take)
        {
            if (rule.ValueKind != JsonValueKind.Array || rule.GetArrayLength() == 0) return false;
            take([.. rule.EnumerateArray().Select(s => Of(s))]);
            return true;
        }

        private Reference? Refer(JsonElement rule)
        {
            if (rule.ValueKind != JsonValueKind.String || rule.GetString() is not { } text) return null;
            if (_references.TryGetValue(text, out var known)) return known;
            if ((text != "#" && !text.StartsWith("#/", StringComparison.Ordinal)) || JsonPointers.Follow(root, Uri.UnescapeDataString(text[1..])) is not { } target) return null;
            // On the way there may be a schema with an identifier of its own, in which the reference means something else.
            if (text != "#" && HasIdentifierOnTheWay(text)) return null;
            var reference = _references[text] = new Reference();
            reference.Target = Of(target, isRoot: text == "#");
            return reference;
        }

        private bool HasIdentifierOnTheWay(string reference)
        {
            var node = root;
            foreach (var part in Uri.UnescapeDataString(reference[1..]).Split('/').Skip(1))
            {
                if (JsonPointers.Follow(node, "/" + part) is not { } next) return true;
                node = next;
                if (node.ValueKind == JsonValueKind.Object && ((node.TryGetProperty("$id", out var id) && id.ValueKind == JsonValueKind.String) || (node.TryGetProperty("id", out id) && id.ValueKind == JsonValueKind.String))) return true;
            }

            return false;
        }

        private static Regex? Expression(JsonElement rule) => rule.ValueKind == JsonValueKind.String ? Expression(rule.GetString()!) : null;

        /// <summary>Run by the engine whose time is linear. What is beyond it is left to the library.</summary>
        private static Regex? Expression(string pattern)
        {
            try
            {
                return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return null;
            }
        }

        private static byte[][]? Names(JsonElement rule) =>
            rule.ValueKind == JsonValueKind.Array && rule.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String) ? [.. rule.EnumerateArray().Select(n => Utf8(n.GetString()!))] : null;

        private static decimal? Decimal(JsonElement rule) => rule.ValueKind == JsonValueKind.Number && TryExact(rule, out var number) ? number : null;

        private static int Count(JsonElement rule) => rule.ValueKind == JsonValueKind.Number && rule.TryGetInt32(out var count) ? count : -1;
    }
}
