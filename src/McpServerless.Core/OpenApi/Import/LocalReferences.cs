using System.Text.Json.Nodes;

namespace McpServerless.OpenApi.Import;

/// <summary>
/// The library follows references to <c>#/components/…</c> alone. Documents that a tool put together from parts also refer from one path
/// into another; for those, what they refer to takes their place.
/// </summary>
internal static class LocalReferences
{
    private const int MaxReferences = 16;

    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

    /// <summary>A copy of the document in which parameters, bodies and responses stand where they are used, unless they are components.</summary>
    public static JsonObject Inline(JsonObject document, List<ImportFinding> findings)
    {
        var copy = (JsonObject)document.DeepClone();
        if (copy["paths"] is not JsonObject paths) return copy;
        foreach (var (path, item) in paths)
        {
            if (item is not JsonObject members) continue;
            var at = $"/paths/{JsonPointers.Escape(path)}";
            InlineItems(document, members["parameters"] as JsonArray, $"{at}/parameters", findings);
            foreach (var method in Methods)
            {
                if (members[method] is not JsonObject operation) continue;
                InlineItems(document, operation["parameters"] as JsonArray, $"{at}/{method}/parameters", findings);
                InlineMember(document, operation, "requestBody", $"{at}/{method}/requestBody", findings);
                if (operation["responses"] is not JsonObject responses) continue;
                foreach (var code in responses.Select(r => r.Key).ToList()) InlineMember(document, responses, code, $"{at}/{method}/responses/{code}", findings);
            }
        }

        return copy;
    }

    private static void InlineItems(JsonObject document, JsonArray? list, string at, List<ImportFinding> findings)
    {
        for (var i = 0; i < (list?.Count ?? 0); i++)
        {
            if (Target(document, list![i], $"{at}/{i}", findings) is { } target) list[i] = target;
        }
    }

    private static void InlineMember(JsonObject document, JsonObject owner, string name, string at, List<ImportFinding> findings)
    {
        if (Target(document, owner[name], at, findings) is { } target) owner[name] = target;
    }

    /// <summary>What takes a node's place; null where it stays, because it is no reference or one that the library follows.</summary>
    private static JsonNode? Target(JsonObject document, JsonNode? node, string at, List<ImportFinding> findings)
    {
        var current = node;
        for (var i = 0; i < MaxReferences; i++)
        {
            if ((current as JsonObject)?["$ref"] is not JsonValue value || !value.TryGetValue(out string? reference)) return i == 0 ? null : current?.DeepClone();
            if (IsComponent(reference)) return i == 0 ? null : current!.DeepClone();
            if (!reference.StartsWith("#/", StringComparison.Ordinal)) break;
            current = Follow(document, Uri.UnescapeDataString(reference[1..]));
        }

        findings.Add(new ImportFinding(ImportRule.DocumentInvalid, at, "refers to something that the document does not have; references to other documents are not followed"));
        return null;
    }

    /// <summary>A component by its name, and nothing within one.</summary>
    private static bool IsComponent(string reference) =>
        reference.StartsWith("#/components/", StringComparison.Ordinal) && reference.Count(c => c == '/') == 3;

    private static JsonNode? Follow(JsonNode document, string pointer)
    {
        var node = document;
        foreach (var part in pointer.Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = node switch
            {
                JsonObject members => members[name],
                JsonArray items when int.TryParse(name, out var i) && i >= 0 && i < items.Count => items[i],
                _ => null,
            };
            if (node is null) return null;
        }

        return node;
    }
}
