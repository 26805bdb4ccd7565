using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Catalogue;
using McpServerless.Protocol;
using McpServerless.Sessions;
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

    public static void WriteDiscovery(Utf8JsonWriter writer, ServerOffer offer, int ttlMilliseconds)
    {
        WriteVersions(writer, "supportedVersions");
        WriteCapabilities(writer, offer);
        if (offer.Admission.Server.Definition.Instructions is { } instructions) writer.WriteString("instructions"u8, instructions);
        WriteCaching(writer, ttlMilliseconds);
        writer.WriteStartObject("_meta"u8);
        WriteServerInfo(writer, MetaKeys.ServerInfo, offer.Admission);
        writer.WriteEndObject();
    }

    public static void WriteInitialization(Utf8JsonWriter writer, ServerOffer offer, string revision)
    {
        writer.WriteString("protocolVersion"u8, revision);
        WriteCapabilities(writer, offer);
        WriteServerInfo(writer, "serverInfo", offer.Admission);
        if (offer.Admission.Server.Definition.Instructions is { } instructions) writer.WriteString("instructions"u8, instructions);
    }

    public static void WriteList(Utf8JsonWriter writer, FeatureList list, FeaturePage page, string revision, int ttlMilliseconds)
    {
        writer.WriteStartArray(list switch
        {
            FeatureList.Tools => "tools"u8,
            FeatureList.Prompts => "prompts"u8,
            FeatureList.Resources => "resources"u8,
            _ => "resourceTemplates"u8,
        });
        foreach (var feature in page.Features)
        {
            var definition = revision switch
            {
                ProtocolRevision.Modern => feature.Definition.Modern,
                ProtocolRevision.Legacy20250326 => feature.Definition.Oldest,
                _ => feature.Definition.Legacy,
            };
            writer.WriteRawValue(definition.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
        if (page.NextCursor is { } cursor) writer.WriteString("nextCursor"u8, cursor);
        if (revision == ProtocolRevision.Modern) WriteCaching(writer, ttlMilliseconds);
    }

    /// <summary>A result or error of an upstream, with what the revision adds, and without what it does not know or what speaks of the hop behind the gateway.</summary>
    public static void WriteCallResult(PooledBytes target, JsonElement id, CallResult result, string method, string revision, int ttlMilliseconds)
    {
        if (result.Error.ValueKind == JsonValueKind.Object) WriteUpstreamError(target, id, result, method, revision);
        else WriteResult(target, id, writer => ResultWriter.Write(writer, result, method, revision, ttlMilliseconds));
    }

    /// <summary>The end of a subscription in good order (MCP 2026-07-28, Subscriptions).</summary>
    public static void WriteSubscriptionEnd(PooledBytes target, JsonElement id) => WriteResult(target, id, writer =>
    {
        writer.WriteString("resultType"u8, "complete"u8);
        writer.WriteStartObject("_meta"u8);
        writer.WritePropertyName(MetaKeys.SubscriptionId);
        id.WriteTo(writer);
        writer.WriteEndObject();
    });

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
            WriteRefusal(writer, refusal, SubjectKind.Tool, requestId);
            writer.WriteEndObject();
        });

    /// <param name="target">Where to write.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="code">The JSON-RPC code, which depends on the era.</param>
    /// <param name="refusal">What is told.</param>
    /// <param name="kind">What the request was about: what may not be seen looks like what does not exist of that kind.</param>
    /// <param name="uri">The URI that was asked for; null where it was none.</param>
    /// <param name="requestId">The correlation id.</param>
    public static void WriteRefusalError(PooledBytes target, JsonElement id, int code, Refusal refusal, SubjectKind kind, string? uri, Guid requestId) =>
        WriteError(target, id, code, refusal.Detail, writer =>
        {
            if (refusal.RequiredCapabilityPath.Count > 0)
            {
                foreach (var name in refusal.RequiredCapabilityPath.Prepend("requiredCapabilities")) writer.WriteStartObject(name);
                for (var i = 0; i <= refusal.RequiredCapabilityPath.Count; i++) writer.WriteEndObject();
            }

            // MCP, Resources, Error Handling.
            if (refusal.Code.LooksUnknown && uri is not null) writer.WriteString("uri"u8, uri);
            WriteRefusal(writer, refusal, kind, requestId);
        });

    public static void WriteProtocolError(PooledBytes target, JsonElement id, ProtocolError error) =>
        WriteError(target, id, error.Code, error.Message, error.RequestedVersion is not { } requested ? null : writer =>
        {
            WriteVersions(writer, "supported");
            writer.WriteString("requested"u8, requested);
        });

    private static void WriteRefusal(Utf8JsonWriter writer, Refusal refusal, SubjectKind kind, Guid requestId)
    {
        writer.WriteStartObject(RefusalKey);
        // What a caller may not see must look like what does not exist.
        writer.WriteString("code"u8, (refusal.Code.LooksUnknown ? RefusalCode.UnknownOf(kind) : refusal.Code).Name);
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
    private static void WriteUpstreamError(PooledBytes target, JsonElement id, CallResult result, string method, string revision)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        Begin(writer, id);
        writer.WriteStartObject("error"u8);
        foreach (var member in result.Error.EnumerateObject())
        {
            if (member.NameEquals("code"u8) && member.Value.TryGetInt32(out var code) && Translated(code, result, method, revision) is { } translated) writer.WriteNumber("code"u8, translated);
            else member.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>"There is no such resource" is -32002 before 2026-07-28 and -32602 from it on (MCP, Resources, Error Handling); null for a code that stays.</summary>
    private static int? Translated(int code, CallResult result, string method, string revision)
    {
        if (revision == ProtocolRevision.Modern) return code == ProtocolError.ResourceNotFound ? RefusalCode.InvalidParams : null;
        return code == RefusalCode.InvalidParams && result.IsFromModern && method == RequestMethods.ResourcesRead ? ProtocolError.ResourceNotFound : null;
    }

    private static void WriteCapabilities(Utf8JsonWriter writer, ServerOffer offer)
    {
        writer.WriteStartObject("capabilities"u8);
        WriteEmpty(writer, "tools"u8);
        if (offer.Prompts) WriteEmpty(writer, "prompts"u8);
        if (offer.Resources)
        {
            writer.WriteStartObject("resources"u8);
            if (offer.Subscriptions) writer.WriteBoolean("subscribe"u8, true);
            writer.WriteEndObject();
        }

        if (offer.Completions) WriteEmpty(writer, "completions"u8);
        if (offer.Logging) WriteEmpty(writer, "logging"u8);
        if (offer.Tasks)
        {
            writer.WriteStartObject("extensions"u8);
            writer.WriteStartObject(AgentCapabilities.TasksExtension);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteEmpty(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteStartObject(name);
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
