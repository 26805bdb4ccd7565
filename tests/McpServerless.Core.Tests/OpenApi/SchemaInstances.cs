using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpServerless.Core.Tests.OpenApi;

/// <summary>Values that a schema should let pass, made up from its keywords. The schema itself has the last word on each.</summary>
internal sealed class SchemaInstances(JsonObject root, Random random)
{
    private const int MaxDepth = 5;

    /// <summary>Optional members of one instance, all levels together: a schema that branches would else fill memory.</summary>
    private int _optional = 60;

    /// <param name="share">Of the optional properties, how many are given: 0 none, 1 all.</param>
    public JsonNode? Of(JsonNode? schema, double share, int depth = 0)
    {
        if (schema is not JsonObject members) return "x";
        if (members["$ref"]?.GetValue<string>() is { } reference) return Of(root["$defs"]![reference["#/$defs/".Length..]], share, depth + 1);
        if (members["const"] is { } constant) return constant.DeepClone();
        if (members["enum"] is JsonArray { Count: > 0 } values) return values[random.Next(values.Count)]?.DeepClone();
        if (members["allOf"] is JsonArray parts) return Of(Merge(members, parts), share, depth);
        if ((members["oneOf"] ?? members["anyOf"]) is JsonArray { Count: > 0 } branches)
        {
            var branch = depth >= MaxDepth ? branches.OrderBy(b => b!.ToJsonString().Length).First() : branches[random.Next(branches.Count)];
            var without = (JsonObject)members.DeepClone();
            without.Remove("oneOf");
            without.Remove("anyOf");
            return Of(without.Count == 0 ? branch : Merge(without, new JsonArray(branch!.DeepClone())), share, depth + 1);
        }

        return TypeOf(members) switch
        {
            "object" => Object(members, share, depth),
            "array" => Array(members, share, depth),
            "integer" => Number(members, whole: true),
            "number" => Number(members, whole: false),
            "boolean" => random.Next(2) == 0,
            "null" => null,
            "string" => Text(members),
            _ => members["examples"] is JsonArray { Count: > 0 } examples ? examples[0]?.DeepClone() : "x",
        };
    }

    private static string? TypeOf(JsonObject schema) => schema["type"] switch
    {
        JsonArray types => types.Select(t => t!.GetValue<string>()).FirstOrDefault(t => t != "null"),
        JsonValue type => type.GetValue<string>(),
        _ when schema.ContainsKey("properties") || schema.ContainsKey("required") => "object",
        _ when schema.ContainsKey("items") => "array",
        _ => null,
    };

    private JsonObject Merge(JsonObject schema, JsonArray parts)
    {
        var merged = (JsonObject)schema.DeepClone();
        merged.Remove("allOf");
        foreach (var part in parts)
        {
            var node = part;
            while (node is JsonObject { } holder && holder["$ref"]?.GetValue<string>() is { } reference) node = root["$defs"]![reference["#/$defs/".Length..]];
            if (node is not JsonObject resolved) continue;
            var flat = resolved["allOf"] is JsonArray inner ? Merge(resolved, inner) : resolved;
            foreach (var (name, value) in flat)
            {
                switch (name)
                {
                    case "properties" when merged["properties"] is JsonObject own:
                        foreach (var (property, child) in (JsonObject)value!)
                            own[property] = own[property] is { } both ? new JsonObject { ["allOf"] = new JsonArray(both.DeepClone(), child!.DeepClone()) } : child!.DeepClone();
                        break;
                    case "required" when merged["required"] is JsonArray own:
                        foreach (var item in (JsonArray)value!) own.Add(item!.DeepClone());
                        break;
                    default:
                        merged[name] = value?.DeepClone();
                        break;
                }
            }
        }

        return merged;
    }

