using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.Protocol;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>Writes the members of a <c>CallToolResult</c> for a revision. What the gateway does not know passes as it is.</summary>
internal static class ToolResultWriter
{
    public static void Write(Utf8JsonWriter writer, JsonElement result, string revision)
    {
        var modern = revision == ProtocolRevision.Modern;
        if (modern) writer.WriteString("resultType"u8, "complete"u8);
        var structured = result.TryGetProperty("structuredContent"u8, out var value) ? value : default;
        // Before 2026-07-28 structured content is an object, in 2025-03-26 there is none: its text form then stands for it (SEP-2106).
        var dropsStructured = structured.ValueKind != JsonValueKind.Undefined
            && (revision == ProtocolRevision.Legacy20250326 || (!modern && structured.ValueKind != JsonValueKind.Object));
        foreach (var member in result.EnumerateObject())
        {
            if (member.NameEquals("resultType"u8)) continue;
            if (!modern && (member.NameEquals("ttlMs"u8) || member.NameEquals("cacheScope"u8))) continue;
            if (member.NameEquals("structuredContent"u8) && dropsStructured) continue;
            if (member.NameEquals("content"u8)) WriteContent(writer, member.Value, dropsStructured ? structured : default, revision);
            else if (member.NameEquals("_meta"u8) && member.Value.ValueKind == JsonValueKind.Object) WriteMeta(writer, member.Value);
            else WriteRaw(writer, member);
        }
    }

    private static void WriteContent(Utf8JsonWriter writer, JsonElement content, JsonElement structured, string revision)
    {
        writer.WriteStartArray("content"u8);
        var hasText = false;
        foreach (var block in content.EnumerateArray())
        {
            hasText |= IsOfType(block, "text"u8);
            if (revision == ProtocolRevision.Legacy20250326 && IsOfType(block, "resource_link"u8)) WriteText(writer, McpMessage.Text(block, "uri") ?? "");
            else writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(block), skipInputValidation: true);
        }

        if (structured.ValueKind != JsonValueKind.Undefined && !hasText) WriteText(writer, structured.GetRawText());
        writer.WriteEndArray();
    }

    /// <summary>The upstream's name for itself goes to nobody: the agent talks to the gateway.</summary>
    private static void WriteMeta(Utf8JsonWriter writer, JsonElement meta)
    {
        writer.WriteStartObject("_meta"u8);
        foreach (var member in meta.EnumerateObject())
        {
            if (!member.NameEquals(MetaKeys.ServerInfo)) WriteRaw(writer, member);
        }

        writer.WriteEndObject();
    }

    private static bool IsOfType(JsonElement block, ReadOnlySpan<byte> type) =>
        block.ValueKind == JsonValueKind.Object && block.TryGetProperty("type"u8, out var own) && own.ValueKind == JsonValueKind.String && own.ValueEquals(type);

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter writer, JsonProperty member)
    {
        writer.WritePropertyName(member.Name);
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
    }
}
