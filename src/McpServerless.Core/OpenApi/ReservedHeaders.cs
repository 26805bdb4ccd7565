using System.Collections.Frozen;

namespace McpServerless.OpenApi;

/// <summary>Headers that no argument may set: who is calling, where the request goes, how it is framed, and how it is passed on.</summary>
/// <remarks>Hop-by-hop: RFC 9110, section 7.6.1. Framing: RFC 9112, section 6. The rest would let an argument speak for a proxy or for the gateway.</remarks>
internal static class ReservedHeaders
{
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        [
            "Accept", "Content-Type", "Content-Length", "Content-Encoding", "Content-Range", "Transfer-Encoding", "Expect", "Host",
            "Authorization", "Proxy-Authorization", "Proxy-Authenticate", "Cookie", "Cookie2", "Set-Cookie",
            "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade", "HTTP2-Settings",
            "Forwarded", "Via", "Max-Forwards", "Origin", "Referer", "User-Agent", "X-Real-IP", "True-Client-IP", "X-Client-IP", "CF-Connecting-IP",
            "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL",
            "traceparent", "tracestate", "baggage",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Prefixes = ["X-Forwarded-", "Proxy-", "Sec-", "X-MS-Client-Principal", "X-MS-Token-", "X-ARR-", "Mcp-"];

    public static bool Contains(string name) => Names.Contains(name) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>A field name that HTTP can carry (RFC 9110, section 5.1).</summary>
    public static bool IsToken(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
