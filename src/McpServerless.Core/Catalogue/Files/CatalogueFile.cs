using System.Text.Json;

namespace McpServerless.Catalogue.Files;

/// <summary>One file as read: its value, and where in the text each part of it stands.</summary>
internal sealed class CatalogueFile(string path, JsonElement root, IReadOnlyDictionary<string, TextPlace> places)
{
    /// <summary>Relative to the folder, with forward slashes.</summary>
    public string Path { get; } = path;

    public JsonElement Root { get; } = root;

    /// <summary>The value of <c>kind</c>; empty when it is missing or no text.</summary>
    public string Kind => Text("kind") ?? "";

    /// <summary>Where a pointer's value stands, or the nearest one around it that has a place.</summary>
    public TextPlace PlaceOf(string pointer)
    {
        while (true)
        {
            if (places.TryGetValue(pointer, out var place)) return place;
            if (pointer.Length == 0) return default;
            pointer = pointer[..pointer.LastIndexOf('/')];
        }
    }

    public CatalogueFinding Finding(FindingRule rule, string pointer, string message) => new(rule, Path, PlaceOf(pointer), pointer, message);

    /// <summary>A text of the file, or null when there is none at this place.</summary>
    public string? Text(params ReadOnlySpan<string> names)
    {
        var node = Root;
        foreach (var name in names)
        {
            if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty(name, out node)) return null;
        }

        return node.ValueKind == JsonValueKind.String ? node.GetString() : null;
    }

    /// <summary>The same file with another value: places stay those of the text.</summary>
    public CatalogueFile With(JsonElement changed) => new(Path, changed, places);
}
