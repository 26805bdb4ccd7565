using System.Text.Json;

namespace McpServerless;

/// <summary>Reads members of JSON from outside, where neither the owner nor the member needs to be of the kind that is hoped for.</summary>
public static class JsonMembers
{
    /// <summary>A member of an object; undefined where the owner is no object or has none of that name.</summary>
    public static JsonElement Member(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A member that is a text; null where it is missing or something else.</summary>
    public static string? Text(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;
}
