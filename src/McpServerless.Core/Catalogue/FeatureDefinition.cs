using System.Buffers;
using System.Text.Json;

namespace McpServerless.Catalogue;

/// <summary>A pinned MCP object in the forms that the revisions read, written once and sent many times.</summary>
/// <param name="Modern">With every member that it had.</param>
/// <param name="Legacy">
/// For revisions before 2026-07-28, whose schema wants the root of <c>outputSchema</c> to be an object: one that is not is left out, because
/// a strict client refuses the whole list for it (SEP-2106).
/// </param>
/// <param name="Oldest">For 2025-03-26, which knows neither <c>outputSchema</c> nor <c>title</c> nor <c>icons</c>.</param>
/// <remarks>
/// No form has <c>execution</c>: the tasks of 2025-11-25, of which it speaks, are not served, and 2026-07-28 has no such member.
/// </remarks>
public sealed record FeatureDefinition(ReadOnlyMemory<byte> Modern, ReadOnlyMemory<byte> Legacy, ReadOnlyMemory<byte> Oldest)
{
    /// <param name="definition">The object as it is pinned.</param>
    /// <param name="name">Stands for its own name; null leaves it as it is, for what is known by a URI.</param>
    /// <param name="deprecation">What callers are told of its end; null for what does not end.</param>
    internal static FeatureDefinition Of(JsonElement definition, string? name, Deprecation? deprecation = null)
    {
        var legacyTakesOutput = definition.TryGetProperty("outputSchema"u8, out var output)
            && output.ValueKind == JsonValueKind.Object
            && output.TryGetProperty("type"u8, out var type)
            && type.ValueKind == JsonValueKind.String
            && type.ValueEquals("object"u8);
        return new FeatureDefinition(
            Write(definition, name, deprecation, member => member != "execution"),
            Write(definition, name, deprecation, member => member != "execution" && (member != "outputSchema" || legacyTakesOutput)),
            Write(definition, name, null, member => member is not ("outputSchema" or "title" or "icons" or "execution")));
    }

    private static ReadOnlyMemory<byte> Write(JsonElement definition, string? name, Deprecation? deprecation, Func<string, bool> keep)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        if (name is not null) writer.WriteString("name"u8, name);
        foreach (var member in definition.EnumerateObject())
        {
            if (deprecation is not null && member.NameEquals("_meta"u8) && member.Value.ValueKind == JsonValueKind.Object) continue;
            if ((name is null || !member.NameEquals("name"u8)) && keep(member.Name)) member.WriteTo(writer);
        }

        if (deprecation is not null) WriteMeta(writer, definition, deprecation);

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory.ToArray();
    }

    /// <summary>The pinned <c>_meta</c>, and what the gateway says of the end.</summary>
    private static void WriteMeta(Utf8JsonWriter writer, JsonElement definition, Deprecation deprecation)
    {
        writer.WriteStartObject("_meta"u8);
        if (JsonMembers.Member(definition, "_meta") is { ValueKind: JsonValueKind.Object } own)
        {
            foreach (var member in own.EnumerateObject().Where(m => !m.NameEquals(Deprecation.MetaKey))) member.WriteTo(writer);
        }

        deprecation.Write(writer);
        writer.WriteEndObject();
    }
}
