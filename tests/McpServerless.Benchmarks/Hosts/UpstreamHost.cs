using System.Text.Json;
using McpServerless.Protocol;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>A fast MCP server of the era without a handshake: <c>server/discover</c>, and <c>tools/call</c> that says its argument <c>message</c> again.</summary>
internal static class UpstreamHost
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    public static Task RunAsync() => BareServer.RunAsync(AnswerAsync);

    private static async Task AnswerAsync(HttpContext context)
    {
        using var body = new PooledBytes((int)(context.Request.ContentLength ?? 4096) + 1);
        await body.ReadToEndAsync(context.Request.Body, 1 << 20, CancellationToken.None);
        using var answer = new PooledBytes();
        Write(answer, body.Memory.Span);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer.Memory);
    }

    private static void Write(PooledBytes target, ReadOnlySpan<byte> request)
    {
        var (id, method, message) = Read(request);
        using var writer = new Utf8JsonWriter(target, Unchecked);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteNumber("id"u8, id);
        writer.WriteStartObject("result"u8);
        writer.WriteString("resultType"u8, "complete"u8);
        if (method == RequestMethods.ServerDiscover) WriteDiscovery(writer);
        else WriteEcho(writer, message ?? "");
        writer.WriteEndObject();
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

    private static (long Id, string? Method, string? Message) Read(ReadOnlySpan<byte> request)
    {
        long id = 0;
        string? method = null;
        string? message = null;
        var reader = new Utf8JsonReader(request);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.CurrentDepth == 1 && reader.ValueTextEquals("id"u8) && reader.Read()) id = reader.GetInt64();
            else if (reader.CurrentDepth == 1 && reader.ValueTextEquals("method"u8) && reader.Read()) method = reader.GetString();
            else if (reader.CurrentDepth == 3 && reader.ValueTextEquals("message"u8) && reader.Read()) message = reader.GetString();
        }

        return (id, method, message);
    }
}
