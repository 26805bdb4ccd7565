using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Mcp;

/// <summary>The HTTP answer to one request: a JSON object, or an event stream once something came before the result.</summary>
internal sealed class HttpAnswer(HttpContext http) : McpAnswer
{
    private static readonly byte[] EventStart = "event: message\ndata: "u8.ToArray();
    private static readonly byte[] EventEnd = "\n\n"u8.ToArray();

    private bool _streaming;

    /// <summary>The first notification makes the answer a stream.</summary>
    public override async ValueTask SendAsync(ReadOnlyMemory<byte> notification, CancellationToken ct)
    {
        if (!_streaming)
        {
            _streaming = true;
            Begin(StatusCodes.Status200OK, "text/event-stream");
            // Proxies in between must not hold events back (MCP 2026-07-28, Streamable HTTP).
            http.Response.Headers["X-Accel-Buffering"] = "no";
        }

        await WriteEventAsync(notification, ct);
    }

    /// <summary>The body, or the last event of a stream, whose status has long been sent.</summary>
    public override async ValueTask EndAsync(int status, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (_streaming)
        {
            await WriteEventAsync(message, ct);
            return;
        }

        Begin(status, "application/json");
        http.Response.ContentLength = message.Length;
        await http.Response.Body.WriteAsync(message, ct);
    }

    public override void End(int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentLength = 0;
    }

    public override void Header(string name, string value)
    {
        if (!http.Response.HasStarted) http.Response.Headers[name] = value;
    }

    private void Begin(int status, string contentType)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.Headers.CacheControl = "no-store";
    }

    private async ValueTask WriteEventAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        await http.Response.Body.WriteAsync(EventStart, ct);
        await http.Response.Body.WriteAsync(OnOneLine(message), ct);
        await http.Response.Body.WriteAsync(EventEnd, ct);
        await http.Response.Body.FlushAsync(ct);
    }

    /// <summary>A line break would end the event's data. In JSON it can only stand between tokens, where a space means the same.</summary>
    private static ReadOnlyMemory<byte> OnOneLine(ReadOnlyMemory<byte> message)
    {
        if (message.Span.IndexOfAny((byte)'\r', (byte)'\n') < 0) return message;
        var line = message.ToArray();
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        return line;
    }
}
