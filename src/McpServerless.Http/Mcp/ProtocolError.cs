using McpServerless.ToolCalls;

namespace McpServerless.Http.Mcp;

/// <summary>A request that breaks the protocol: what to answer, and the refusal under which it is recorded.</summary>
/// <param name="HttpStatus">MCP 2026-07-28, Streamable HTTP; RFC 9110 where it says nothing.</param>
/// <param name="Code">JSON-RPC error code.</param>
internal sealed record ProtocolError(int HttpStatus, int Code, string Message)
{
    public const int HeaderMismatch = -32020;
    public const int UnsupportedVersion = -32022;

    /// <summary>Of revisions before 2026-07-28.</summary>
    public const int ResourceNotFound = -32002;

    /// <summary>The refusal's code in the ledger.</summary>
    public RefusalCode Recorded { get; init; } = RefusalCode.MalformedRequest;

    /// <summary>The version that was asked for, for <see cref="UnsupportedVersion"/>: the answer then names those that are served.</summary>
    public string? RequestedVersion { get; init; }

    /// <summary>The header <c>Allow</c> of a 405.</summary>
    public string? Allow { get; init; }

    public static ProtocolError BadHeader(string message) => new(400, HeaderMismatch, message);

    public static ProtocolError BadVersion(string requested) =>
        new(400, UnsupportedVersion, "Unsupported protocol version") { RequestedVersion = requested.Length <= 64 ? requested : requested[..64] };

    public static ProtocolError BadParams(string message, int status = 200) => new(status, RefusalCode.InvalidParams, message);

    public Refusal ToRefusal() => new(Recorded, Message) { OperatorNote = $"HTTP {HttpStatus}, {Code}: {Message}" };
}
