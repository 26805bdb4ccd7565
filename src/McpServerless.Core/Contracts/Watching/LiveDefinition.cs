using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Audit;

namespace McpServerless.Contracts.Watching;

/// <summary>A pinned definition beside what the upstream says: a person's field rules are in the one and not in the other.</summary>
public static class LiveDefinition
{
    private const string FieldRule = "x-governance";

    /// <summary>Hash of a definition without field rules.</summary>
    public static string HashOf(JsonElement definition) => CanonicalJson.Hash(WithoutRules(definition));

    /// <summary>The definition without field rules, which the upstream does not know.</summary>
    public static JsonElement WithoutRules(JsonElement definition)
    {
        if (!definition.GetRawText().Contains(FieldRule, StringComparison.Ordinal)) return definition;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, definition);
        return JsonElement.Parse(buffer.ToArray());
    }

    /// <summary>A live definition with the field rules of the pinned one, where the fields are still there.</summary>
    public static JsonElement WithRulesOf(JsonElement pinned, JsonElement live)
    {
        if (!pinned.GetRawText().Contains(FieldRule, StringComparison.Ordinal)) return live;
        var merged = JsonNode.Parse(live.GetRawText());
        Carry(JsonNode.Parse(pinned.GetRawText())?["inputSchema"], merged?["inputSchema"]);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) merged!.WriteTo(writer); // it was an object, and is one
        return JsonElement.Parse(buffer.ToArray());
    }

    /// <summary>Puts field rules to the same places of another schema.</summary>
    public static void Carry(JsonNode? before, JsonNode? after)
    {
        switch (before, after)
        {
            case (JsonObject old, JsonObject now):
                if (old[FieldRule] is JsonValue rule) now[FieldRule] = rule.DeepClone();
                foreach (var (name, value) in old) Carry(value, now[name]);
                break;
            case (JsonArray old, JsonArray now):
                for (var i = 0; i < Math.Min(old.Count, now.Count); i++) Carry(old[i], now[i]);
                break;
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement node)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in node.EnumerateObject())
                {
                    // A property of that name is a schema, and a rule is a text.
                    if (member.NameEquals(FieldRule) && member.Value.ValueKind == JsonValueKind.String) continue;
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in node.EnumerateArray()) Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteRawValue(node.GetRawText());
                break;
        }
    }
}
