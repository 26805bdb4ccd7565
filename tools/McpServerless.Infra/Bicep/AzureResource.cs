using System.Text.Json;

namespace McpServerless.Infra.Bicep;

/// <summary>One resource that a deployment would make.</summary>
public sealed record AzureResource(string Id, string Type, string Name, string ApiVersion, JsonElement Body)
{
    internal static AzureResource Read(JsonElement json) => new(
        Text(json, "id") ?? "", Text(json, "type") ?? "", Text(json, "name") ?? "", Text(json, "apiVersion") ?? "", json);

    /// <summary>The value at a path of members, as text (<c>true</c>, <c>42</c>, a string); null when it is absent or null.</summary>
    public string? At(string path) => Element(path) is { } value ? AsText(value) : null;

    /// <summary>The element at a path of members and of numbers in arrays.</summary>
    public JsonElement? Element(string path)
    {
        var value = Body;
        foreach (var part in path.Split('/'))
        {
            if (value.ValueKind == JsonValueKind.Array && int.TryParse(part, out var index) && index < value.GetArrayLength()) value = value[index];
            else if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value)) return null;
        }

        return value;
    }

    public IEnumerable<JsonElement> Elements(string path) => Element(path) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? AsText(value) : null;

    internal static string? AsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => value.GetRawText(),
    };
}

/// <summary>What <c>azd provision</c> would make with one set of parameters.</summary>
/// <param name="Name">The set's name, for findings.</param>
/// <param name="IsPrivate">Whether storage and vault are taken off the public network.</param>
/// <param name="MakesRegistration">Whether the app registration is part of it.</param>
/// <param name="Resources">All of them, those of modules included.</param>
public sealed record Deployment(string Name, bool IsPrivate, bool MakesRegistration, IReadOnlyList<AzureResource> Resources)
{
    public IEnumerable<AzureResource> OfType(string type) => Resources.Where(resource => resource.Type.Equals(type, StringComparison.OrdinalIgnoreCase));

    public Finding Finding(AzureResource resource, string rule, string message) => new($"{Name}: {resource.Type} {resource.Name}", rule, message);
}
