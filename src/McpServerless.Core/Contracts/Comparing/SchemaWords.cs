using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

/// <summary>Members of schemas that judge no values: words, defaults and extensions, compared at the places that both versions have.</summary>
internal static class SchemaWords
{
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal) { "title", "description", "$comment", "examples", "example", "deprecated", "readOnly", "writeOnly" };
    private static readonly HashSet<string> Maps = new(StringComparer.Ordinal) { "properties", "patternProperties", "$defs", "definitions", "dependentSchemas" };
    private static readonly HashSet<string> Lists = new(StringComparer.Ordinal) { "allOf", "anyOf", "oneOf", "prefixItems" };
    private static readonly HashSet<string> Single = new(StringComparer.Ordinal)
    {
        "items", "additionalItems", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "contains", "propertyNames", "not", "if", "then", "else",
    };

    /// <summary>Members that are judged elsewhere, or are only names for other members.</summary>
    private static readonly HashSet<string> Judged = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "format", "required",
        "minProperties", "maxProperties", "dependentRequired", "dependencies", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains",
        "$ref", "$dynamicRef", "$anchor", "$dynamicAnchor", "$schema", "$id", "$vocabulary", "$recursiveRef", "$recursiveAnchor",
    };

    public static IEnumerable<ContractChange> Compare(JsonElement before, JsonElement after, SchemaSide side, string subject, string at)
    {
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object) yield break;
        foreach (var name in before.EnumerateObject().Concat(after.EnumerateObject()).Select(m => m.Name).Distinct(StringComparer.Ordinal))
        {
            var (was, had) = (Member(before, name), before.TryGetProperty(name, out _));
            var (value, has) = (Member(after, name), after.TryGetProperty(name, out _));
            if (had && has && JsonElement.DeepEquals(was, value)) continue;
            var pointer = $"{at}/{JsonPointers.Escape(name)}";
            if (had && has && Inside(name, was, value, side, subject, pointer) is { } inside)
            {
                foreach (var change in inside) yield return change;
            }
            else if (Rule(name, side) is var (rule, impact))
            {
                yield return new ContractChange(rule, impact, subject, side, pointer, had && has ? "another" : has ? "added" : "removed");
            }
        }
    }

    /// <summary>Null when the member holds no schemas.</summary>
    private static IEnumerable<ContractChange>? Inside(string name, JsonElement was, JsonElement value, SchemaSide side, string subject, string at)
    {
        if (Single.Contains(name)) return Compare(was, value, side, subject, at);
        if (Maps.Contains(name) && was.ValueKind == JsonValueKind.Object && value.ValueKind == JsonValueKind.Object)
        {
            return value.EnumerateObject().Where(m => was.TryGetProperty(m.Name, out _))
                .SelectMany(m => Compare(was.GetProperty(m.Name), m.Value, side, subject, $"{at}/{JsonPointers.Escape(m.Name)}"));
        }

        if (Lists.Contains(name) && was.ValueKind == JsonValueKind.Array && value.ValueKind == JsonValueKind.Array)
            return was.EnumerateArray().Zip(value.EnumerateArray()).SelectMany((pair, index) => Compare(pair.First, pair.Second, side, subject, $"{at}/{index}"));
        return null;
    }

    private static (ChangeRule Rule, ChangeImpact Impact)? Rule(string name, SchemaSide side)
    {
        if (Judged.Contains(name) || Single.Contains(name) || Maps.Contains(name) || Lists.Contains(name)) return null;
        var rule = Words.Contains(name) ? ChangeRule.SchemaTextChanged
            : name == "default" ? ChangeRule.DefaultChanged
            : name == "x-mcp-header" ? ChangeRule.HeaderParameterChanged
            : ChangeRule.ExtensionChanged;
        return (rule, side == SchemaSide.Input ? rule.OnInput : rule.OnOutput);
    }

    private static JsonElement Member(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value : default;
}
