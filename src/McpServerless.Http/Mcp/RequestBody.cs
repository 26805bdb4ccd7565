using System.Text.Json;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Mcp;

/// <summary>A request body that was read, with the memory that it lives in.</summary>
internal sealed class ReadBody(JsonDocument document, PooledBytes bytes) : IDisposable
{
    public JsonElement Root => document.RootElement;

    public void Dispose()
    {
        document.Dispose();
        bytes.Dispose();
    }
}

/// <summary>Reads a request body within its limits.</summary>
internal sealed class RequestBody(GatewayOptions options, TimeProvider time)
{
    /// <summary>Levels of nesting; deeper JSON is refused like JSON that cannot be read.</summary>
    public const int MaxDepth = 64;

    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<(ReadBody? Body, ProtocolError? Error)> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength > options.MaxRequestBytes) return (null, TooLarge());
        var bytes = new PooledBytes((int)Math.Clamp(request.ContentLength ?? 4096, 256, options.MaxRequestBytes) + 1);
        ReadBody? body = null;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.BodyTimeoutSeconds), time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
            try
            {
                if (!await bytes.ReadToEndAsync(request.Body, options.MaxRequestBytes, both.Token)) return (null, TooLarge());
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return (null, new ProtocolError(408, RefusalCode.InvalidRequest, $"The body did not arrive within {options.BodyTimeoutSeconds} seconds"));
            }
            catch (BadHttpRequestException e)
            {
                return (null, new ProtocolError(e.StatusCode, RefusalCode.InvalidRequest, "The body could not be read"));
            }

            var document = StrictJson.Parse(bytes.Memory, MaxDepth);
            if (document is null) return (null, new ProtocolError(400, RefusalCode.ParseError, "The body is not JSON that can be read: invalid syntax or UTF-8, a repeated name, half of a surrogate pair, or too deep"));
            body = new ReadBody(document, bytes);
            return (body, null);
        }
        finally
        {
            if (body is null) bytes.Dispose();
        }
    }

    private ProtocolError TooLarge() =>
        new(413, RefusalCode.InvalidRequest, $"The body is larger than {options.MaxRequestBytes} bytes") { Recorded = RefusalCode.RequestTooLarge };
}
