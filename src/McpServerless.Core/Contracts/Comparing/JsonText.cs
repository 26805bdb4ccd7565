using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpServerless.Contracts.Comparing;

/// <summary>Texts in and out of JSON.</summary>
internal static class JsonText
{
    public static JsonElement Of(string text) => JsonSerializer.SerializeToElement(text, TextJson.Default.String);

    public static IEnumerable<string> Strings(JsonElement list) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!)
        : [];
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
internal sealed partial class TextJson : JsonSerializerContext;
