using System.Text.Json;

namespace McpServerless.EndToEnd;

/// <summary>What only the revisions before 2025-11-25 have, and for which the official suite has no scenarios.</summary>
[Collection(nameof(Gateway))]
public class OldRevisionTests(Gateway gateway)
{
    private static readonly Dictionary<string, string> Old = new() { ["MCP-Protocol-Version"] = "2025-03-26" };

    [Fact]
    public async Task Batch_IsAnsweredAsOneArray_EachElementOnItsOwnMerits()
    {
        var answer = await gateway.Wire().PostAsync("""
            [{"jsonrpc":"2.0","id":1,"method":"ping"},
             {"jsonrpc":"2.0","id":"two","method":"tools/call","params":{"name":"ok","arguments":{"text":"in a batch"}}},
             {"jsonrpc":"2.0","method":"notifications/initialized"},
             {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"not-granted"}},
             {"jsonrpc":"2.0","id":4,"method":"no/such"},
             {"jsonrpc":"2.0","id":5,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}},
             7]
            """, Old);
        Assert.Equal(200, answer.Status);
        var answers = answer.Json.EnumerateArray().ToArray();
        Assert.Equal(6, answers.Length);
        Assert.Equal("{}", answers[0].GetProperty("result").GetRawText());
        Assert.Equal("two", answers[1].GetProperty("id").GetString());
        Assert.Equal("ok", answers[1].GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal([-32602, -32601, -32600, -32600], answers[2..].Select(a => a.GetProperty("error").GetProperty("code").GetInt32()));
        Assert.False(answers[5].TryGetProperty("id", out _));

        var record = (await gateway.RecordsAsync(r => r.TryGetProperty("arguments", out var a) && a.GetRawText().Contains("in a batch", StringComparison.Ordinal)))[0];
        Assert.Equal("2025-03-26", record.GetProperty("protocolVersion").GetString());
    }

    [Fact]
    public async Task BatchOfNotifications_IsAccepted() =>
        Assert.Equal(202, (await gateway.Wire().PostAsync("""[{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":9,"result":{}}]""", Old)).Status);

    [Theory]
    [InlineData("[]")]
    [InlineData("too many")]
    public async Task BatchWithoutOrWithTooManyMessages_Is400(string body)
    {
        if (body != "[]") body = "[" + string.Join(',', Enumerable.Repeat("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", 51)) + "]";
        var answer = await gateway.Wire().PostAsync(body, Old);
        Assert.Equal((400, -32600), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task BatchWithoutAToken_Is401AsAWhole()
    {
        var answer = await new McpWire(gateway.Endpoint, null).PostAsync("""[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]""", Old);
        Assert.Equal(401, answer.Status);
        Assert.Equal("invalid_token", answer.Refusal);
        Assert.True(answer.Headers.ContainsKey("WWW-Authenticate"));
    }

    [Theory]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Batch_InALaterRevision_IsNoRequest(string revision)
    {
        var answer = await gateway.Wire().PostAsync("""[{"jsonrpc":"2.0","id":1,"method":"ping"}]""", new() { ["MCP-Protocol-Version"] = revision });
        Assert.Equal((400, -32600), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task RequestWithoutAVersionHeader_IsReadAs20250326()
    {
        Assert.Equal(-32602, (await gateway.Wire().PostAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok"}}""")).ErrorCode);
        var list = await gateway.Wire().PostAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        Assert.All(list.Result.GetProperty("tools").EnumerateArray(), t => Assert.False(t.TryGetProperty("outputSchema", out _)));
        Assert.False(list.Result.TryGetProperty("ttlMs", out _));
    }

    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task StructuredContentThatIsNoObject_IsToldAsText(string revision)
    {
        var result = (await gateway.Wire().LegacyCallAsync("structured-array", "{}", revision)).Result;
        Assert.False(result.TryGetProperty("structuredContent", out _));
        Assert.Equal("[1,2.50]", result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.False(result.TryGetProperty("resultType", out _));
    }

    [Fact]
    public async Task ModernCaller_GetsStructuredContentOfAnyKind() =>
        Assert.Equal("[1,2.50]", (await gateway.Wire().CallAsync("structured-array")).Result.GetProperty("structuredContent").GetRawText());

    [Fact]
    public async Task ResourceLink_IsTextIn20250326_AndItselfLater()
    {
        var old = (await gateway.Wire().LegacyCallAsync("link", "{}", "2025-03-26")).Result;
        Assert.Equal("text", old.GetProperty("content")[0].GetProperty("type").GetString());
        Assert.Equal("test://thing", old.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.False(old.TryGetProperty("structuredContent", out _));
        var later = (await gateway.Wire().LegacyCallAsync("link", "{}", "2025-06-18")).Result;
        Assert.Equal("resource_link", later.GetProperty("content")[0].GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Object, later.GetProperty("structuredContent").ValueKind);
        Assert.False(later.TryGetProperty("ttlMs", out _));
    }
}
