using System.Diagnostics;
using System.Text.Json;

namespace McpServerless.Telemetry;

/// <summary>The gateway's own place in a trace, for upstreams: in the header (W3C Trace Context) and in <c>_meta</c> (MCP, SEP-414).</summary>
/// <remarks>Only the gateway's own. <c>baggage</c> crosses no border, and what the caller named stays with the gateway.</remarks>
public static class TraceContext
{
    internal static void Write(HttpRequestMessage request)
    {
        if (Own is not { } own) return;
        request.Headers.TryAddWithoutValidation("traceparent", own.Id);
        if (own.TraceStateString is { Length: > 0 } state) request.Headers.TryAddWithoutValidation("tracestate", state);
    }

    internal static void Write(Utf8JsonWriter writer)
    {
        if (Own is not { } own) return;
        writer.WriteString("traceparent"u8, own.Id);
        if (own.TraceStateString is { Length: > 0 } state) writer.WriteString("tracestate"u8, state);
    }

    /// <summary>What a caller says of its trace; nothing for what does not keep the standard's form.</summary>
    public static ActivityContext Read(string? parent, string? state) =>
        parent is { Length: 55 } && ActivityContext.TryParse(parent, state is { Length: <= 512 } ? state : null, isRemote: true, out var context) ? context : default;

    private static Activity? Own => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity && activity.Source == GatewayTelemetry.Source ? activity : null;
}
