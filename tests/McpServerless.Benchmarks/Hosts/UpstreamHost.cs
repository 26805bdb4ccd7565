using System.Text.Json;
using McpServerless.Protocol;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>
/// A fast MCP server of both eras: a call says its argument <c>message</c> again, streams so many notifications as its argument <c>count</c> says,
/// or is held until the benchmark releases it; lists have as many tools as their cursor says.
/// </summary>
internal static class UpstreamHost
{
    /// <summary>Asks how many calls were answered at once.</summary>
    public const string Calls = "bench/calls";

    private static readonly HeldStreams Held = new();
    private static long _calls;

    public static Task RunAsync() => BareServer.RunAsync(AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            if (HttpMethods.IsGet(context.Request.Method)) await Held.HoldSessionAsync(context);
            return;
        }

        using var body = new PooledBytes((int)(context.Request.ContentLength ?? 4096) + 1);
        await body.ReadToEndAsync(context.Request.Body, 1 << 20, CancellationToken.None);
        var request = UpstreamCall.Read(body.Memory.Span);
        switch (request)
        {
            case { Method: HeldStreams.Release }:
                Held.ReleaseAll();
                break;
            case { Method: HeldStreams.Sent }:
                await WriteAsync(context, writer => writer.WriteNumber("bytes"u8, Held.BytesSent), request.Id);
                break;
            case { Method: Calls }:
                await WriteAsync(context, writer => writer.WriteNumber("calls"u8, Interlocked.Read(ref _calls)), request.Id);
                break;
            case { Method: not null } when request.Method.StartsWith("notifications/", StringComparison.Ordinal):
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                break;
            case { Method: RequestMethods.Initialize }:
                context.Response.Headers["Mcp-Session-Id"] = "session";
                await WriteAsync(context, WriteInitialization, request.Id);
                break;
            case { Method: RequestMethods.ToolsList }:
                await WriteAsync(context, writer => ToolPages.Write(writer, request.Cursor), request.Id);
                break;
            case { Method: RequestMethods.ServerDiscover }:
                await WriteAsync(context, WriteDiscovery, request.Id);
                break;
            case { Tool: HeldStreams.HoldTool }:
                await Held.HoldCallAsync(context, request);
                break;
            case { Tool: HeldStreams.PourTool }:
                await Held.PourAsync(context, request);
                break;
            case { Count: > 0 }:
                await StreamAsync(context, request);
                break;
            default:
                Interlocked.Increment(ref _calls);
                await WriteAsync(context, writer => WriteEcho(writer, request.Message ?? ""), request.Id);
                break;
        }
    }

    /// <summary>As real servers do: each message is flushed on its own.</summary>
    private static async Task StreamAsync(HttpContext context, UpstreamCall request)
    {
        context.Response.ContentType = "text/event-stream";
        using var message = new PooledBytes();
        for (var i = 1; i <= request.Count; i++)
        {
            message.Clear();
            UpstreamCall.WriteProgress(message, request.ProgressToken, i);
            await context.Response.Body.WriteAsync(message.Memory);
            await context.Response.Body.FlushAsync();
        }

        message.Clear();
        UpstreamCall.WriteEnd(message, request.Id);
        await context.Response.Body.WriteAsync(message.Memory);
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> result, long id)
    {
        using var answer = new PooledBytes();
        UpstreamCall.WriteAnswer(answer, id, result);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer.Memory);
    }

    private static void WriteInitialization(Utf8JsonWriter writer)
    {
        writer.WriteString("protocolVersion"u8, ProtocolRevision.Legacy20251125);
        writer.WriteStartObject("capabilities"u8);
        writer.WriteStartObject("tools"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("serverInfo"u8);
        writer.WriteString("name"u8, "bench"u8);
        writer.WriteString("version"u8, "1"u8);
        writer.WriteEndObject();
    }

    private static void WriteDiscovery(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("supportedVersions"u8);
        writer.WriteStringValue(ProtocolRevision.Modern);
        writer.WriteEndArray();
        writer.WriteStartObject("capabilities"u8);
        writer.WriteStartObject("tools"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteNumber("ttlMs"u8, 60_000);
        writer.WriteString("cacheScope"u8, "private"u8);
    }

    private static void WriteEcho(Utf8JsonWriter writer, string message)
    {
        writer.WriteStartArray("content"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, message);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("structuredContent"u8);
        writer.WriteString("message"u8, message);
        writer.WriteNumber("length"u8, message.Length);
        writer.WriteEndObject();
    }
}
