using System.Text;
using McpServerless.Benchmarks.Setup;
using McpServerless.Protocol;
using ModelContextProtocol.Protocol;

namespace McpServerless.Benchmarks.Driver;

/// <summary>The bytes of a whole HTTP/1.1 request, made once and sent many times; and what its right answer holds.</summary>
internal sealed class CallRequest
{
    private const string Message = "The quick brown fox jumps over the lazy dog, and the gateway writes it down.";

    private CallRequest(byte[] bytes, string expected) => (Bytes, Expected) = (bytes, Encoding.UTF8.GetBytes(expected));

    public byte[] Bytes { get; }

    /// <summary>What a right answer's body holds; of a stream its last event.</summary>
    public byte[] Expected { get; }

    /// <summary>How many events a right answer has that is a stream.</summary>
    public int Events { get; private init; } = 1;

    /// <summary>A <c>tools/call</c> of the modern era that is answered at once.</summary>
    public static CallRequest Of(Uri server, string tool, string token) =>
        Modern(server, BenchState.Server, RequestMethods.ToolsCall, tool, token, $$"""{"name":"{{tool}}","arguments":{"message":"{{Message}}"},"_meta":{ {{Meta}} } }""", $"\"text\":\"{Message}\"");

    /// <summary>A <c>tools/call</c> that is answered with so many notifications of progress, and then its result.</summary>
    public static CallRequest OfStream(Uri server, string tool, string token, int notifications)
    {
        var request = Modern(server, BenchState.Server, RequestMethods.ToolsCall, tool, token, $$"""{"name":"{{tool}}","arguments":{"count":{{notifications}} },"_meta":{ {{Meta}},"progressToken":"p"} }""", "\"text\":\"done\"");
        return new CallRequest(request.Bytes, "\"text\":\"done\"") { Events = notifications + 1 };
    }

    /// <summary>A page of <c>tools/list</c>.</summary>
    public static CallRequest OfList(Uri server, string virtualServer, string token, string? cursor, bool modern)
    {
        var given = cursor is null ? "" : $"\"cursor\":\"{cursor}\"";
        return modern
            ? Modern(server, virtualServer, RequestMethods.ToolsList, null, token, $$"""{ {{(given.Length > 0 ? given + "," : "")}}"_meta":{ {{Meta}} } }""", "\"tools\":[{\"name\":")
            : new CallRequest(Encode(server, virtualServer, token, [$"MCP-Protocol-Version: {ProtocolRevision.Legacy20251125}"], RequestMethods.ToolsList, $"{{{given}}}"), "\"tools\":[{\"name\":");
    }

    /// <summary>Opens a session of the older era.</summary>
    public static byte[] OfInitialize(Uri server, string token) =>
        Encode(server, BenchState.Server, token, [], RequestMethods.Initialize, $$"""{"protocolVersion":"{{ProtocolRevision.Legacy20251125}}","capabilities":{},"clientInfo":{"name":"bench","version":"1.0"} }""");

    /// <summary>Opens the stream beside a session.</summary>
    public static byte[] OfSessionStream(Uri server, string token, string session) => Encoding.UTF8.GetBytes(
        $"GET /servers/{BenchState.Server}/mcp HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\nMCP-Protocol-Version: {ProtocolRevision.Legacy20251125}\r\nMcp-Session-Id: {session}\r\n\r\n");

    private static string Meta { get; } =
        $$"""
        "{{MetaKeys.ProtocolVersion}}":"{{ProtocolRevision.Modern}}","{{MetaKeys.ClientInfo}}":{"name":"bench","version":"1.0"},"{{MetaKeys.ClientCapabilities}}":{ }
        """;

    private static CallRequest Modern(Uri server, string virtualServer, string method, string? name, string token, string parameters, string expected)
    {
        string[] headers = [$"MCP-Protocol-Version: {ProtocolRevision.Modern}", $"Mcp-Method: {method}", .. name is null ? Array.Empty<string>() : [$"Mcp-Name: {name}"]];
        return new CallRequest(Encode(server, virtualServer, token, headers, method, parameters), expected);
    }

    private static byte[] Encode(Uri server, string virtualServer, string token, string[] headers, string method, string parameters)
    {
        var body = $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""";
        string[] lines =
        [
            $"POST /servers/{virtualServer}/mcp HTTP/1.1",
            $"Host: {server.Authority}",
            $"Authorization: Bearer {token}",
            "Accept: application/json, text/event-stream",
            "Content-Type: application/json",
            $"Content-Length: {Encoding.UTF8.GetByteCount(body)}",
            .. headers,
            "User-Agent: bench/1.0",
            "",
            body,
        ];
        return Encoding.UTF8.GetBytes(string.Join("\r\n", lines));
    }
}
