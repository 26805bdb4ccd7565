using System.Text;
using McpServerless.Benchmarks.Setup;
using McpServerless.Protocol;
using ModelContextProtocol.Protocol;

namespace McpServerless.Benchmarks.Driver;

/// <summary>A <c>tools/call</c> of the modern era as the bytes of a whole HTTP/1.1 request, made once and sent many times.</summary>
internal sealed class CallRequest
{
    private const string Message = "The quick brown fox jumps over the lazy dog, and the gateway writes it down.";

    private CallRequest(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    /// <summary>What a right answer's body holds.</summary>
    public static byte[] Expected { get; } = Encoding.UTF8.GetBytes($"\"text\":\"{Message}\"");

    public static CallRequest Of(Uri server, string tool, string token)
    {
        var meta = $$"""{"{{MetaKeys.ProtocolVersion}}":"{{ProtocolRevision.Modern}}","{{MetaKeys.ClientInfo}}":{"name":"bench","version":"1.0"},"{{MetaKeys.ClientCapabilities}}":{ } }""";
        var parameters = $$"""{"name":"{{tool}}","arguments":{"message":"{{Message}}"},"_meta":{{meta}} }""";
        var body = $$"""{"jsonrpc":"2.0","id":1,"method":"{{RequestMethods.ToolsCall}}","params":{{parameters}} }""";
        string[] lines =
        [
            $"POST /servers/{BenchState.Server}/mcp HTTP/1.1",
            $"Host: {server.Authority}",
            $"Authorization: Bearer {token}",
            "Accept: application/json, text/event-stream",
            "Content-Type: application/json",
            $"Content-Length: {Encoding.UTF8.GetByteCount(body)}",
            $"MCP-Protocol-Version: {ProtocolRevision.Modern}",
            $"Mcp-Method: {RequestMethods.ToolsCall}",
            $"Mcp-Name: {tool}",
            "User-Agent: bench/1.0",
            "",
            body,
        ];
        return new CallRequest(Encoding.UTF8.GetBytes(string.Join("\r\n", lines)));
    }
}
