using System.Text.Json.Nodes;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>Values made for a schema: mostly valid, often nearly so.</summary>
internal sealed class InstanceGenerator(Random random)
{
    public static readonly string[] Texts =
    [
        "", "a", "ab", "abc", "b", "bb", "cab", "x1", "x7", "é😀", "aaaaaaa",
        "a@example.org", "https://example.org/a", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "2026-02-28", "2026-02-28T23:59:59Z", "127.0.0.1", "::1", "example.org", "23:59:59Z", "P1DT2H", "/a/0",
    ];

    private readonly SchemaGenerator _any = new(random);

    public JsonNode? For(JsonObject root) => For(root, root, 5);

    /// <summary>The value with one thing in it changed.</summary>
    public JsonNode? Spoilt(JsonNode? value)
    {
        switch (value?.DeepClone())
        {
            case JsonObject members when members.Count > 0 && random.Next(4) > 0:
                var name = members.ElementAt(random.Next(members.Count)).Key;
                if (random.Next(3) == 0) members.Remove(name);
                else members[name] = Spoilt(members[name]);
                return members;
            case JsonObject members:
                members[SchemaGenerator.Names[random.Next(SchemaGenerator.Names.Length)]] = _any.Value(1);
                return members;
            case JsonArray items when items.Count > 0 && random.Next(3) > 0:
                var at = random.Next(items.Count);
                items[at] = Spoilt(items[at]);
                return items;
            case JsonArray items:
                items.Add(_any.Value(1));
                return items;
            case JsonValue number when number.TryGetValue<int>(out var i):
                return i + random.Next(-2, 3);
            default:
                return _any.Value(2);
        }
    }

    private JsonNode? For(JsonNode? schema, JsonObject root, int depth)
    {
        if (schema is not JsonObject || depth == 0) return _any.Value(1);
        var rules = new List<JsonObject>();
        Gather(schema, root, rules, 6);
        foreach (var rule in rules)
        {
            if (rule.TryGetPropertyValue("const", out var only)) return only?.DeepClone();
            if (rule["enum"] is JsonArray { Count: > 0 } members) return members[random.Next(members.Count)]?.DeepClone();
        }

        return Type(rules) switch
        {
            "string" => TextFor(rules),
            "integer" => NumberFor(rules, whole: true),
            "number" => NumberFor(rules, whole: false),
            "object" => ObjectFor(rules, root, depth),
            "array" => ListFor(rules, root, depth),
            "boolean" => random.Next(2) == 0,
            "null" => null,
            _ => _any.Value(2),
        };
    }

    /// <summary>The schema with what it refers to, all of allOf, and one of each choice.</summary>
    private void Gather(JsonNode? node, JsonObject root, List<JsonObject> rules, int depth)
    {
        if (node is not JsonObject schema || depth == 0) return;
        rules.Add(schema);
        if (schema["$ref"] is { } reference && reference.ToString().StartsWith("#/$defs/", StringComparison.Ordinal)) Gather(root["$defs"]![reference.ToString()[8..]], root, rules, depth - 1);
        if (schema["allOf"] is JsonArray all) foreach (var each in all) Gather(each, root, rules, depth - 1);
        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            if (schema[keyword] is JsonArray { Count: > 0 } some) Gather(some[random.Next(some.Count)], root, rules, depth - 1);
        }

