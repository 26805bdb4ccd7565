using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Contracts;

/// <summary>The arguments that an inputSchema names, by a property or a pattern, wherever in its composition.</summary>
internal sealed class NamedArguments
{
    /// <summary>References that lead further are not followed; the admission of schemas bounds them lower.</summary>
    private const int MaxDepth = 32;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _patterns = new(StringComparer.Ordinal);
    private readonly Regex[] _matches;

    private NamedArguments(JsonElement schema)
    {
        Read(schema, schema, 0);
        // The same options as where schemas are admitted: others do not come so far.
        _matches = [.. _patterns.Select(p => new Regex(p, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant))];
    }

    public static NamedArguments Of(JsonElement inputSchema) => new(inputSchema);

    /// <summary>The names of arguments that the schema does not name; empty for most calls.</summary>
    public IReadOnlyList<string> FindAdditional(JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object) return [];
        List<string>? additional = null;
        foreach (var member in arguments.EnumerateObject())
        {
            if (_names.Contains(member.Name) || Array.Exists(_matches, m => m.IsMatch(member.Name))) continue;
            (additional ??= []).Add(member.Name);
        }

        return additional ?? (IReadOnlyList<string>)[];
    }

    private void Read(JsonElement schema, JsonElement root, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth) return;
        foreach (var member in schema.EnumerateObject())
        {
            switch (member.Name)
            {
                case "properties" when member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var property in member.Value.EnumerateObject()) _names.Add(property.Name);
                    break;
                case "patternProperties" when member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var pattern in member.Value.EnumerateObject()) _patterns.Add(pattern.Name);
                    break;
                case "allOf" or "anyOf" or "oneOf" when member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var part in member.Value.EnumerateArray()) Read(part, root, depth + 1);
                    break;
                case "if" or "then" or "else":
                    Read(member.Value, root, depth + 1);
                    break;
                case "dependentSchemas" when member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var part in member.Value.EnumerateObject()) Read(part.Value, root, depth + 1);
                    break;
                case "$ref" when member.Value.ValueKind == JsonValueKind.String && member.Value.GetString()!.StartsWith('#'):
                    if (JsonPointers.Follow(root, Uri.UnescapeDataString(member.Value.GetString()![1..])) is { } target) Read(target, root, depth + 1);
                    break;
            }
        }
    }
}
