using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

/// <summary>Whether two schemas are the same text, and so is everything that they refer to.</summary>
internal static class SchemaIdentity
{
    public static bool Same(SchemaNode a, SchemaNode b) => Same(a, b, new HashSet<string>(StringComparer.Ordinal));

    private static bool Same(SchemaNode a, SchemaNode b, HashSet<string> seen)
    {
        if (!seen.Add($"{a.Key}={b.Key}")) return true;
        if (!JsonElement.DeepEquals(a.Json, b.Json)) return false;
        var references = new HashSet<string>(StringComparer.Ordinal);
        if (!FindReferences(a.Json, references)) return a.Pointer.Length == 0 && b.Pointer.Length == 0;
        foreach (var reference in references)
        {
            if (a.Document.Resolve(reference) is not { } first || b.Document.Resolve(reference) is not { } second) return false;
            if (!Same(first, second, seen)) return false;
        }

        return true;
    }

    /// <summary>False when a reference depends on the path by which it is reached.</summary>
    private static bool FindReferences(JsonElement node, HashSet<string> references)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in node.EnumerateObject())
                {
                    if (member.Name == "$dynamicRef") return false;
                    if (member is { Name: "$ref", Value.ValueKind: JsonValueKind.String }) references.Add(member.Value.GetString()!);
                    if (!FindReferences(member.Value, references)) return false;
                }

                return true;
            case JsonValueKind.Array:
                return node.EnumerateArray().All(item => FindReferences(item, references));
            default:
                return true;
        }
    }
}
