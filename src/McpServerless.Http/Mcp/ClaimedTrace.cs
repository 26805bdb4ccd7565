using System.Diagnostics;
using System.Text.Json;
using McpServerless.Telemetry;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Mcp;

/// <summary>The trace that a request says it belongs to: in its header, or in <c>_meta</c> (MCP, SEP-414), which is nearer to who calls.</summary>
internal static class ClaimedTrace
{
    public static ActivityContext Of(HttpRequest request) => TraceContext.Read(Era.Header(request, "traceparent"), Era.Header(request, "tracestate"));

    /// <summary>Null when the message says nothing, or nothing that keeps the standard's form.</summary>
    public static ActivityContext? Of(McpMessage message) =>
        message.Meta.ValueKind == JsonValueKind.Object && TraceContext.Read(McpMessage.Text(message.Meta, "traceparent"), McpMessage.Text(message.Meta, "tracestate")) is var context && context != default
            ? context
            : null;
}
