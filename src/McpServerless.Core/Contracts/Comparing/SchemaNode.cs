using System.Globalization;
using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

/// <summary>A schema or subschema of one of the two documents, read by keyword, with the older draft's names turned into the newer one's.</summary>
/// <param name="Pointer">JSON pointer into the document.</param>
internal sealed record SchemaNode(SchemaDocument Document, JsonElement Json, string Pointer)
{
    /// <summary>Tells nodes apart, across both documents.</summary>
    public string Key => $"{Document.Label}{Pointer}";

    /// <summary>Nothing is valid.</summary>
    public bool IsFalse => Json.ValueKind == JsonValueKind.False;

    /// <summary>Everything is valid. A schema that is neither an object nor a truth value cannot get here: it is refused before.</summary>
    public bool IsTrue => Json.ValueKind != JsonValueKind.False && (Json.ValueKind != JsonValueKind.Object || !Json.EnumerateObject().MoveNext());

    public IReadOnlyList<SchemaNode> PrefixItems => Document.IsDraft07 ? List("items") : List("prefixItems");

    /// <summary>For what is past the prefix.</summary>
    public SchemaNode? Items
    {
        get
        {
            if (!Document.IsDraft07) return Schema("items");
            return Rule("items") is { ValueKind: JsonValueKind.Array } ? Schema("additionalItems") : Schema("items");
        }
    }

    public IEnumerable<(string Name, SchemaNode Schema)> DependentSchemas =>
        Document.IsDraft07 ? Members("dependencies").Where(m => m.Schema.Json.ValueKind != JsonValueKind.Array) : Members("dependentSchemas");

    public IEnumerable<(string Name, SchemaNode Names)> DependentRequired =>
        Document.IsDraft07 ? Members("dependencies").Where(m => m.Schema.Json.ValueKind == JsonValueKind.Array) : Members("dependentRequired");

    /// <summary>A keyword's value, or null without it.</summary>
    public JsonElement? Rule(string keyword)
    {
        if (Json.ValueKind != JsonValueKind.Object || !Json.TryGetProperty(keyword, out var rule)) return null;
        // JSON Schema draft-07, section 8.3: all other members beside $ref are ignored.
        return Document.IsDraft07 && keyword != "$ref" && Json.TryGetProperty("$ref", out _) ? null : rule;
    }

    public string? Text(string keyword) => Rule(keyword) is { ValueKind: JsonValueKind.String } rule ? rule.GetString() : null;

    /// <summary>Null without the keyword, and where its number is beyond what is calculated with.</summary>
    public decimal? Number(string keyword) => Rule(keyword) is { } rule ? Numbers.Read(rule) : null;

    public SchemaNode? Schema(string keyword) => Rule(keyword) is { } rule ? Child(rule, keyword) : null;

    /// <summary>The schemas of a keyword whose value is a list of them.</summary>
    public IReadOnlyList<SchemaNode> List(string keyword) => Rule(keyword) is { ValueKind: JsonValueKind.Array } rule
        ? [.. rule.EnumerateArray().Select((item, index) => Child(item, string.Create(CultureInfo.InvariantCulture, $"{keyword}/{index}")))]
        : [];

    /// <summary>The schemas of a keyword whose value is a map of them.</summary>
    public IEnumerable<(string Name, SchemaNode Schema)> Members(string keyword) => Rule(keyword) is { ValueKind: JsonValueKind.Object } rule
        ? rule.EnumerateObject().Select(member => (member.Name, Child(member.Value, $"{keyword}/{JsonPointers.Escape(member.Name)}")))
        : [];

    public SchemaNode? Member(string keyword, string name) =>
        Rule(keyword) is { ValueKind: JsonValueKind.Object } rule && rule.TryGetProperty(name, out var value) ? Child(value, $"{keyword}/{JsonPointers.Escape(name)}") : null;

    public IEnumerable<string> Names(string keyword) => Rule(keyword) is { ValueKind: JsonValueKind.Array } rule
        ? rule.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!)
        : [];

    private SchemaNode Child(JsonElement json, string path) => new(Document, json, $"{Pointer}/{path}");
}
