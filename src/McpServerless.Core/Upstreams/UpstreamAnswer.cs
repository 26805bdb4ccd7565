using System.Text.Json;

namespace McpServerless.Upstreams;

/// <summary>The JSON-RPC response of an upstream, with the memory that it lives in.</summary>
public sealed class UpstreamAnswer : IDisposable
{
    private readonly JsonDocument _document;
    private readonly PooledBytes _bytes;

    internal UpstreamAnswer(JsonDocument document, PooledBytes bytes, int httpStatus)
    {
        (_document, _bytes, HttpStatus) = (document, bytes, httpStatus);
        Result = document.RootElement.TryGetProperty("result"u8, out var result) ? result : default;
        Error = document.RootElement.TryGetProperty("error"u8, out var error) ? error : default;
    }

    /// <summary>Member <c>result</c>; undefined when the upstream answered with an error.</summary>
    public JsonElement Result { get; }

    /// <summary>Member <c>error</c>; undefined when the upstream answered with a result.</summary>
    public JsonElement Error { get; }

    public int HttpStatus { get; }

    /// <summary>The message as it arrived.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Memory.Span;

    public void Dispose()
    {
        _document.Dispose();
        _bytes.Dispose();
    }
}
