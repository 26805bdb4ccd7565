using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>Writes the members of a result for a revision. What the gateway does not know passes as it is.</summary>
internal static class ResultWriter
{
    public static void Write(Utf8JsonWriter writer, CallResult result, string method, string revision, int ttlMilliseconds)
    {
        var body = result.Result;
        if (revision == ProtocolRevision.Modern) WriteModern(writer, result, method, ttlMilliseconds);
        var structured = body.TryGetProperty("structuredContent"u8, out var value) ? value : default;
        // Before 2026-07-28 structured content is an object, in 2025-03-26 there is none: its text form then stands for it (SEP-2106).
        var dropsStructured = structured.ValueKind != JsonValueKind.Undefined
            && (revision == ProtocolRevision.Legacy20250326 || (revision != ProtocolRevision.Modern && structured.ValueKind != JsonValueKind.Object));
        foreach (var member in body.EnumerateObject())
        {
            if (IsOfTheGateway(member, method, revision)) continue;
            if (member.NameEquals("structuredContent"u8) && dropsStructured) continue;
            if (member.NameEquals("requestState"u8) && result.RequestState is { } state) writer.WriteString("requestState"u8, state);
            else if (member.NameEquals("taskId"u8) && result.TaskId is { } task) writer.WriteString("taskId"u8, task);
            else if (member.NameEquals("content"u8) && member.Value.ValueKind == JsonValueKind.Array) WriteContent(writer, member.Value, dropsStructured ? structured : default, revision);
            else if (member.NameEquals("messages"u8) && method == RequestMethods.PromptsGet && revision == ProtocolRevision.Legacy20250326) WriteOldestMessages(writer, member.Value);
            else if (member.NameEquals("_meta"u8) && member.Value.ValueKind == JsonValueKind.Object) WriteMeta(writer, member.Value);
            else WriteRaw(writer, member);
        }
    }

    /// <summary>Members that the gateway writes itself where the revision has them. A task has a life of its own, which its upstream tells.</summary>
    private static bool IsOfTheGateway(JsonProperty member, string method, string revision) =>
        member.NameEquals("resultType"u8) || ((revision != ProtocolRevision.Modern || method == RequestMethods.ResourcesRead) && (member.NameEquals("ttlMs"u8) || member.NameEquals("cacheScope"u8)));

    private static void WriteModern(Utf8JsonWriter writer, CallResult result, string method, int ttlMilliseconds)
    {
        writer.WriteString("resultType"u8, result.Kind switch
        {
            ResultKind.InputRequired => "input_required"u8,
            ResultKind.Task => "task"u8,
            _ => "complete"u8,
        });
        // Of what is read from an upstream only resources may be kept, and no longer than either side allows (MCP 2026-07-28, Caching).
        if (method != RequestMethods.ResourcesRead || result.Kind != ResultKind.Complete) return;
        var own = result.Result.TryGetProperty("ttlMs"u8, out var ttl) && ttl.ValueKind == JsonValueKind.Number && ttl.TryGetInt32(out var milliseconds) ? Math.Max(0, milliseconds) : 0;
        writer.WriteNumber("ttlMs"u8, Math.Min(own, ttlMilliseconds));
        writer.WriteString("cacheScope"u8, "private"u8);
    }

    private static void WriteContent(Utf8JsonWriter writer, JsonElement content, JsonElement structured, string revision)
    {
        writer.WriteStartArray("content"u8);
        var isTold = structured.ValueKind == JsonValueKind.Undefined;
        foreach (var block in content.EnumerateArray())
        {
            isTold = isTold || Tells(block, structured);
            WriteBlock(writer, block, revision);
        }

        if (!isTold) WriteText(writer, structured.GetRawText());
        writer.WriteEndArray();
    }

    /// <summary>2025-03-26 has no links: a link is told as its URI.</summary>
    private static void WriteBlock(Utf8JsonWriter writer, JsonElement block, string revision)
    {
        if (revision == ProtocolRevision.Legacy20250326 && IsOfType(block, "resource_link"u8)) WriteText(writer, McpMessage.Text(block, "uri") ?? "");
        else writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(block), skipInputValidation: true);
    }

    /// <summary>The messages of a prompt, each with one block.</summary>
    private static void WriteOldestMessages(Utf8JsonWriter writer, JsonElement messages)
    {
        writer.WriteStartArray("messages"u8);
        foreach (var message in messages.EnumerateArray())
        {
            writer.WriteStartObject();
            foreach (var member in message.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (member.NameEquals("content"u8)) WriteBlock(writer, member.Value, ProtocolRevision.Legacy20250326);
                else writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Whether a block is the text form of structured content, which servers are to send beside it (MCP, Tools, Structured Content).</summary>
    private static bool Tells(JsonElement block, JsonElement structured)
    {
        if (!IsOfType(block, "text"u8) || McpMessage.Text(block, "text") is not { } text) return false;
        using var told = StrictJson.Parse(Encoding.UTF8.GetBytes(text), RequestBody.MaxDepth);
        return told is not null && JsonElement.DeepEquals(told.RootElement, structured);
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
