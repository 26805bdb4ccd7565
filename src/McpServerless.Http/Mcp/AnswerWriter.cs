using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Catalogue;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>Writes JSON-RPC messages in the shape of a revision.</summary>
internal static class AnswerWriter
{
    /// <summary>Key of the refusal in <c>_meta</c> and in an error's <c>data</c>, for programs that want more than the text.</summary>
    public const string RefusalKey = "io.github.mcpserverless/refusal";

    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };
    private static readonly string Version = typeof(AnswerWriter).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>A response whose result the caller writes.</summary>
    public static void WriteResult(PooledBytes target, JsonElement id, Action<Utf8JsonWriter> result)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id);
        writer.WriteStartObject("result"u8);
        result(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>An error; without an id when the request's could not be read (the schema has no <c>null</c> id).</summary>
    public static void WriteError(PooledBytes target, JsonElement id, int code, string message, Action<Utf8JsonWriter>? data = null)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id);
        writer.WriteStartObject("error"u8);
        writer.WriteNumber("code"u8, code);
        writer.WriteString("message"u8, message);
        if (data is not null)
        {
            writer.WriteStartObject("data"u8);
            data(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteDiscovery(Utf8JsonWriter writer, Admission admission, int ttlMilliseconds)
    {
        WriteVersions(writer, "supportedVersions");
        writer.WriteStartObject("capabilities"u8);
        writer.WriteStartObject("tools"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (admission.Server.Definition.Instructions is { } instructions) writer.WriteString("instructions"u8, instructions);
        WriteCaching(writer, ttlMilliseconds);
        writer.WriteStartObject("_meta"u8);
        WriteServerInfo(writer, MetaKeys.ServerInfo, admission);
        writer.WriteEndObject();
    }

    public static void WriteInitialization(Utf8JsonWriter writer, Admission admission, string revision)
    {
        writer.WriteString("protocolVersion"u8, revision);
        writer.WriteStartObject("capabilities"u8);
        writer.WriteStartObject("tools"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        WriteServerInfo(writer, "serverInfo", admission);
        if (admission.Server.Definition.Instructions is { } instructions) writer.WriteString("instructions"u8, instructions);
    }

    public static void WriteToolList(Utf8JsonWriter writer, IReadOnlyList<ExposedFeature> tools, string revision, int ttlMilliseconds)
    {
        writer.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            var definition = revision switch
            {
                ProtocolRevision.Modern => tool.Definition.Modern,
                ProtocolRevision.Legacy20250326 => tool.Definition.Oldest,
                _ => tool.Definition.Legacy,
            };
            writer.WriteRawValue(definition.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
        if (revision == ProtocolRevision.Modern) WriteCaching(writer, ttlMilliseconds);
    }

    /// <summary>A tool's result or error, with what the revision adds, and without what it does not know or what speaks of the hop behind the gateway.</summary>
    public static void WriteToolResult(PooledBytes target, JsonElement id, ToolResult result, string revision)
    {
        if (result.Error.ValueKind == JsonValueKind.Object) WriteUpstreamError(target, id, result.Error, revision);
        else WriteResult(target, id, writer => ToolResultWriter.Write(writer, result.Result, revision));
    }

    /// <summary>A refusal that a model should read: a result with <c>isError</c>.</summary>
    public static void WriteRefusalResult(PooledBytes target, JsonElement id, Refusal refusal, Guid requestId, string revision) =>
        WriteResult(target, id, writer =>
        {
            if (revision == ProtocolRevision.Modern) writer.WriteString("resultType"u8, "complete"u8);
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("text"u8, refusal.Detail);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteBoolean("isError"u8, true);
            writer.WriteStartObject("_meta"u8);
            WriteRefusal(writer, refusal, requestId);
            writer.WriteEndObject();
        });

    public static void WriteRefusalError(PooledBytes target, JsonElement id, Refusal refusal, Guid requestId) =>
        WriteError(target, id, refusal.Code.JsonRpcCode, refusal.Detail, writer => WriteRefusal(writer, refusal, requestId));

    public static void WriteProtocolError(PooledBytes target, JsonElement id, ProtocolError error) =>
        WriteError(target, id, error.Code, error.Message, error.RequestedVersion is not { } requested ? null : writer =>
        {
            WriteVersions(writer, "supported");
            writer.WriteString("requested"u8, requested);
        });

    private static void WriteRefusal(Utf8JsonWriter writer, Refusal refusal, Guid requestId)
    {
        writer.WriteStartObject(RefusalKey);
        // What a caller may not see must look like what does not exist.
        writer.WriteString("code"u8, refusal.Code.LooksUnknown ? RefusalCode.ToolUnknown.Name : refusal.Code.Name);
        writer.WriteString("requestId"u8, requestId);
        if (refusal.RetryAfterSeconds is { } seconds) writer.WriteNumber("retryAfterSeconds"u8, seconds);
        if (refusal.Violations.Count > 0)
        {
            writer.WriteStartArray("violations"u8);
            foreach (var violation in refusal.Violations) writer.WriteStringValue(violation);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>The upstream's own words about a call pass; a code that the other era does not know is told in its words.</summary>
    private static void WriteUpstreamError(PooledBytes target, JsonElement id, JsonElement error, string revision)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id);
        writer.WriteStartObject("error"u8);
        foreach (var member in error.EnumerateObject())
        {
            var notFound = member.NameEquals("code"u8) && member.Value.TryGetInt32(out var code) && code == -32002;
            if (notFound && revision == ProtocolRevision.Modern) writer.WriteNumber("code"u8, RefusalCode.InvalidParams);
            else member.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, JsonElement id)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        if (id.ValueKind == JsonValueKind.Undefined) return;
        writer.WritePropertyName("id"u8);
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(id), skipInputValidation: true);
    }

    private static void WriteVersions(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartArray(name);
        foreach (var version in ProtocolRevision.Served) writer.WriteStringValue(version);
        writer.WriteEndArray();
    }

    private static void WriteCaching(Utf8JsonWriter writer, int ttlMilliseconds)
    {
        writer.WriteString("resultType"u8, "complete"u8);
        writer.WriteNumber("ttlMs"u8, ttlMilliseconds);
        // Every list is this caller's own: a shared cache must not serve it to another (MCP 2026-07-28, Caching).
        writer.WriteString("cacheScope"u8, "private"u8);
    }

    private static void WriteServerInfo(Utf8JsonWriter writer, string name, Admission admission)
    {
        writer.WriteStartObject(name);
        writer.WriteString("name"u8, admission.Server.Name);
        if (admission.Server.Definition.Title is { } title) writer.WriteString("title"u8, title);
        writer.WriteString("version"u8, $"{Version}+catalogue.{admission.Server.CatalogueNumber}");
        writer.WriteEndObject();
    }
}
