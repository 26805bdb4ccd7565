using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace McpServerless.Http.Mcp;

/// <summary>What can be refused before the body is read: origin, method, headers, media types.</summary>
internal static class TransportChecks
{
    private static readonly string[] SingleHeaders = ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id"];

    /// <summary>The first fault, in the order that MCP's answers presuppose; null when there is none.</summary>
    public static ProtocolError? FindFault(HttpRequest request, GatewayOptions options) =>
        CheckOrigin(request, options)
        ?? CheckMethod(request)
        ?? CheckHeaders(request, options)
        ?? CheckMedia(request);

    private static ProtocolError? CheckOrigin(HttpRequest request, GatewayOptions options)
    {
        var origin = request.Headers.Origin;
        return origin.Count == 0 || (origin.Count == 1 && options.AllowedOrigins.Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase))
            ? null
            : new ProtocolError(403, RefusalCode.InvalidRequest, "This Origin is not allowed");
    }

    /// <summary>GET and DELETE are about a session of the older era; where there is none, only POST is served (MCP, Streamable HTTP).</summary>
    public static bool IsAboutSession(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsDelete(request.Method)) && !Era.HasModernHeader(request) && request.Headers.ContainsKey("Mcp-Session-Id");

    private static ProtocolError? CheckMethod(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) || IsAboutSession(request) ? null : NotServed;

    /// <summary>The answer to a method that this endpoint or this session has no use for.</summary>
    public static ProtocolError NotServed { get; } = new(405, RefusalCode.InvalidRequest, "Only POST is served here") { Allow = "POST" };

    private static ProtocolError? CheckHeaders(HttpRequest request, GatewayOptions options)
    {
        if (SizeOf(request.Headers) > options.MaxHeaderBytes)
        {
            return new ProtocolError(431, RefusalCode.InvalidRequest, $"The headers are larger than {options.MaxHeaderBytes} bytes") { Recorded = RefusalCode.RequestTooLarge };
        }

        foreach (var name in SingleHeaders)
        {
            if (request.Headers.TryGetValue(name, out var values) && values.Count > 1) return ProtocolError.BadHeader($"{name} is there more than once");
        }

        // RFC 6750, section 2.3 and MCP, Authorization: a token in a URL ends in logs.
        return request.QueryString.HasValue && request.Query.ContainsKey("access_token")
            ? new ProtocolError(400, RefusalCode.InvalidRequest, "A token belongs into the Authorization header, not into the URL")
            : null;
    }

    /// <summary>Bytes of all names and values together.</summary>
    public static int SizeOf(IHeaderDictionary headers)
    {
        var size = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values) size += name.Length + (value?.Length ?? 0) + 4;
        }

        return size;
    }

    private static ProtocolError? CheckMedia(HttpRequest request)
    {
        if (HttpMethods.IsDelete(request.Method)) return null;
        if (HttpMethods.IsGet(request.Method)) return Accepts(request.Headers.Accept, "text/event-stream") ? null : new ProtocolError(406, RefusalCode.InvalidRequest, "Accept must list text/event-stream");
        if (!IsJson(request.ContentType)) return new ProtocolError(415, RefusalCode.InvalidRequest, "Content-Type must be application/json");
        var accept = request.Headers.Accept;
        return Accepts(accept, "application/json") && Accepts(accept, "text/event-stream")
            ? null
            : new ProtocolError(406, RefusalCode.InvalidRequest, "Accept must list application/json and text/event-stream");
    }

    private static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        var semicolon = type.IndexOf(';');
        return (semicolon < 0 ? type : type[..semicolon]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool Accepts(StringValues accept, string type)
    {
        foreach (var header in accept)
        {
            foreach (var range in header.AsSpan().Split(','))
            {
                var media = header.AsSpan()[range];
                var semicolon = media.IndexOf(';');
                if (semicolon >= 0) media = media[..semicolon];
                media = media.Trim();
                if (media.Equals(type, StringComparison.OrdinalIgnoreCase) || media is "*/*") return true;
                if (media.EndsWith("/*", StringComparison.Ordinal) && type.AsSpan().StartsWith(media[..^1], StringComparison.OrdinalIgnoreCase)) return true;
            }
        }

        return false;
    }
}
