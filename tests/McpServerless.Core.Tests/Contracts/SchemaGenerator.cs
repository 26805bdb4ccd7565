using System.Text.Json.Nodes;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>Random schemas with every keyword of the dialect, and smaller or larger versions of them. A seed gives the same ones every time.</summary>
internal sealed class SchemaGenerator(Random random)
{
    public static readonly string[] Names = ["a", "b", "c", "ab", "x1"];
    public static readonly string[] Patterns = ["^a", "b$", "^[a-c]+$", "^x[0-9]$"];
    public static readonly string[] Formats = ["email", "uri", "uuid", "date", "date-time", "ipv4", "ipv6", "hostname", "time", "duration", "json-pointer"];
    private static readonly string[] Types = ["string", "integer", "number", "object", "array", "boolean", "null"];

    /// <summary>A whole schema; half of them refer to definitions.</summary>
    public JsonObject Root(int depth)
    {
        var withReferences = random.Next(2) == 0;
        var schema = Schema(depth, withReferences);
        if (!withReferences) return schema;
        schema["$defs"] = new JsonObject
        {
            ["d0"] = Schema(1, references: false),
            ["d1"] = Schema(2, references: false),
            ["node"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["a"] = new JsonObject { ["$ref"] = "#/$defs/node" }, ["b"] = Schema(0, references: false) },
                ["additionalProperties"] = random.Next(2) == 0,
            },
        };
        return schema;
    }

    public JsonObject Schema(int depth, bool references)
    {
        var schema = new JsonObject();
        var type = Types[random.Next(depth > 0 ? 7 : 3)];
        switch (random.Next(10))
        {
            case < 7: schema["type"] = type; break;
            case 7: schema["type"] = new JsonArray(type, type == "null" ? "string" : "null"); break;
        }

        for (var i = random.Next(4); i > 0; i--) AddFor(schema, random.Next(6) == 0 ? Types[random.Next(7)] : type, depth, references);
        if (depth > 0 && random.Next(3) == 0) AddComposition(schema, depth, references);
        if (random.Next(12) == 0) schema["description"] = "d" + random.Next(3);
        return schema;
    }

    /// <summary>The same schema with something in it changed.</summary>
    public JsonObject Changed(JsonObject schema)
    {
        var copy = (JsonObject)schema.DeepClone();
        for (var i = random.Next(1, 3); i > 0; i--) Change(Subschemas(copy).OrderBy(_ => random.Next()).First());
        return copy;
    }

    private void AddFor(JsonObject schema, string type, int depth, bool references)
    {
        switch (type)
        {
            case "string": AddForText(schema); break;
            case "integer" or "number": AddForNumber(schema); break;
            case "object": AddForObject(schema, depth, references); break;
            case "array": AddForList(schema, depth, references); break;
            default:
                if (random.Next(2) == 0) schema["enum"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Value(1))]);
                else schema["const"] = Value(1);
                break;
        }
    }

    private void AddForText(JsonObject schema)
    {
        switch (random.Next(6))
        {
            case 0: schema["minLength"] = random.Next(4); break;
            case 1: schema["maxLength"] = random.Next(1, 6); break;
            case 2: schema["pattern"] = Patterns[random.Next(Patterns.Length)]; break;
            case 3: schema["format"] = Formats[random.Next(Formats.Length)]; break;
            case 4: schema["enum"] = new JsonArray("a", "ab", Patterns[random.Next(3)]); break;
            default: schema["const"] = Names[random.Next(Names.Length)]; break;
        }
    }

    private void AddForNumber(JsonObject schema)
    {
        switch (random.Next(6))
        {
            case 0: schema["minimum"] = random.Next(-3, 4); break;
            case 1: schema["maximum"] = random.Next(0, 9) + (random.Next(2) == 0 ? 0.5 : 0); break;
            case 2: schema["exclusiveMinimum"] = random.Next(-3, 3); break;
            case 3: schema["exclusiveMaximum"] = random.Next(1, 9); break;
            case 4: schema["multipleOf"] = new[] { 1, 2, 3, 4, 0.5 }[random.Next(5)]; break;
            default: schema["enum"] = new JsonArray(random.Next(3), random.Next(3, 6), random.Next(6, 9) + 0.5); break;
        }
    }

    private void AddForObject(JsonObject schema, int depth, bool references)
    {
        switch (random.Next(depth > 0 ? 13 : 4))
        {
            case 0: schema["required"] = new JsonArray([.. Names.Where(_ => random.Next(3) == 0).Select(n => JsonValue.Create(n))]); break;
            case 1: schema["minProperties"] = random.Next(3); break;
            case 2: schema["maxProperties"] = random.Next(1, 4); break;
            case 3: schema["dependentRequired"] = new JsonObject { [Names[random.Next(3)]] = new JsonArray(Names[random.Next(3)]) }; break;
            case 4: schema["additionalProperties"] = random.Next(2) == 0 ? false : Schema(depth - 1, references); break;
            case 5: schema["patternProperties"] = new JsonObject { [Patterns[random.Next(Patterns.Length)]] = Schema(depth - 1, references) }; break;
            case 6: schema["propertyNames"] = new JsonObject { [random.Next(2) == 0 ? "maxLength" : "minLength"] = random.Next(1, 3) }; break;
            case 7: schema["dependentSchemas"] = new JsonObject { [Names[random.Next(3)]] = Schema(depth - 1, references) }; break;
            case 8: schema["unevaluatedProperties"] = random.Next(2) == 0 ? false : Schema(0, references); break;
            default:
                schema["properties"] = new JsonObject([.. Names.Where(_ => random.Next(2) == 0).Select(n => KeyValuePair.Create<string, JsonNode?>(n, Schema(depth - 1, references)))]);
                break;
        }
    }

    private void AddForList(JsonObject schema, int depth, bool references)
    {
        switch (random.Next(depth > 0 ? 10 : 3))
        {
            case 0: schema["minItems"] = random.Next(3); break;
            case 1: schema["maxItems"] = random.Next(1, 4); break;
            case 2: schema["uniqueItems"] = random.Next(3) > 0; break;
            case 3: schema["prefixItems"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Schema(depth - 1, references))]); break;
            case 4: schema["contains"] = Schema(depth - 1, references); break;
            case 5:
                schema["contains"] = Schema(depth - 1, references);
                schema["minContains"] = random.Next(3);
                if (random.Next(2) == 0) schema["maxContains"] = random.Next(1, 3);
                break;
            case 6: schema["unevaluatedItems"] = random.Next(2) == 0 ? false : Schema(0, references); break;
            default: schema["items"] = random.Next(6) == 0 ? false : Schema(depth - 1, references); break;
        }
    }

    private void AddComposition(JsonObject schema, int depth, bool references)
    {
        switch (random.Next(references ? 9 : 6))
        {
            case 0: schema["allOf"] = Several(); break;
            case 1: schema["anyOf"] = Several(); break;
            case 2: schema["oneOf"] = Several(); break;
            case 3: schema["not"] = Schema(depth - 1, references); break;
            case 4:
                schema["if"] = Schema(depth - 1, references);
                if (random.Next(3) > 0) schema["then"] = Schema(depth - 1, references);
                if (random.Next(3) > 0) schema["else"] = Schema(depth - 1, references);
                break;
            case 5:
                schema["oneOf"] = new JsonArray(Tagged("a"), Tagged("b"));
                break;
            default: schema["$ref"] = new[] { "#/$defs/d0", "#/$defs/d1", "#/$defs/node" }[random.Next(3)]; break;
        }

        JsonArray Several() => new([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Schema(depth - 1, references))]);

        JsonObject Tagged(string tag) => new()
        {
            ["type"] = "object",
            ["required"] = new JsonArray("c"),
            ["properties"] = new JsonObject { ["c"] = new JsonObject { ["const"] = tag }, ["x1"] = Schema(depth - 1, references) },
        };
    }

    private void Change(JsonObject schema)
    {
        var keywords = schema.Select(m => m.Key).Where(k => k is not ("$defs" or "type" or "properties")).ToList();
        switch (random.Next(6))
        {
            case 0 when keywords.Count > 0:
                schema.Remove(keywords[random.Next(keywords.Count)]);
                break;
            case 1 when keywords.Where(k => schema[k] is JsonValue v && v.TryGetValue<int>(out _)).ToList() is { Count: > 0 } numbers:
                var name = numbers[random.Next(numbers.Count)];
                schema[name] = Math.Max(name is "minimum" or "exclusiveMinimum" ? -9 : name == "multipleOf" ? 1 : 0, schema[name]!.GetValue<int>() + random.Next(-2, 3));
                break;
            case 2 when schema["enum"] is JsonArray { Count: > 1 } members:
                members.RemoveAt(random.Next(members.Count));
                break;
            case 3 when schema["required"] is JsonArray { Count: > 0 } required:
                required.RemoveAt(random.Next(required.Count));
                break;
            case 4 when schema["properties"] is JsonObject properties:
                var property = Names[random.Next(Names.Length)];
                if (!properties.Remove(property)) properties[property] = Schema(0, references: false);
                break;
            case 5 when schema["type"]?.ToString() is "integer" or "number":
                schema["type"] = schema["type"]!.ToString() == "integer" ? "number" : "integer";
                break;
            default:
                AddFor(schema, schema["type"] is JsonValue type ? type.ToString() : Types[random.Next(7)], 1, references: false);
                break;
        }
    }

    private static IEnumerable<JsonObject> Subschemas(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject schema:
                yield return schema;
                foreach (var (keyword, value) in schema)
                {
                    var inside = keyword switch
                    {
                        "properties" or "patternProperties" or "$defs" or "dependentSchemas" => ((JsonObject)value!).SelectMany(m => Subschemas(m.Value)),
                        "allOf" or "anyOf" or "oneOf" or "prefixItems" => ((JsonArray)value!).SelectMany(Subschemas),
                        "items" or "additionalProperties" or "contains" or "not" or "if" or "then" or "else" or "propertyNames" => Subschemas(value),
                        _ => [],
                    };
                    foreach (var each in inside) yield return each;
                }

                break;
        }
    }

    public JsonNode? Value(int depth) => random.Next(depth > 0 ? 8 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-3, 9),
        3 => random.Next(-3, 9) + 0.5,
        4 => InstanceGenerator.Texts[random.Next(InstanceGenerator.Texts.Length)],
        5 => JsonNode.Parse(new[] { "1.0", "1e2", "123456789012345678901234567890", "-0", "2.00" }[random.Next(5)]),
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1))]),
        _ => new JsonObject([.. Names.Where(_ => random.Next(2) == 0).Select(n => KeyValuePair.Create(n, Value(depth - 1)))]),
    };
}
