using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

/// <summary>One of the two schemas of a comparison, with its references.</summary>
/// <remarks>It reads draft 2020-12 and draft-07, in which tuples and dependencies have other names and <c>$ref</c> silences what stands beside it.</remarks>
internal sealed class SchemaDocument
{
    /// <summary>Further keywords that one of the dialects does not know. That of tuples and references is told by what they hold.</summary>
    private static readonly HashSet<string> OfOneDialect = new(StringComparer.Ordinal)
    {
        "additionalItems", "dependencies",
        "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef", "$vocabulary",
    };

    /// <summary>What may stand beside a draft-07 reference without a meaning that could be lost.</summary>
    private static readonly HashSet<string> Silent = new(StringComparer.Ordinal) { "$ref", "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly" };

    private readonly JsonElement _root;
    private readonly Dictionary<string, JsonElement> _anchors = new(StringComparer.Ordinal);

    public SchemaDocument(string label, JsonElement root)
    {
        (Label, _root) = (label, root);
        IsDraft07 = SchemaDialect.IsDraft07(root);
        Survey(root, isRoot: true);
        Root = new SchemaNode(this, root, "");
    }

    /// <summary>Tells the nodes of the two schemas apart.</summary>
    public string Label { get; }

    public bool IsDraft07 { get; }

    /// <summary>Whether it would mean something else in the other dialect.</summary>
    public bool DependsOnDialect { get; private set; }

    public SchemaNode Root { get; }

    /// <summary>Whether a schema inside has an identifier of its own, which gives references below it another meaning.</summary>
    public bool HasEmbeddedIdentifiers { get; private set; }

    /// <summary>What a reference leads to, or null when it leads out of the document or nowhere.</summary>
    public SchemaNode? Resolve(string reference)
    {
        if (reference == "#") return Root;
        if (_anchors.TryGetValue(reference, out var anchored)) return new SchemaNode(this, anchored, reference);
        if (!reference.StartsWith("#/", StringComparison.Ordinal)) return null;
        var pointer = Uri.UnescapeDataString(reference[1..]);
        return JsonPointers.Follow(_root, pointer) is { } target ? new SchemaNode(this, target, pointer) : null;
    }

    private void Survey(JsonElement node, bool isRoot)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.Object:
                var refers = node.TryGetProperty("$ref", out _);
                foreach (var member in node.EnumerateObject())
                {
                    DependsOnDialect |= OfOneDialect.Contains(member.Name) || SchemaDialect.OfTheNewer.Contains(member.Name)
                        || member is { Name: "items", Value.ValueKind: JsonValueKind.Array }
                        || (member is { Name: "format", Value.ValueKind: JsonValueKind.String } && member.Value.GetString() is "uuid" or "duration")
                        || (refers && !Silent.Contains(member.Name));
                    // A property may be called like a keyword; what is taken for an identifier then only makes the comparison more careful.
                    if (member is { Name: "$id" or "id", Value.ValueKind: JsonValueKind.String } && !isRoot) HasEmbeddedIdentifiers = true;
                    if (member is { Name: "$anchor" or "$dynamicAnchor", Value.ValueKind: JsonValueKind.String }) _anchors.TryAdd("#" + member.Value.GetString(), node);
                    Survey(member.Value, isRoot: false);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in node.EnumerateArray()) Survey(item, isRoot: false);
                break;
        }
    }
}
