using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Mcp;

/// <summary>The HTTP answer to one request: a JSON object, or an event stream once something came before the result.</summary>
/// <param name="http">The request and its response.</param>
/// <param name="time">For comments that keep a quiet stream alive.</param>
internal sealed class HttpAnswer(HttpContext http, TimeProvider time) : McpAnswer, IAsyncDisposable
{
    /// <summary>Proxies in between end what is quiet for longer (MCP 2026-07-28, Streamable HTTP; Azure's load balancer after some four minutes).</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    private static readonly byte[] EventId = "id: "u8.ToArray();
    private static readonly byte[] LineEnd = "\n"u8.ToArray();
    private static readonly byte[] EventStart = "event: message\ndata: "u8.ToArray();
    private static readonly byte[] EventEnd = "\n\n"u8.ToArray();
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    // Several upstreams may speak at once, and one event must not begin within another.
    private readonly SemaphoreSlim _writing = new(1);
    private ITimer? _keepAlive;
    private bool _streaming;
    private long _lastWrite;

    /// <summary>
    /// Whether what runs goes on when the client hangs up, as in the era where that is no cancellation (MCP 2025-11-25, Transports): what is sent then is dropped.
    /// </summary>
    public bool OutlivesClient { get; set; }

    public override bool Streams => true;

    public override bool IsLost => http.RequestAborted.IsCancellationRequested;

    /// <summary>The first message makes the answer a stream.</summary>
    public override ValueTask SendAsync(ReadOnlyMemory<byte> message, string? eventId, CancellationToken ct) => WriteEventAsync(message, eventId, ct);

    public override async ValueTask OpenAsync(CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            BeginStream();
            await http.Response.BodyWriter.FlushAsync(ct);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The body, or the last event of a stream, whose status has long been sent.</summary>
    public override async ValueTask EndAsync(int status, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (_streaming)
        {
            await WriteEventAsync(message, null, ct);
            return;
        }

        if (OutlivesClient && IsLost) return;
        Begin(status, "application/json");
        http.Response.ContentLength = message.Length;
        await http.Response.Body.WriteAsync(message, ct);
    }

    public override void End(int status)
    {
        if (_streaming) return;
        http.Response.StatusCode = status;
        http.Response.ContentLength = 0;
    }

    public override void Header(string name, string value)
    {
        if (!http.Response.HasStarted) http.Response.Headers[name] = value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_keepAlive is not null) await _keepAlive.DisposeAsync();
        _writing.Dispose();
    }

    private void Begin(int status, string contentType)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.Headers.CacheControl = "no-store";
    }

    private void BeginStream()
    {
        if (_streaming) return;
        _streaming = true;
        Begin(StatusCodes.Status200OK, "text/event-stream");
        // Proxies in between must not hold events back (MCP 2026-07-28, Streamable HTTP).
        http.Response.Headers["X-Accel-Buffering"] = "no";
        _lastWrite = time.GetTimestamp();
        _keepAlive = time.CreateTimer(static state => _ = ((HttpAnswer)state!).KeepAliveAsync(), this, Quiet, Timeout.InfiniteTimeSpan);
    }

    private async ValueTask WriteEventAsync(ReadOnlyMemory<byte> message, string? eventId, CancellationToken ct)
    {
        if (OutlivesClient && IsLost) return;
        try
        {
            await _writing.WaitAsync(ct);
            try
            {
                BeginStream();
                // Each write to the body would leave as a packet of its own; one event leaves as one.
                var body = http.Response.BodyWriter;
                if (eventId is not null)
                {
                    body.Write(EventId);
                    Encoding.ASCII.GetBytes(eventId, body);
                    body.Write(LineEnd);
                }

                body.Write(EventStart);
                body.Write(OnOneLine(message).Span);
                body.Write(EventEnd);
                await body.FlushAsync(ct);
                _lastWrite = time.GetTimestamp();
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception e) when (OutlivesClient && IsLost && e is OperationCanceledException or IOException)
        {
            // It hung up in the middle of this event.
        }
    }

    /// <summary>A comment, which every reader of event streams passes over. Where another event is just being written, none is needed.</summary>
    private async Task KeepAliveAsync()
    {
        try
        {
            if (IsLost) return;
            // A message puts the comment off, and what is left is waited for anew: else a stream could be quiet for almost twice as long.
            var left = Quiet - time.GetElapsedTime(_lastWrite);
            if (left <= TimeSpan.Zero)
            {
                left = Quiet;
                await WriteCommentAsync();
            }

            _keepAlive?.Change(left, Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The answer ended at the same moment.
        }
    }

    private async Task WriteCommentAsync()
    {
        if (!await _writing.WaitAsync(TimeSpan.Zero)) return;
        try
        {
            http.Response.BodyWriter.Write(Comment);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            _lastWrite = time.GetTimestamp();
        }
        finally
        {
            _writing.Release();
        }
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
