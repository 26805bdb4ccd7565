using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Protocol;
using McpServerless.Telemetry;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Writes the JSON-RPC messages that the gateway sends upstream.</summary>
internal static class UpstreamRequest
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };
    private static readonly string GatewayVersion = typeof(UpstreamRequest).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>A caller's request under the upstream's own names and with the upstream's own state. Everything else in <c>params</c> is kept.</summary>
    /// <param name="progressToken">Null when the caller wants no progress.</param>
    public static void WriteCall(PooledBytes target, RpcId id, CheckedCall checkedCall, bool modern, RpcId? progressToken)
    {
        var (grant, call, continuation) = checkedCall;
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id, call.Method);
        writer.WriteStartObject("params"u8);
        foreach (var member in call.Params.EnumerateObject())
        {
            if (member.NameEquals("_meta"u8)) continue;
            if (member.NameEquals("name"u8) && call.Method is RequestMethods.ToolsCall or RequestMethods.PromptsGet) writer.WriteString("name"u8, grant.Feature.Contract.Name);
            else if (member.NameEquals("taskId"u8) && continuation.Task is { } task) writer.WriteString("taskId"u8, task.TaskId);
            else if (member.NameEquals("ref"u8) && call.Method == RequestMethods.CompletionComplete) WriteReference(writer, member.Value, grant.Feature);
            else if (IsOfRounds(member) && !call.Target.IsTask) WriteRound(writer, member, continuation, modern && call.TakesRounds);
            else WriteRaw(writer, member);
        }

        var meta = call.Params.TryGetProperty("_meta"u8, out var own) && own.ValueKind == JsonValueKind.Object ? own : default;
        WriteMeta(writer, modern ? Askable(call) : null, meta, call.LogLevel, progressToken);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A request of the gateway's own in the newer era.</summary>
    public static void WriteModern(PooledBytes target, RpcId id, string method, AgentCapabilities capabilities, Action<Utf8JsonWriter> parameters)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id, method);
        writer.WriteStartObject("params"u8);
        parameters(writer);
        WriteMeta(writer, capabilities, default, default, progressToken: null);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A request of the gateway's own in the older era.</summary>
    public static void WriteLegacy(PooledBytes target, RpcId id, string method, Action<Utf8JsonWriter> parameters)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id, method);
        writer.WriteStartObject("params"u8);
        parameters(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <param name="capabilities">Nothing, unless there is an agent behind it that can be asked.</param>
    public static void WriteInitialize(PooledBytes target, RpcId id, string revision, AgentCapabilities capabilities) =>
        WriteLegacy(target, id, RequestMethods.Initialize, writer =>
        {
            writer.WriteString("protocolVersion"u8, revision);
            writer.WriteStartObject("capabilities"u8);
            capabilities.Write(writer, modern: false);
            writer.WriteEndObject();
            WriteClientInfo(writer, "clientInfo");
        });

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

    /// <summary>The gateway's own answer to a request of the upstream: <c>ping</c> is alive, the rest is not offered.</summary>
    /// <param name="fault">Why it is not; null for <c>ping</c>.</param>
    public static void WriteReply(PooledBytes target, JsonElement id, string? fault)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WritePropertyName("id"u8);
        id.WriteTo(writer);
        if (fault is null)
        {
            writer.WriteStartObject("result"u8);
        }
        else
        {
            writer.WriteStartObject("error"u8);
            writer.WriteNumber("code"u8, RefusalCode.MethodUnknown);
            writer.WriteString("message"u8, fault);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A message with another id: the rest of it passes as it is.</summary>
    public static void WriteWithId(PooledBytes target, JsonElement message, RpcId id)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        writer.WriteStartObject();
        foreach (var member in message.EnumerateObject())
        {
            if (member.NameEquals("id"u8)) id.Write(writer, "id"u8);
            else WriteRaw(writer, member);
        }

        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, RpcId id, string method)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        id.Write(writer, "id"u8);
        writer.WriteString("method"u8, method);
    }

    /// <summary>A reference to a prompt may have a prefix here; one to a resource has its URI.</summary>
    private static void WriteReference(Utf8JsonWriter writer, JsonElement reference, ExposedFeature feature)
    {
        writer.WriteStartObject("ref"u8);
        foreach (var member in reference.EnumerateObject())
        {
            if (member.NameEquals("name"u8) && feature.Kind == SubjectKind.Prompt) writer.WriteString("name"u8, feature.Contract.Name);
            else WriteRaw(writer, member);
        }

        writer.WriteEndObject();
    }

    /// <summary>An agent of the older era is asked by requests, and an upstream of the newer one asks by answers: between these two nothing can be asked.</summary>
    private static AgentCapabilities Askable(GovernedCall call) => call.IsModern ? call.Capabilities : AgentCapabilities.None;

    private static bool IsOfRounds(JsonProperty member) => member.NameEquals("requestState"u8) || member.NameEquals("inputResponses"u8);

    /// <summary>What only rounds have goes to upstreams that have them, and the state as the upstream gave it.</summary>
    private static void WriteRound(Utf8JsonWriter writer, JsonProperty member, Continuation continuation, bool takesRounds)
    {
        if (!takesRounds) return;
        if (member.NameEquals("inputResponses"u8)) WriteRaw(writer, member);
        else if (continuation.RequestState is { } state) writer.WriteString("requestState"u8, state.State);
    }

    /// <param name="capabilities">What the upstream may ask for; null for one of the older era, whose requests say nothing of it.</param>
    private static void WriteMeta(Utf8JsonWriter writer, AgentCapabilities? capabilities, JsonElement own, JsonElement logLevel, RpcId? progressToken)
    {
        writer.WriteStartObject("_meta"u8);
        if (capabilities is not null)
        {
            writer.WriteString(MetaKeys.ProtocolVersion, ProtocolRevision.Modern);
            WriteClientInfo(writer, MetaKeys.ClientInfo);
            writer.WriteStartObject(MetaKeys.ClientCapabilities);
            capabilities.Write(writer, modern: true);
            writer.WriteEndObject();
            if (logLevel.ValueKind == JsonValueKind.String)
            {
                writer.WritePropertyName(MetaKeys.LogLevel);
                logLevel.WriteTo(writer);
            }
        }

        progressToken?.Write(writer, "progressToken"u8);
        TraceContext.Write(writer);
        if (own.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in own.EnumerateObject())
            {
                if (!IsReserved(member.Name)) WriteRaw(writer, member);
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

    private static void WriteRaw(Utf8JsonWriter writer, JsonProperty member)
    {
        writer.WritePropertyName(member.Name);
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
    }

    private static void WriteClientInfo(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteString("name"u8, "McpServerless"u8);
        writer.WriteString("version"u8, GatewayVersion);
        writer.WriteEndObject();
    }
}
