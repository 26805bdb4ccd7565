using System.Text.Json;

namespace McpServerless;

/// <summary>JSON pointers (RFC 6901) over <see cref="JsonElement"/>.</summary>
public static class JsonPointers
{
    /// <summary>One reference token, escaped (section 3).</summary>
    public static string Escape(string token) => token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>What the pointer leads to, or null (section 4).</summary>
    public static JsonElement? Follow(JsonElement node, string pointer)
    {
        foreach (var part in pointer.Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var member)) node = member;
            else if (node.ValueKind == JsonValueKind.Array && int.TryParse(name, out var i) && i >= 0 && i < node.GetArrayLength()) node = node[i];
            else return null;
        }

        return node;
    }
}
