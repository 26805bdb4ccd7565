using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpServerless.Fuzz;

/// <summary>Changes the structure of a JSON text. Works on texts that a tree cannot hold: repeated names, halves of surrogate pairs, any number.</summary>
internal static class JsonMutator
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "1e0", "1.0", "0.1", "1.5", "-1", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e308", "1e309", "-1e999",
        "1e-400", "1E+2147483648", "123456789012345678901234567890.123456789", "0.30000000000000004", "79228162514264337593543950336", "1e28", "1e-28", "0.00000000000000000000000000001",
    ];

    private static readonly string[] Texts =
    [
        "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"a\\ud83d\\ude00b\"", "\"\\u202e\\u0301\\ufeff\"", "\"\u00e9\u0301\ud83d\ude00\"", "\"\\r\\n\\r\\ndata: x\"", "\"=?base64?b2s=?=\"",
        "\"../..\"", "\"{\\\"a\\\":1}\"", "\"2026-07-28\"", "\"2025-03-26\"", "\"1e999\"", "\"\\\\\"", "\"\\u0069\\u0064\"", "\"</script>\"", "\"ordinal\u2028\u2029\"",
    ];

    private static readonly string[] Names = ["id", "method", "params", "_meta", "name", "arguments", "jsonrpc", "result", "error", "code", "message", "__proto__", "", "\\u0061", "\\ud800", "content", "structuredContent", "progressToken", "toString", "$ref"];

    public static string Mutate(string json, Random random, int times)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return json;
        }

        // What a tree cannot hold stands in it as a mark and is put in at the end.
        var raw = new List<string>();
        for (var i = 0; i < times; i++) root = MutateOnce(root, random, raw);
        var text = new StringBuilder(root?.ToJsonString() ?? "null");
        for (var i = raw.Count - 1; i >= 0; i--) text.Replace($"\"@@{i}@@\"", raw[i]);
        return text.ToString();
    }

    public static string AnyValue(Random random) => random.Next(11) switch
    {
        0 => "null",
        1 => "true",
        2 => "[]",
        3 => "{}",
        4 => Deep(random.Next(2) == 0 ? 40 : random.Next(55, 75), random.Next(2) == 0),
        5 => random.Next(40) == 0 ? Deep(5000, true) : "[1,\"x\",null]",
        6 or 7 => Pick(Texts, random),
        8 => $"\"{new string('x', random.Next(1, 300))}\"",
        _ => Pick(Numbers, random),
    };

    public static T Pick<T>(IReadOnlyList<T> values, Random random) => values[random.Next(values.Count)];

    private static string Deep(int levels, bool arrays) => arrays
        ? new string('[', levels) + new string(']', levels)
        : string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);

    private static JsonNode? MutateOnce(JsonNode? root, Random random, List<string> raw)
    {
        var containers = new List<JsonNode>();
        Collect(root, containers);
        if (containers.Count == 0 || random.Next(60) == 0) return Raw(AnyValue(random), raw);
        switch (Pick(containers, random))
        {
            case JsonObject { Count: 0 } empty:
                empty.Add($"n{random.Next(1000)}", Raw(AnyValue(random), raw));
                break;
            case JsonObject owner:
                MutateObject(owner, Pick([.. owner.Select(m => m.Key)], random), random, raw);
                break;
            case JsonArray list when list.Count == 0 || random.Next(3) == 0:
                list.Add(Raw(AnyValue(random), raw));
                break;
            case JsonArray list when random.Next(3) == 0:
                list.RemoveAt(random.Next(list.Count));
                break;
            case JsonArray list:
                list[random.Next(list.Count)] = Raw(AnyValue(random), raw);
                break;
        }

        return root;
    }

    private static void MutateObject(JsonObject owner, string name, Random random, List<string> raw)
    {
        switch (random.Next(8))
        {
            case 0:
                owner.Remove(name);
                break;
            case 1:
                var moved = owner[name];
                owner.Remove(name);
                Put(owner, Pick(Names, random), moved, raw);
                break;
            case 2:
                Put(owner, name.ToUpperInvariant(), owner[name]?.DeepClone(), raw);
                break;
            case 3: // The same name twice, once perhaps with an escape in it.
                var again = random.Next(2) == 0 || name.Length == 0 ? name : $"\\u{(int)name[0]:x4}{name[1..]}";
                Put(owner, $"twice{random.Next(1000)}", owner[name]?.DeepClone(), raw, again);
                break;
            case 4:
                Put(owner, $"more{random.Next(1000)}", Raw(AnyValue(random), raw), raw, Pick(Names, random));
                break;
            default:
                owner[name] = Raw(AnyValue(random), raw);
                break;
        }
    }

    private static void Put(JsonObject owner, string name, JsonNode? value, List<string> raw, string? rawName = null)
    {
        rawName ??= name;
        raw.Add($"\"{rawName}\"");
        owner[$"@@{raw.Count - 1}@@"] = value;
    }

    private static JsonValue Raw(string json, List<string> raw)
    {
        raw.Add(json);
        return JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"@@{raw.Count - 1}@@"));
    }

    private static void Collect(JsonNode? node, List<JsonNode> into)
    {
        if (node is JsonObject owner)
        {
            into.Add(owner);
            foreach (var (_, value) in owner) Collect(value, into);
        }
        else if (node is JsonArray list)
        {
            into.Add(list);
            foreach (var value in list) Collect(value, into);
        }
    }
}
