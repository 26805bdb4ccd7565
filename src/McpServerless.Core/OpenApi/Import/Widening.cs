using System.Text.Json.Nodes;

namespace McpServerless.OpenApi.Import;

/// <summary>A schema of which only the upper levels are left: what lies deeper lets every value pass.</summary>
/// <param name="root">With its <c>$defs</c>.</param>
/// <param name="maxBytes">Of JSON text, roughly counted; past it there is no result.</param>
internal sealed class Widening(JsonObject root, int maxBytes)
{
    private const int MaxReferences = 12;

    private int _bytes;

    /// <summary>References replaced by what they lead to. Null where that grows past the limit.</summary>
    public JsonObject? ToDepth(int depth)
    {
        _bytes = 0;
        var result = Copy(root, depth, 0) as JsonObject;
        return _bytes > maxBytes ? null : result;
    }

    /// <summary>Without what explains a value to people and does not judge it. The arguments themselves keep their description.</summary>
    public static JsonNode WithoutTexts(JsonNode schema, bool isRoot, bool keepOwn = true)
    {
        if (schema is not JsonObject members) return schema.DeepClone();
        var result = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (name is "title" or "description" or "examples" or "deprecated" && !keepOwn) continue;
            result[name] = name switch
            {
                "properties" or "patternProperties" or "dependentSchemas" or "$defs" => Map((JsonObject)value!, child => WithoutTexts(child, isRoot: false, keepOwn: isRoot && name == "properties")),
                "allOf" or "anyOf" or "oneOf" or "prefixItems" => new JsonArray([.. ((JsonArray)value!).Select(item => WithoutTexts(item!, isRoot: false, keepOwn: false))]),
                _ when IsSubschema(name) => WithoutTexts(value!, isRoot: false, keepOwn: false),
                _ => value?.DeepClone(),
            };
        }

        return result;
    }

    private JsonNode Copy(JsonNode schema, int depth, int references)
    {
        if (schema is not JsonObject members) return schema.DeepClone();
        if (depth < 0 || references > MaxReferences || _bytes > maxBytes) return new JsonObject();
        if (members["$ref"]?.GetValue<string>() is { } reference)
        {
            var name = reference["#/$defs/".Length..];
            var target = root["$defs"]?[name];
            var copied = target is null ? new JsonObject() : Copy(target, depth, references + 1);
            if (members.Count == 1) return copied;
            var beside = new JsonObject(members.Where(m => m.Key != "$ref").Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
            return new JsonObject { ["allOf"] = new JsonArray(copied, Copy(beside, depth, references)) };
        }

        var result = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (name == "$defs") continue;
            // What may not be there cannot be judged where its own schema is cut off; nor can alternatives that exclude each other.
            if (name is "not" or "if" or "then" or "else" or "unevaluatedProperties" or "unevaluatedItems" or "contains") continue;
            var copied = name switch
            {
                "properties" or "patternProperties" => Map((JsonObject)value!, child => Copy(child, depth - 1, references)),
                "dependentSchemas" => Map((JsonObject)value!, child => Copy(child, depth, references)),
                "allOf" or "anyOf" => new JsonArray([.. ((JsonArray)value!).Select(item => Copy(item!, depth, references))]),
                "oneOf" => new JsonArray([.. ((JsonArray)value!).Select(item => Copy(item!, depth, references))]),
                "prefixItems" => new JsonArray([.. ((JsonArray)value!).Select(item => Copy(item!, depth - 1, references))]),
                "items" or "additionalProperties" or "propertyNames" => Copy(value!, depth - 1, references),
                _ => value?.DeepClone(),
            };
            _bytes += name.Length + 4 + (copied is JsonValue or null ? copied?.ToJsonString().Length ?? 4 : copied is JsonArray list && list.All(i => i is not JsonObject) ? copied.ToJsonString().Length : 2);
            // Alternatives that were told apart by what is cut off now hold together.
            result[name == "oneOf" && !members.ContainsKey("anyOf") ? "anyOf" : name] = copied;
        }

        return result;
    }

    private static JsonObject Map(JsonObject map, Func<JsonNode, JsonNode> convert) =>
        new(map.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)convert(m.Value!))));

    private static bool IsSubschema(string name) =>
        name is "items" or "additionalProperties" or "unevaluatedItems" or "unevaluatedProperties" or "contains" or "propertyNames" or "not" or "if" or "then" or "else";
}
