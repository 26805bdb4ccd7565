using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace McpServerless.Http.Tests.Manage;

/// <summary>Makes values for the schemas of the management API: those that keep them, and those that do not.</summary>
internal sealed class ValueMaker(Random random)
{
    /// <summary>Texts for the patterns that the document has; a new pattern has to be taught, or its values are all wrong.</summary>
    private static readonly (string Pattern, string[] Texts)[] Known =
    [
        ("[0-9A-Fa-f]{8}-", ["10000000-0000-0000-0000-000000000001", "10000000-0000-0000-0000-000000000002", "AAAAAAAA-0000-0000-0000-000000000003"]),
        ("^P(", ["P1D", "P2W", "PT5H"]),
        ("^[0-9a-f]{32}$", [new string('a', 32)]),
        ("server/", ["server/test", "tool/desk/pay"]),
        ("jit-", ["made", "made-2", "g-support"]),
        ("[01][0-9]", ["08:00", "17:30"]),
        ("\\x", ["plain", "Ünïcode", "a b"]),
    ];

    public JsonNode? Make(JsonNode schema)
    {
        if (schema is not JsonObject members) return JsonValue.Create(random.Next(100));
        if (members["const"] is { } constant) return constant.DeepClone();
        if (members["enum"] is JsonArray choices) return choices[random.Next(choices.Count)]?.DeepClone();
        var type = members["type"] is JsonArray types ? types.Select(t => t!.GetValue<string>()).First(t => t != "null") : members["type"]?.GetValue<string>();
        switch (type)
        {
            case "object":
                return Object(members);
            case "array":
                var least = members["minItems"]?.GetValue<int>() ?? 0;
                return new JsonArray([.. Enumerable.Range(0, random.Next(least, Math.Min(members["maxItems"]?.GetValue<int>() ?? 3, least + 2) + 1)).Select(_ => Make(members["items"] ?? new JsonObject()))]);
            case "integer":
                var (low, high) = (members["minimum"]?.GetValue<long>() ?? 0, members["maximum"]?.GetValue<long>() ?? 1000);
                return JsonValue.Create(random.Next(4) switch { 0 => low, 1 => high, _ => random.NextInt64(low, Math.Min(high, low + 1000) + 1) });
            case "number":
                return JsonValue.Create(random.Next(1000));
            case "boolean":
                return JsonValue.Create(random.Next(2) == 0);
            default:
                return JsonValue.Create(Text(members));
        }
    }

    /// <summary>A parameter's value.</summary>
    public string Text(JsonObject schema, bool valid) =>
        valid ? Make(schema)?.ToString() is "True" or "true" ? "true" : Make(schema) switch { JsonValue v when v.TryGetValue<bool>(out var flag) => flag ? "true" : "false", var other => other?.ToString() ?? "" } : Wild();

    public string Key() => random.Next(3) switch { 0 => "", 1 => new string('k', random.Next(120, 140)), _ => "with blank" };

    /// <summary>The same value with something wrong, or something odd that may be right.</summary>
    public JsonNode? Damage(JsonNode? node)
    {
        if (node is not JsonObject body || random.Next(8) == 0) return Odd();
        var names = body.Select(m => m.Key).ToList();
        var name = names.Count == 0 ? "x" : names[random.Next(names.Count)];
        switch (random.Next(4))
        {
            case 0:
                body.Remove(name);
                break;
            case 1:
                body["unknown"] = Odd();
                break;
            default:
                body[name] = Odd();
                break;
        }

        return body;
    }

    private JsonObject Object(JsonObject schema)
    {
        var made = new JsonObject();
        if (schema["properties"] is not JsonObject properties) return made;
        var required = (schema["required"]?.AsArray() ?? []).Select(r => r!.GetValue<string>()).ToHashSet();
        foreach (var alternatives in (string[])["oneOf", "anyOf"])
        {
            if (schema[alternatives] is JsonArray branches && branches[random.Next(branches.Count)]?["required"] is JsonArray chosen) required.UnionWith(chosen.Select(r => r!.GetValue<string>()));
        }

        var exclusive = schema["oneOf"] is JsonArray one ? one.SelectMany(b => b!["required"]!.AsArray().Select(r => r!.GetValue<string>())).ToHashSet() : [];
        foreach (var (name, property) in properties)
        {
            if (required.Contains(name) || (!exclusive.Contains(name) && random.Next(3) == 0)) made[name] = Make(property!);
        }

        return made;
    }

    private string Text(JsonObject schema)
    {
        if (schema["format"]?.GetValue<string>() == "date-time") return TimeProvider.System.GetUtcNow().AddHours(random.Next(1, 1000)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (schema["pattern"]?.GetValue<string>() is { } pattern && Array.Find(Known, k => pattern.Contains(k.Pattern, StringComparison.Ordinal)) is { Texts: { } texts }) return texts[random.Next(texts.Length)];
        var length = random.Next(Math.Max(1, schema["minLength"]?.GetValue<int>() ?? 1), Math.Min(schema["maxLength"]?.GetValue<int>() ?? 12, 24) + 1);
        return new string([.. Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(26)))]);
    }

    private JsonNode? Odd() => random.Next(9) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(-1),
        3 => JsonValue.Create(1e300),
        4 => new JsonArray(JsonValue.Create("a"), null),
        5 => new JsonObject { ["a"] = 1 },
        6 => JsonValue.Create(""),
        7 => JsonValue.Create(new string('x', 3000)),
        _ => JsonValue.Create(Wild()),
    };

    /// <summary>What no client should send.</summary>
    private string Wild()
    {
        string[] texts = ["", " ", "..", "%2e%2e", "a/b", "\0", "\u202e", "'; drop", "{}", "-1", "99999999999999999999", "true", "2026-13-40T00:00:00Z", "*", "💥", "a|b~0041", new string('y', 2500)];
        if (random.Next(3) > 0) return texts[random.Next(texts.Length)];
        var text = new StringBuilder();
        for (var i = random.Next(1, 40); i > 0; i--) text.Append((char)random.Next(1, 0x2ff));
        return text.ToString();
    }
}
