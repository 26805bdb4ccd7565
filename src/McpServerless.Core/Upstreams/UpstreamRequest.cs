using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.Protocol;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Writes the JSON-RPC messages that the gateway sends upstream.</summary>
internal static class UpstreamRequest
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };
    private static readonly string GatewayVersion = typeof(UpstreamRequest).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>A <c>tools/call</c> under the upstream's own name of the tool. Everything else that the caller sent in <c>params</c> is kept.</summary>
    /// <param name="id">The message's id; also its progress token, because two callers may use the same one on a shared session.</param>
    public static void WriteToolCall(PooledBytes target, long id, bool modern, string tool, JsonElement parameters, bool wantsProgress)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id, RequestMethods.ToolsCall);
        writer.WriteStartObject("params"u8);
        writer.WriteString("name"u8, tool);
        foreach (var member in parameters.EnumerateObject())
        {
            if (member.NameEquals("name"u8) || member.NameEquals("_meta"u8)) continue;
            writer.WritePropertyName(member.Name);
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
        }

        var meta = parameters.TryGetProperty("_meta"u8, out var own) && own.ValueKind == JsonValueKind.Object ? own : default;
        WriteMeta(writer, modern, meta, wantsProgress ? id : null);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteDiscover(PooledBytes target, long id)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id, RequestMethods.ServerDiscover);
        writer.WriteStartObject("params"u8);
        WriteMeta(writer, modern: true, default, progressToken: null);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A <c>tools/list</c>, from the first page on or from the one that a cursor names.</summary>
    public static void WriteToolsList(PooledBytes target, long id, bool modern, string? cursor)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id, RequestMethods.ToolsList);
        writer.WriteStartObject("params"u8);
        if (cursor is not null) writer.WriteString("cursor"u8, cursor);
        if (modern) WriteMeta(writer, modern: true, default, progressToken: null);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteInitialize(PooledBytes target, long id)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id, RequestMethods.Initialize);
        writer.WriteStartObject("params"u8);
        writer.WriteString("protocolVersion"u8, ProtocolRevision.Legacy20251125);
        // No capabilities: what an upstream could ask of a client, the gateway does not answer on the caller's behalf.
        writer.WriteStartObject("capabilities"u8);
        writer.WriteEndObject();
        WriteClientInfo(writer, "clientInfo");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteNotification(PooledBytes target, string method, Action<Utf8JsonWriter>? parameters = null)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteString("method"u8, method);
        if (parameters is not null)
        {
            writer.WriteStartObject("params"u8);
            parameters(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>The answer to a request that the upstream sent in the middle of its stream: <c>ping</c> is alive, nothing else is offered.</summary>
    public static void WriteReply(PooledBytes target, JsonElement id, bool isPing)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WritePropertyName("id"u8);
        id.WriteTo(writer);
        if (isPing)
        {
            writer.WriteStartObject("result"u8);
        }
        else
        {
            writer.WriteStartObject("error"u8);
            writer.WriteNumber("code"u8, -32601);
            writer.WriteString("message"u8, "Method not found"u8);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, long id, string method)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteNumber("id"u8, id);
        writer.WriteString("method"u8, method);
    }

    private static void WriteMeta(Utf8JsonWriter writer, bool modern, JsonElement own, long? progressToken)
    {
        writer.WriteStartObject("_meta"u8);
        if (modern)
        {
            writer.WriteString(MetaKeys.ProtocolVersion, ProtocolRevision.Modern);
            WriteClientInfo(writer, MetaKeys.ClientInfo);
            writer.WriteStartObject(MetaKeys.ClientCapabilities);
            writer.WriteEndObject();
        }

        if (progressToken is { } token) writer.WriteNumber("progressToken"u8, token);
        if (own.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in own.EnumerateObject())
            {
                if (IsReserved(member.Name)) continue;
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Keys whose meaning the protocol fixes speak of one hop; the gateway writes its own. Vendors' keys pass.</summary>
    private static bool IsReserved(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return key is "progressToken" or "traceparent" or "tracestate" or "baggage";
        var prefix = key.AsSpan(0, slash);
        var second = prefix[(prefix.IndexOf('.') + 1)..];
        if (second.Length == prefix.Length) return false;
        var end = second.IndexOf('.');
        return (end < 0 ? second : second[..end]) is "mcp" or "modelcontextprotocol";
    }

    private static void WriteClientInfo(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteString("name"u8, "McpServerless"u8);
        writer.WriteString("version"u8, GatewayVersion);
        writer.WriteEndObject();
    }
}
