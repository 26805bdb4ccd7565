using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Microsoft.OpenApi.YamlReader;
using SharpYaml.Serialization;

namespace McpServerless.OpenApi.Import;

/// <summary>An OpenAPI document twice: read by Microsoft.OpenApi, and as the JSON that it was.</summary>
/// <remarks>
/// Schemas are taken from the JSON: the library's model turns <c>const: 5</c> into a text, forgets <c>nullable</c> beside
/// <c>allOf</c>, and has no place for <c>prefixItems</c> or a subschema that is <c>true</c>.
/// </remarks>
internal sealed class OpenApiSource
{
    public const int MaxBytes = 64 * 1024 * 1024;

    private const int MaxDepth = 256;

    private OpenApiSource(JsonNode root, OpenApiDocument model, bool isVersion30) => (Root, Model, IsVersion30) = (root, model, isVersion30);

    public JsonNode Root { get; }

    public OpenApiDocument Model { get; }

    /// <summary>Whether schemas are those of 3.0, which are not JSON Schema.</summary>
    public bool IsVersion30 { get; }

    /// <summary>The document, or null with a finding.</summary>
    public static OpenApiSource? Read(ReadOnlyMemory<byte> bytes, List<ImportFinding> findings)
    {
        if (bytes.Length > MaxBytes) return Fail(findings, ImportRule.DocumentTooLarge, $"has {bytes.Length} bytes; {MaxBytes} are read");
        JsonNode? root;
        try
        {
            root = Parse(bytes);
        }
        catch (Exception e)
        {
            // The YAML parser meets broken files with exceptions of many kinds.
            return Fail(findings, ImportRule.DocumentUnreadable, $"is not JSON or YAML: {e.Message}");
        }

        if (root is not JsonObject document) return Fail(findings, ImportRule.DocumentUnreadable, "is not an object");
        var version = (document["openapi"] ?? document["swagger"])?.ToString() ?? "";
        if (document["openapi"] is null || !(version.StartsWith("3.0", StringComparison.Ordinal) || version.StartsWith("3.1", StringComparison.Ordinal) || version.StartsWith("3.2", StringComparison.Ordinal)))
        {
            var found = version.Length == 0 ? "names no version" : $"says version {version}";
            return Fail(findings, ImportRule.VersionNotSupported, $"{found}; 3.0, 3.1 and 3.2 are read");
        }

        return ReadModel(document, version.StartsWith("3.0", StringComparison.Ordinal), findings);
    }

    /// <summary>What a pointer leads to, references on the way and at the end followed; null where there is nothing.</summary>
    public JsonNode? Find(string pointer) => Find(pointer, depth: 0);

    private JsonNode? Find(string pointer, int depth)
    {
        var node = (JsonNode?)Root;
        foreach (var part in pointer.Split('/').Skip(1))
        {
            if ((node = Follow(node, depth)) is null) return null;
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = node switch
            {
                JsonObject members => members[name],
                JsonArray items when int.TryParse(name, out var i) && i >= 0 && i < items.Count => items[i],
                _ => null,
            };
        }

        return node;
    }

    /// <summary>A reference's target, or the node itself.</summary>
    public JsonNode? Follow(JsonNode? node, int depth = 0)
    {
        if (node is not JsonObject holder || holder["$ref"] is not JsonValue reference || !reference.TryGetValue(out string? text)) return node;
        return depth < 32 && text.StartsWith("#/", StringComparison.Ordinal) ? Follow(Find(Uri.UnescapeDataString(text[1..]), depth + 1), depth + 1) : null;
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> bytes)
    {
        var text = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        if (text.Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
        {
            var node = JsonNode.Parse(text.Span, null, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaxDepth });
            return node;
        }

        using var reader = new StreamReader(new MemoryStream(text.ToArray()));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return yaml.Documents.Count == 0 ? null : yaml.Documents[0].ToJsonNode();
    }

    private static OpenApiSource? ReadModel(JsonObject root, bool isVersion30, List<ImportFinding> findings)
    {
        ReadResult result;
        try
        {
            // References to other documents are not followed: they could lead anywhere, and change after a person has looked.
            result = new OpenApiJsonReader().Read(LocalReferences.Inline(root, findings), new Uri("https://document.invalid/"), new OpenApiReaderSettings { LoadExternalRefs = false, RuleSet = ValidationRuleSet.GetEmptyRuleSet() });
        }
        catch (Exception e)
        {
            // The library throws exceptions of several kinds, NullReferenceException among them, for what it does not expect.
            return Fail(findings, ImportRule.DocumentUnreadable, $"cannot be read as OpenAPI: {e.Message}");
        }

        foreach (var error in result.Diagnostic?.Errors ?? [])
            findings.Add(new ImportFinding(ImportRule.DocumentInvalid, error.Pointer?.TrimStart('#') ?? "", error.Message));
        return result.Document is { } model ? new OpenApiSource(root, model, isVersion30) : Fail(findings, ImportRule.DocumentUnreadable, "cannot be read as OpenAPI");
    }

    private static OpenApiSource? Fail(List<ImportFinding> findings, ImportRule rule, string message)
    {
        findings.Add(new ImportFinding(rule, "", message));
        return null;
    }
}
