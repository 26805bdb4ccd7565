using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpServerless.OpenApi.Import;

/// <summary>The keywords of JSON Schema 2020-12 whose values are no schemas, and what those values may be.</summary>
internal static class SchemaKeywords
{
    private static readonly FrozenSet<string> Types = FrozenSet.ToFrozenSet(["null", "boolean", "object", "array", "number", "integer", "string"]);

    private static readonly FrozenDictionary<string, Func<JsonNode?, bool>> Values = new Dictionary<string, Func<JsonNode?, bool>>
    {
        ["type"] = value => IsType(value) || (value is JsonArray { Count: > 0 } types && types.All(IsType)),
        ["title"] = IsText,
        ["description"] = IsText,
        ["format"] = IsText,
        ["contentEncoding"] = IsText,
        ["contentMediaType"] = IsText,
        ["const"] = _ => true,
        ["default"] = _ => true,
        ["examples"] = value => value is JsonArray,
        ["deprecated"] = value => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        ["uniqueItems"] = value => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        ["multipleOf"] = value => Number(value) > 0,
        ["minimum"] = IsNumber,
        ["maximum"] = IsNumber,
        ["exclusiveMinimum"] = IsNumber,
        ["exclusiveMaximum"] = IsNumber,
        ["minLength"] = IsCount,
        ["maxLength"] = IsCount,
        ["minItems"] = IsCount,
        ["maxItems"] = IsCount,
        ["minProperties"] = IsCount,
        ["maxProperties"] = IsCount,
        ["minContains"] = IsCount,
        ["maxContains"] = IsCount,
        ["dependentRequired"] = value => value is JsonObject names && names.All(n => n.Value is JsonArray list && list.All(IsText)),
        // These have another form that was dealt with; here they have the wrong one.
        ["enum"] = _ => false,
        ["required"] = _ => false,
        ["pattern"] = _ => false,
        ["properties"] = _ => false,
        ["patternProperties"] = _ => false,
        ["allOf"] = _ => false,
        ["anyOf"] = _ => false,
        ["oneOf"] = _ => false,
        ["prefixItems"] = _ => false,
        ["dependentSchemas"] = _ => false,
        ["$dynamicRef"] = _ => false,
        ["$dynamicAnchor"] = _ => false,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool IsKnown(string name) => Values.ContainsKey(name);

    public static bool IsValid(string name, JsonNode? value) => Values.TryGetValue(name, out var isValid) && (value is not null || name is "const" or "default") && isValid(value);

    private static bool IsType(JsonNode? value) => value is JsonValue text && text.TryGetValue(out string? name) && Types.Contains(name);

    private static bool IsText(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String;

    private static bool IsNumber(JsonNode? value) => Number(value) is not null;

    /// <summary>Numbers that the validator can compare; a bound beyond them bounds nothing.</summary>
    private static decimal? Number(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool IsCount(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number && int.TryParse(value.ToJsonString(), out var count) && count >= 0;
}
