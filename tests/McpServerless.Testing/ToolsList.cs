using System.Net.Http.Headers;
using System.Text;

namespace McpServerless.Testing;

/// <summary>The smallest governed request: a list of tools, in the revision that needs no session.</summary>
public static class ToolsList
{
    public static HttpRequestMessage Request(Uri endpoint)
    {
        const string Body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}
            """;
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/list");
        return request;
    }
}