        if (schema["if"] is not null)
        {
            if (random.Next(2) == 0) Gather(schema["if"], root, rules, depth - 1);
            Gather(schema[random.Next(2) == 0 ? "then" : "else"], root, rules, depth - 1);
        }
    }

    private string? Type(List<JsonObject> rules)
    {
        foreach (var rule in rules)
        {
            if (rule["type"] is JsonValue type) return type.ToString();
            if (rule["type"] is JsonArray types) return types[random.Next(types.Count)]!.ToString();
        }

        if (rules.Exists(r => r.ContainsKey("properties") || r.ContainsKey("required") || r.ContainsKey("patternProperties"))) return "object";
        if (rules.Exists(r => r.ContainsKey("items") || r.ContainsKey("prefixItems") || r.ContainsKey("contains"))) return "array";
        if (rules.Exists(r => r.ContainsKey("pattern") || r.ContainsKey("minLength") || r.ContainsKey("maxLength") || r.ContainsKey("format"))) return "string";
        return rules.Exists(r => r.ContainsKey("minimum") || r.ContainsKey("maximum") || r.ContainsKey("multipleOf") || r.ContainsKey("exclusiveMinimum") || r.ContainsKey("exclusiveMaximum")) ? "number" : null;
    }

    private JsonNode TextFor(List<JsonObject> rules)
    {
        var fitting = Texts.Where(text => rules.TrueForAll(r =>
            Runes(text) >= (r["minLength"]?.GetValue<int>() ?? 0) && Runes(text) <= (r["maxLength"]?.GetValue<int>() ?? 99)
            && (r["pattern"] is not { } pattern || System.Text.RegularExpressions.Regex.IsMatch(text, pattern.ToString()))
            && (r["format"] is not { } format || Array.IndexOf(SchemaGenerator.Formats, format.ToString()) == Array.IndexOf(Texts, text) - 11))).ToList();
        return fitting.Count > 0 && random.Next(10) > 0 ? fitting[random.Next(fitting.Count)] : Texts[random.Next(Texts.Length)];

        static int Runes(string text) => text.EnumerateRunes().Count();
    }

    private JsonNode NumberFor(List<JsonObject> rules, bool whole)
    {
        for (var i = 0; i < 20; i++)
        {
            var number = random.Next(-6, 14) + (whole || random.Next(2) == 0 ? 0 : 0.5);
            if (rules.TrueForAll(Fits)) return number % 1 == 0 ? JsonValue.Create((int)number) : JsonValue.Create(number);

            bool Fits(JsonObject r) => number >= (Bound(r, "minimum") ?? -99) && number <= (Bound(r, "maximum") ?? 99)
                && number > (Bound(r, "exclusiveMinimum") ?? -99) && number < (Bound(r, "exclusiveMaximum") ?? 99) && (r["multipleOf"] is null || number % Bound(r, "multipleOf")!.Value == 0);
        }

        return random.Next(-6, 14);

        static double? Bound(JsonObject rule, string keyword) => rule[keyword] is { } value ? double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    private JsonObject ObjectFor(List<JsonObject> rules, JsonObject root, int depth)
    {
        var value = new JsonObject();
        var required = rules.SelectMany(r => r["required"] as JsonArray ?? []).Select(n => n!.ToString()).ToHashSet();
        var declared = rules.SelectMany(r => r["properties"] as JsonObject ?? []).ToLookup(p => p.Key, p => p.Value);
        var closed = rules.Exists(r => r["additionalProperties"] is JsonValue or { } && r["additionalProperties"]!.ToJsonString() == "false" || r["unevaluatedProperties"]?.ToJsonString() == "false");
        foreach (var name in SchemaGenerator.Names)
        {
            var known = declared.Contains(name);
            if (!required.Contains(name) && random.Next(known ? 3 : closed ? 20 : 6) > (known ? 1 : 0)) continue;
            var pattern = rules.SelectMany(r => r["patternProperties"] as JsonObject ?? []).FirstOrDefault(p => System.Text.RegularExpressions.Regex.IsMatch(name, p.Key)).Value;
            var additional = rules.Select(r => r["additionalProperties"]).FirstOrDefault(a => a is JsonObject);
            value[name] = For(known ? Joined(declared[name]) : pattern ?? additional ?? new JsonObject(), root, depth - 1);
        }

        return value;
    }

    /// <summary>What several schemas say of one place.</summary>
    private static JsonNode Joined(IEnumerable<JsonNode?> schemas) =>
        schemas.ToList() is [{ } one] ? one : new JsonObject { ["allOf"] = new JsonArray([.. schemas.Select(s => s?.DeepClone())]) };

    private JsonArray ListFor(List<JsonObject> rules, JsonObject root, int depth)
    {
        var least = rules.Max(r => r["minItems"]?.GetValue<int>() ?? 0);
        var most = rules.Min(r => r["maxItems"]?.GetValue<int>() ?? 4);
        var length = random.Next(least, Math.Max(least, most) + 1);
        var prefix = rules.Select(r => r["prefixItems"]).OfType<JsonArray>().FirstOrDefault();
        var items = rules.Select(r => r["items"]).FirstOrDefault(i => i is not null);
        if (items?.ToJsonString() == "false") length = Math.Min(length, prefix?.Count ?? 0);
        var contains = rules.Select(r => r["contains"]).FirstOrDefault(c => c is not null);
        return new JsonArray([.. Enumerable.Range(0, length).Select(i => For(i < prefix?.Count ? prefix[i] : contains is not null && random.Next(2) == 0 ? contains : items ?? new JsonObject(), root, depth - 1))]);
    }
}
