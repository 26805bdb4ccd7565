using System.Buffers;
using System.Text.Json;

namespace McpServerless.Catalogue;

/// <summary>An MCP <c>Tool</c> object in the forms that the two eras read, written once and sent many times.</summary>
/// <param name="Modern">With every member that it had.</param>
/// <param name="Legacy">
/// For revisions before 2026-07-28, whose schema wants the root of <c>outputSchema</c> to be an object: one that is not is left out, because
/// a strict client refuses the whole list for it (SEP-2106).
/// </param>
/// <param name="Oldest">For 2025-03-26, which knows neither <c>outputSchema</c> nor <c>title</c>.</param>
public sealed record ToolDefinition(ReadOnlyMemory<byte> Modern, ReadOnlyMemory<byte> Legacy, ReadOnlyMemory<byte> Oldest)
{
    internal static ToolDefinition WithName(JsonElement tool, string name)
    {
        var legacyTakesOutput = tool.TryGetProperty("outputSchema", out var output)
            && output.ValueKind == JsonValueKind.Object
            && output.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String
            && type.ValueEquals("object");
        return new ToolDefinition(
            Write(tool, name, _ => true),
            Write(tool, name, member => member != "outputSchema" || legacyTakesOutput),
            Write(tool, name, member => member is not ("outputSchema" or "title" or "icons" or "execution")));
    }

    private static ReadOnlyMemory<byte> Write(JsonElement tool, string name, Func<string, bool> keep)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        foreach (var member in tool.EnumerateObject())
        {
            if (!member.NameEquals("name"u8) && keep(member.Name)) member.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory.ToArray();
    }
}
