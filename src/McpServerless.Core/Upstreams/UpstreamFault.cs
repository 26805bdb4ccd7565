using McpServerless.ToolCalls;

namespace McpServerless.Upstreams;

/// <summary>How an upstream failed, as the refusals that say so. What the upstream itself said goes to the operator alone.</summary>
internal static class UpstreamFault
{
    public static Refusal NeedsCapability { get; } =
        new(RefusalCode.UpstreamUnavailable, "This needs something of the client that its protocol revision cannot offer here; a client of MCP 2026-07-28 can.")
        {
            OperatorNote = "the upstream wants a client capability that cannot be bridged to the older era",
        };

    public static Refusal Unavailable(string note) =>
        new(RefusalCode.UpstreamUnavailable, "The tool's server is not available right now; try again later.") { OperatorNote = note };

    /// <summary>Nothing was sent: the gateway spares the upstream.</summary>
    public static Refusal Spared(string note, int retryAfterSeconds) =>
        new(RefusalCode.UpstreamUnavailable, "The tool's server is not available right now; try again later.") { OperatorNote = note, RetryAfterSeconds = retryAfterSeconds };

    public static Refusal Protocol(string note) =>
        new(RefusalCode.UpstreamProtocolError, "The tool's server gave an answer that is not valid MCP; trying again is unlikely to help.") { OperatorNote = note };

    public static Refusal Timeout(int seconds) =>
        new(RefusalCode.UpstreamTimeout, $"The tool did not answer within {seconds} seconds. It may still have taken effect; check before calling again.");

    public static Refusal TooLarge(int limit) =>
        new(RefusalCode.ResultTooLarge, $"The tool's result is larger than {limit} bytes and was withheld; ask for less. The call took effect.");

    /// <summary>Whether an error's code is one of those that MCP 2026-07-28 keeps for headers, versions and capabilities.</summary>
    public static bool IsOfTheHop(int code) => code is <= -32020 and >= -32041;

    /// <summary>An HTTP answer that carries no JSON-RPC message.</summary>
    public static Refusal FromStatus(int status, string? mediaType) => status switch
    {
        401 or 403 => Unavailable($"the upstream refused the gateway itself: HTTP {status}"),
        429 or >= 500 => Unavailable($"HTTP {status}"),
        >= 300 and < 400 => Protocol($"HTTP {status}: redirects are not followed"),
        _ => Protocol($"HTTP {status} with content type {mediaType ?? "none"}"),
    };
}