    private JsonObject Object(JsonObject schema, double share, int depth)
    {
        var result = new JsonObject();
        var required = (schema["required"] as JsonArray ?? []).Select(r => r!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, child) in schema["properties"] as JsonObject ?? [])
        {
            if (required.Contains(name) || (depth < MaxDepth && _optional > 0 && random.NextDouble() < share / (1 + (depth / 2)) && _optional-- > 0)) result[name] = Of(child, share, depth + 1);
        }

        var wanted = schema["minProperties"]?.GetValue<int>() ?? 0;
        foreach (var name in required.Where(r => !result.ContainsKey(r)).ToList()) result[name] = Of(schema["additionalProperties"], share, depth + 1);
        foreach (var (name, child) in schema["properties"] as JsonObject ?? [])
        {
            if (result.Count < wanted && !result.ContainsKey(name)) result[name] = Of(child, share, depth + 1);
        }

        for (var i = 0; result.Count < wanted; i++) result[$"key{i}"] = Of(schema["additionalProperties"], share, depth + 1);
        return result;
    }

    private JsonArray Array(JsonObject schema, double share, int depth)
    {
        var least = schema["minItems"]?.GetValue<int>() ?? 0;
        var most = Math.Min(schema["maxItems"]?.GetValue<int>() ?? 3, Math.Max(least, 3));
        var count = depth >= MaxDepth || _optional <= 0 ? least : random.Next(Math.Max(least, Math.Min(1, most)), most + 1);
        var items = new List<JsonNode?>();
        for (var tries = 0; items.Count < count && tries < 40; tries++)
        {
            var item = Of(schema["items"], share, depth + 1);
            if (schema["uniqueItems"]?.GetValue<bool>() != true || !items.Any(i => JsonNode.DeepEquals(i, item))) items.Add(item);
        }

        return new JsonArray([.. items]);
    }

    private JsonValue Number(JsonObject schema, bool whole)
    {
        var least = (double?)schema["minimum"] ?? ((double?)schema["exclusiveMinimum"] + 1) ?? Math.Min(1, ((double?)schema["maximum"] ?? 1) - 5);
        var most = (double?)schema["maximum"] ?? ((double?)schema["exclusiveMaximum"] - 1) ?? least + 50;
        var value = least + Math.Floor(random.NextDouble() * Math.Min(50, most - least));
        if ((double?)schema["multipleOf"] is { } step) value = Math.Ceiling(least / step) * step;
        return whole ? JsonValue.Create((long)value) : JsonValue.Create((decimal)value)!;
    }

    private JsonNode Text(JsonObject schema)
    {
        if (schema["pattern"] is not null)
        {
            foreach (var candidate in (schema["examples"] as JsonArray ?? []).Append(schema["default"]).Where(c => c?.GetValueKind() == JsonValueKind.String)) return candidate!.DeepClone();
            return PatternText.For(schema["pattern"]!.GetValue<string>(), random);
        }

        var text = schema["format"]?.GetValue<string>() switch
        {
            "date-time" => "2026-05-04T03:02:01Z",
            "date" => "2026-05-04",
            "time" => "03:02:01Z",
            "duration" => "P1D",
            "email" => "someone@contoso.example",
            "uri" or "uri-reference" or "url" or "iri" => "https://contoso.example/a",
            "uuid" => "0190163d-8694-739b-aea5-966c26f8ad91",
            "ipv4" => "192.0.2.1",
            "ipv6" => "2001:db8::1",
            "hostname" => "contoso.example",
            _ when schema["contentEncoding"] is not null => "aGVsbG8=",
            _ => Words[random.Next(Words.Length)],
        };
        var least = schema["minLength"]?.GetValue<int>() ?? 0;
        var most = schema["maxLength"]?.GetValue<int>() ?? int.MaxValue;
        var padded = new StringBuilder(text);
        while (padded.Length < least) padded.Append('a');
        return JsonValue.Create(padded.Length > most ? padded.ToString(0, most) : padded.ToString());
    }

    private static readonly string[] Words = ["plain", "two words", "a&b=c", "100%", "ümläut", "semi;colon", "plus+sign", "q?x#y", "comma"];
}
