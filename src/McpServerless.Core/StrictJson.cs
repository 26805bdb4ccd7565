using System.Text.Json;
using System.Text.Unicode;

namespace McpServerless;

/// <summary>Reads JSON from outside: what is read once here never throws when it is looked at later.</summary>
public static class StrictJson
{
    /// <summary>The document, or null: invalid syntax or UTF-8, a repeated name, deeper than allowed, or a text that nobody could read.</summary>
    /// <remarks>
    /// Two readings of one message are what confused-deputy attacks are made of, hence no repeated names (RFC 8259, section 4). An escaped
    /// half of a surrogate pair is JSON by its grammar, but no text (RFC 8259, section 8.2).
    /// </remarks>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> json, int maxDepth)
    {
        if (!Utf8.IsValid(json.Span)) return null;
        try
        {
            var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = maxDepth });
            if (json.Span.IndexOf("\\u"u8) < 0 || HasReadableTexts(document.RootElement)) return document;
            document.Dispose();
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter when names are compared and one of them has half of a surrogate pair.
            return null;
        }
    }

    private static bool HasReadableTexts(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is not null,
                JsonValueKind.Object => element.EnumerateObject().All(m => m.Name is not null && HasReadableTexts(m.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(HasReadableTexts),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
