using System.Text.Json;

namespace McpServerless.Upstreams;

/// <summary>The JSON-RPC response of an upstream, with the memory that it lives in.</summary>
public sealed class UpstreamAnswer : IDisposable
{
    private readonly JsonDocument _document;
    private readonly PooledBytes _bytes;

    internal UpstreamAnswer(JsonDocument document, PooledBytes bytes, int httpStatus, bool isModern)
    {
        (_document, _bytes, HttpStatus, IsModern) = (document, bytes, httpStatus, isModern);
        Result = document.RootElement.TryGetProperty("result"u8, out var result) ? result : default;
        Error = document.RootElement.TryGetProperty("error"u8, out var error) ? error : default;
    }

    /// <summary>Member <c>result</c>; undefined when the upstream answered with an error.</summary>
    public JsonElement Result { get; }

    /// <summary>Member <c>error</c>; undefined when the upstream answered with a result.</summary>
    public JsonElement Error { get; }

    /// <summary>The error's code; 0 when there is no error, or one beyond 32 bits.</summary>
    public int ErrorCode => Error.ValueKind == JsonValueKind.Object && Error.GetProperty("code"u8).TryGetInt32(out var code) ? code : 0;

    public int HttpStatus { get; }

    /// <summary>Whether it came in the era without a handshake.</summary>
    public bool IsModern { get; }

    /// <summary>Whether it names no request: the error of an upstream that did not get so far as to look at one.</summary>
    public bool IsAboutNoRequest => !_document.RootElement.TryGetProperty("id"u8, out var id) || id.ValueKind == JsonValueKind.Null;

    /// <summary>The message as it arrived.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Memory.Span;

    public void Dispose()
    {
        _document.Dispose();
        _bytes.Dispose();
    }
}
