using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>What a caller can get wrong on the wire, in the order of the endpoint's checks: the answer, and that it is on record.</summary>
[Collection(nameof(Gateway))]
public class BadRequestTests(Gateway gateway)
{
    private const string Meta = McpWire.ModernMeta;

    private static readonly string List = $$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{{{{{{Meta}}}}}}}}""";

    [Fact]
    public async Task ForeignOrigin_Is403() => await ExpectAsync(With("Origin", "https://evil.example.com"), List, 403, -32600);

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task OtherMethods_Are405_AndSayWhatIsAllowed(string method)
    {
        var answer = await gateway.Wire().SendAsync(new HttpMethod(method), null);
        Assert.Equal(405, answer.Status);
    }

    [Fact]
    public async Task NoToken_Is401_WithAChallengeThatLeadsToTheMetadata()
    {
        var answer = await new McpWire(gateway.Endpoint, null).PostAsync(List, McpWire.Modern("tools/list"));
        Assert.Equal(401, answer.Status);
        Assert.Equal("invalid_token", answer.Refusal);
        var challenge = answer.Headers["WWW-Authenticate"];
        Assert.DoesNotContain("error=", challenge, StringComparison.Ordinal);
        Assert.Contains($"resource_metadata=\"{gateway.App.Address}.well-known/oauth-protected-resource/servers/{Gateway.Server}/mcp\"", challenge, StringComparison.Ordinal);
        Assert.Contains($"scope=\"api://{TestIssuer.Audience}/Mcp.Call\"", challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExpiredToken_Is401_AndSaysSo()
    {
        var claims = gateway.Issuer.ApplicationClaims();
        claims["exp"] = gateway.Issuer.Now(-120);
        claims["nbf"] = gateway.Issuer.Now(-300);
        var answer = await gateway.Wire(gateway.Issuer.Token(claims)).PostAsync(List, McpWire.Modern("tools/list"));
        Assert.Equal(401, answer.Status);
        Assert.Contains("error=\"invalid_token\"", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadTokenWithABadBody_HearsOnlyOfTheToken()
    {
        var answer = await new McpWire(gateway.Endpoint, "x.y.z").PostAsync("{{{", McpWire.Modern("tools/list"));
        Assert.Equal(401, answer.Status);
        Assert.DoesNotContain("-32700", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenInTheUrl_IsRefused()
    {
        var wire = new McpWire(new Uri(gateway.Endpoint + "?access_token=abc"), gateway.Issuer.Token());
        Assert.Equal(400, (await wire.PostAsync(List, McpWire.Modern("tools/list"))).Status);
    }

    [Fact]
    public async Task LargeBody_Is413_WhetherOrNotItsLengthIsTold()
    {
        var body = $$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":"{{{{{new string('x', 1024 * 1024)}}}}}"}}""";
        var answer = await ExpectAsync(McpWire.Modern("tools/list"), body, 413, -32600);
        Assert.Equal("application/json", answer.MediaType);
        var chunked = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(body))) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var headers = McpWire.Modern("tools/list");
        headers["Transfer-Encoding"] = "chunked";
        Assert.Equal(413, (await gateway.Wire().SendAsync(HttpMethod.Post, chunked, headers)).Status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/jsonp")]
    public async Task OtherContentType_Is415(string type)
    {
        var content = new StringContent(List, Encoding.UTF8, type);
        Assert.Equal(415, (await gateway.Wire().SendAsync(HttpMethod.Post, content, McpWire.Modern("tools/list"))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    public async Task AcceptWithoutBothTypes_Is406(string accept)
    {
        var content = new StringContent(List, Encoding.UTF8, "application/json");
        Assert.Equal(406, (await gateway.Wire().SendAsync(HttpMethod.Post, content, McpWire.Modern("tools/list"), accept)).Status);
    }

    [Fact]
    public async Task ManyHeaders_Are431() => await ExpectAsync(With("X-Filler", new string('x', 25_000)), List, 431, -32600);

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"a\":1,\"\\u0061\":2}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"a\":\"\\ud800\"}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"a\":1,\"\\ud800\":2}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"} trailing")]
    public async Task WhatIsNotJson_Is400_WithoutAnId(string body)
    {
        var answer = await ExpectAsync(McpWire.Modern("tools/list"), body, 400, -32700);
        Assert.False(answer.Json.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task DeepJson_Is400() =>
        await ExpectAsync(McpWire.Modern("tools/list"), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":" + string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 71), 400, -32700);

    [Fact]
    public async Task InvalidUtf8_Is400()
    {
        var bytes = Encoding.UTF8.GetBytes(List.Replace("tools/list", "tools/l!st", StringComparison.Ordinal));
        bytes[Array.IndexOf(bytes, (byte)'!')] = 0xFF;
        var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var answer = await gateway.Wire().SendAsync(HttpMethod.Post, content, McpWire.Modern("tools/list"));
        Assert.Equal((400, -32700), (answer.Status, answer.ErrorCode));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"tools/list\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"tools/list\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"tools/list\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"tools/list\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":[]}")]
    public async Task WhatIsNoRequest_Is400(string body) => await ExpectAsync(McpWire.Modern("tools/list"), body, 400, -32600);

    [Fact]
    public async Task ModernRequestWithoutMeta_Is400() =>
        await ExpectAsync(McpWire.Modern("tools/list"), """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}""", 400, -32602);

    [Fact]
    public async Task ModernRequestWithoutCapabilities_Is400() =>
        await ExpectAsync(McpWire.Modern("tools/list"), """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}""", 400, -32602);

    [Theory]
    [InlineData(null, "2026-07-28", -32020)]
    [InlineData("2026-07-28", "v999.0.0", -32020)]
    [InlineData("v999.0.0", "v999.0.0", -32022)]
    [InlineData("v999.0.0", "2026-07-28", -32020)]
    [InlineData("2027-01-01", "2027-01-01", -32022)]
    public async Task VersionOfHeaderAndBody_MustAgreeAndBeServed(string? header, string meta, int code)
    {
        var headers = McpWire.Modern("tools/list");
        if (header is null) headers.Remove("MCP-Protocol-Version");
        else headers["MCP-Protocol-Version"] = header;
        var answer = await ExpectAsync(headers, List.Replace("2026-07-28", meta, StringComparison.Ordinal), 400, code);
        if (code != -32022) return;
        var data = answer.Json.GetProperty("error").GetProperty("data");
        Assert.Equal("2026-07-28", data.GetProperty("supported")[0].GetString());
        Assert.Equal(header, data.GetProperty("requested").GetString());
    }

    [Fact]
    public async Task LegacyVersionNobodyKnows_Is400() =>
        await ExpectAsync(new() { ["MCP-Protocol-Version"] = "1999-01-01" }, """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", 400, -32022);

    [Theory]
    [InlineData(null, "ok")]
    [InlineData("tools/list", "ok")]
    [InlineData("TOOLS/CALL", "ok")]
    [InlineData("tools/call", null)]
    [InlineData("tools/call", "other")]
    [InlineData("tools/call", "OK")]
    [InlineData("tools/call", "=?base64?!!!?=")]
    [InlineData("tools/call", "=?base64?b2 s=?=")]
    [InlineData("tools/call", "=?BASE64?b2s=?=")]
    public async Task HeadersThatDoNotMirrorTheBody_Are400(string? method, string? name)
    {
        var headers = new Dictionary<string, string> { ["MCP-Protocol-Version"] = "2026-07-28" };
        if (method is not null) headers["Mcp-Method"] = method;
        if (name is not null) headers["Mcp-Name"] = name;
        await ExpectAsync(headers, $$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok","arguments":{"text":"a"},"_meta":{{{{{{Meta}}}}}}}}""", 400, -32020);
    }

    [Fact]
    public async Task NameInBase64_IsTheName()
    {
        var headers = McpWire.Modern("tools/call", "=?base64?b2s=?=");
        var answer = await gateway.Wire().PostAsync($$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok","arguments":{"text":"a"},"_meta":{{{{{{Meta}}}}}}}}""", headers);
        Assert.Equal(200, answer.Status);
        Assert.Null(answer.Refusal);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("ping")]
    [InlineData("logging/setLevel")]
    [InlineData("resources/subscribe")]
    [InlineData("resources/list")]
    [InlineData("no/such")]
    public async Task ModernMethodThatIsNotServed_Is404(string method) =>
        await ExpectAsync(McpWire.Modern(method), $$$$$"""{"jsonrpc":"2.0","id":1,"method":"{{{{{method}}}}}","params":{"_meta":{{{{{{Meta}}}}}}}}""", 404, -32601);

    [Fact]
    public async Task LegacyMethodThatIsNotServed_Is200_SoThatNoSessionIsDropped() =>
        await ExpectAsync(new() { ["MCP-Protocol-Version"] = "2025-11-25" }, """{"jsonrpc":"2.0","id":1,"method":"no/such"}""", 200, -32601);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":7}""")]
    [InlineData("""{"name":""}""")]
    public async Task CallWithoutAName_Is32602(string parameters) =>
        await ExpectAsync(new() { ["MCP-Protocol-Version"] = "2025-11-25" }, $$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{{{parameters}}}}}}""", 200, -32602);

    [Fact]
    public async Task Cursor_ThatWasNeverGivenOut_Is32602()
    {
        var answer = await gateway.Wire().PostAsync(List.Replace("\"params\":{", "\"params\":{\"cursor\":\"x\",", StringComparison.Ordinal), McpWire.Modern("tools/list"));
        Assert.Equal((200, -32602, "cursor_invalid"), (answer.Status, answer.ErrorCode, answer.Refusal));
    }

    [Fact]
    public async Task Errors_CarryTheIdOfTheRequest()
    {
        var answer = await ExpectAsync(McpWire.Modern("no/such"), $$$$$"""{"jsonrpc":"2.0","id":"my-id","method":"no/such","params":{"_meta":{{{{{{Meta}}}}}}}}""", 404, -32601);
        Assert.Equal("my-id", answer.Json.GetProperty("id").GetString());
    }

    [Fact]
    public async Task SlowBody_Is408()
    {
        using var socket = new TcpClient("127.0.0.1", gateway.Endpoint.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {gateway.Endpoint.AbsolutePath} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {gateway.Issuer.Token()}\r\nContent-Type: application/json\r\n" +
            "Accept: application/json, text/event-stream\r\nContent-Length: 1000\r\nUser-Agent: slow\r\n\r\n{"));
        using var reader = new StreamReader(stream);
        Assert.Contains("408", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.NotEmpty(await RecordsOfAgentAsync("slow"));
    }

    [Fact]
    public async Task CallerThatHangsUpDuringTheBody_IsOnRecord()
    {
        using (var socket = new TcpClient("127.0.0.1", gateway.Endpoint.Port))
        {
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {gateway.Endpoint.AbsolutePath} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {gateway.Issuer.Token()}\r\nContent-Type: application/json\r\n" +
                "Accept: application/json, text/event-stream\r\nContent-Length: 1000\r\nUser-Agent: gone\r\n\r\n{"));
        }

        var record = Assert.Single(await RecordsOfAgentAsync("gone"));
        Assert.Contains(record.GetProperty("refusalCode").GetString(), new[] { "cancelled", "malformed_request" });
    }

    private static Dictionary<string, string> With(string header, string value)
    {
        var headers = McpWire.Modern("tools/list");
        headers[header] = value;
        return headers;
    }

    private Task<IReadOnlyList<System.Text.Json.JsonElement>> RecordsOfAgentAsync(string userAgent) =>
        gateway.RecordsAsync(r => r.TryGetProperty("claimed", out var claimed) && claimed.TryGetProperty("userAgent", out var agent) && agent.GetString() == userAgent);

    /// <summary>Sends, checks status and code, and finds the refusal in the ledger.</summary>
    private async Task<WireAnswer> ExpectAsync(Dictionary<string, string> headers, string body, int status, int code)
    {
        var mark = Guid.NewGuid().ToString("N");
        headers["User-Agent"] = mark;
        var answer = await gateway.Wire().PostAsync(body, headers);
        Assert.Equal((status, code), (answer.Status, answer.ErrorCode));
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        var record = Assert.Single(await RecordsOfAgentAsync(mark));
        Assert.Equal("refused", record.GetProperty("decision").GetString());
        Assert.Equal(
            (status, code) switch { (413 or 431, _) => "request_too_large", (_, -32601) => "method_not_served", _ => "malformed_request" },
            record.GetProperty("refusalCode").GetString());
        return answer;
    }
}
