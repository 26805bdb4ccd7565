using System.Text.Json;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>An agent of the newer era in front of an upstream of the older one.</summary>
[Collection(nameof(BridgeGateway))]
public sealed class NewerAgentTests(BridgeGateway gateway) : IDisposable
{
    private const string Ok = """{"content":[{"type":"text","text":"ok"}]}""";

    public void Dispose() => gateway.Reset();

    [Fact]
    public async Task Discovery_NamesTheGateway_AndWhatWorks()
    {
        var result = (await gateway.Wire().ModernAsync("server/discover", "")).Result;
        Assert.Equal("complete", result.GetProperty("resultType").GetString());
        Assert.Equal("private", result.GetProperty("cacheScope").GetString());
        Assert.Equal("""["2026-07-28"]""", result.GetProperty("supportedVersions").GetRawText());
        Assert.DoesNotContain("upstream-secret-name", result.GetRawText(), StringComparison.Ordinal);
        Assert.True(result.GetProperty("capabilities").GetProperty("extensions").TryGetProperty("io.modelcontextprotocol/tasks", out _));
    }

    [Fact]
    public async Task CallToAnOlderUpstream_GoesOnASession_AndGetsWhatTheNewerEraAsksFor()
    {
        gateway.Old.Results("tools/call", "say", """{"content":[{"type":"text","text":"x"}],"x-vendor":1.0,"structuredContent":null}""");
        var answer = await gateway.Wire().ModernCallAsync("old.say", ",\"arguments\":{\"a\":1.50}", BridgeWire.AllCapabilities, ",\"vendor/k\":[1.0],\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"");
        Assert.Equal("""{"resultType":"complete","content":[{"type":"text","text":"x"}],"x-vendor":1.0,"structuredContent":null}""", answer.Result.GetRawText());
        var sent = gateway.Old.Last("tools/call", "say");
        Assert.StartsWith("up-", sent.Headers["Mcp-Session-Id"], StringComparison.Ordinal);
        Assert.Equal("2025-11-25", sent.Headers["MCP-Protocol-Version"]);
        Assert.False(sent.Headers.ContainsKey("Mcp-Method"));
        Assert.Equal("""{"a":1.50}""", sent.Params.GetProperty("arguments").GetRawText());
        Assert.Equal("""{"vendor/k":[1.0]}""", sent.Params.GetProperty("_meta").GetRawText());
        gateway.Old.Results("tools/call", "say", Ok);
    }

    [Fact]
    public async Task SessionsAtAnOlderUpstream_AreOnePerPrincipal_WithoutCapabilities()
    {
        await gateway.Wire().ModernCallAsync("old.say", "", BridgeWire.AllCapabilities);
        var own = gateway.Old.Last("tools/call", "say").Headers["Mcp-Session-Id"];
        await gateway.Wire().ModernCallAsync("old.say");
        Assert.Equal(own, gateway.Old.Last("tools/call", "say").Headers["Mcp-Session-Id"]);
        await gateway.Wire(clientId: Gateway.OtherClientId).ModernCallAsync("old.say");
        Assert.NotEqual(own, gateway.Old.Last("tools/call", "say").Headers["Mcp-Session-Id"]);
        var opened = gateway.Old.Received.Where(m => m.Method == "initialize" && m.Params.GetProperty("capabilities").GetRawText() == "{}");
        Assert.NotEmpty(opened);
    }

    [Fact]
    public async Task LostSession_IsOpenedAnew_Once()
    {
        await gateway.Wire().ModernCallAsync("old.say");
        gateway.Old.ForgetSessions();
        Assert.Equal("ok", (await gateway.Wire().ModernCallAsync("old.say")).Result.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task ResourceThatAnOlderUpstreamDoesNotHave_IsTheNewerErasError()
    {
        gateway.Old.Fails("resources/read", "old://doc", """{"code":-32002,"message":"Resource not found","data":{"uri":"old://doc"}}""");
        var answer = await gateway.Wire().ModernAsync("resources/read", "\"uri\":\"old://doc\"");
        Assert.Equal((200, -32602), (answer.Status, answer.ErrorCode));
        Assert.Equal("old://doc", answer.Json.GetProperty("error").GetProperty("data").GetProperty("uri").GetString());
    }

    [Fact]
    public async Task Reading_GetsCachingHints_AndNothingElseDoes()
    {
        gateway.Old.Results("resources/read", "old://doc", """{"contents":[{"uri":"old://doc","text":"t"}]}""");
        var read = (await gateway.Wire().ModernAsync("resources/read", "\"uri\":\"old://doc\"")).Result;
        Assert.Equal((0, "private", "complete"), (read.GetProperty("ttlMs").GetInt32(), read.GetProperty("cacheScope").GetString(), read.GetProperty("resultType").GetString()));
        gateway.New.Results("resources/read", "new://doc", """{"contents":[{"uri":"new://doc","text":"t"}],"ttlMs":86400000,"cacheScope":"public"}""");
        read = (await gateway.Wire().ModernAsync("resources/read", "\"uri\":\"new://doc\"")).Result;
        Assert.Equal("private", read.GetProperty("cacheScope").GetString());
        Assert.InRange(read.GetProperty("ttlMs").GetInt32(), 0, 60_000);
        Assert.False((await gateway.Wire().ModernCallAsync("old.say")).Result.TryGetProperty("ttlMs", out _));
    }

    [Fact]
    public async Task UrlThatAnOlderUpstreamWantsOpened_BecomesARoundOfTheNewerEra()
    {
        const string Error = """{"code":-32042,"message":"Open a URL","data":{"elicitations":[{"elicitationId":"e1","url":"https://example.com/connect","message":"Connect"}]}}""";
        gateway.Old.Fails("tools/call", "say", Error);
        try
        {
            var asked = (await gateway.Wire().ModernCallAsync("old.say", "", BridgeWire.AllCapabilities)).Result;
            Assert.Equal("input_required", asked.GetProperty("resultType").GetString());
            var request = Assert.Single(asked.GetProperty("inputRequests").EnumerateObject());
            Assert.Equal("elicitation/create", request.Value.GetProperty("method").GetString());
            var parameters = request.Value.GetProperty("params");
            Assert.Equal(("url", "https://example.com/connect", "Connect"), (parameters.GetProperty("mode").GetString(), parameters.GetProperty("url").GetString(), parameters.GetProperty("message").GetString()));
            Assert.False(parameters.TryGetProperty("elicitationId", out _));

            var unable = await gateway.Wire().ModernCallAsync("old.say", "", """{"elicitation":{}}""");
            Assert.Equal((400, -32021), (unable.Status, unable.ErrorCode));
            Assert.Equal("""{"elicitation":{"url":{}}}""", unable.Json.GetProperty("error").GetProperty("data").GetProperty("requiredCapabilities").GetRawText());
            var forbidden = await gateway.Wire(BridgeGateway.Silent).ModernCallAsync("old.say", "", BridgeWire.AllCapabilities);
            Assert.DoesNotContain("example.com", forbidden.Text + unable.Text, StringComparison.Ordinal);

            gateway.Old.Results("tools/call", "say", Ok);
            var again = await gateway.Wire().ModernCallAsync("old.say", ",\"inputResponses\":{\"" + request.Name + "\":{\"action\":\"accept\"}}", BridgeWire.AllCapabilities);
            Assert.Equal("ok", again.Result.GetProperty("content")[0].GetProperty("text").GetString());
            Assert.False(gateway.Old.Last("tools/call", "say").Params.TryGetProperty("inputResponses", out _));
        }
        finally
        {
            gateway.Old.Results("tools/call", "say", Ok);
        }
    }

    [Theory]
    [InlineData("""{"code":-32042,"message":"m","data":{"elicitations":[]}}""")]
    [InlineData("""{"code":-32042,"message":"m","data":{"elicitations":[7]}}""")]
    [InlineData("""{"code":-32042,"message":"m","data":{}}""")]
    [InlineData("""{"code":-32042,"message":"m"}""")]
    [InlineData("""{"code":-32042,"message":"m","data":{"elicitations":[{"mode":"form","message":"m","requestedSchema":{"type":"object","properties":{"pin":{"type":"string"}}}}]}}""")]
    [InlineData("""{"code":-32042,"message":"m","data":{"elicitations":[{"mode":"url","url":"http://example.com/","message":"m"}]}}""")]
    [InlineData("""{"code":-32042,"message":"m","data":{"elicitations":[{"mode":"url","url":"javascript:alert(1)","message":"m"}]}}""")]
    public async Task UrlErrorThatNamesNoUsableUrl_IsABreach(string error)
    {
        gateway.Old.Fails("tools/call", "say", error);
        var answer = await gateway.Wire().ModernCallAsync("old.say", "", BridgeWire.AllCapabilities);
        gateway.Old.Results("tools/call", "say", Ok);
        Assert.Equal("upstream_protocol_error", answer.Refusal);
        Assert.DoesNotContain("example.com", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StrayRequestOfAnOlderUpstream_IsRefused_ButPingIsAnswered()
    {
        gateway.Old.On("tools/call", "say", async request =>
        {
            await request.EventAsync("""{"jsonrpc":"2.0","id":"stray","method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}""");
            await request.EventAsync("""{"jsonrpc":"2.0","id":"alive","method":"ping"}""");
            var refused = await gateway.Old.ReceivedAsync(m => m.Id == "\"stray\"" && m.Method == "response", "a refusal");
            var alive = await gateway.Old.ReceivedAsync(m => m.Id == "\"alive\"" && m.Method == "response", "an answer to ping");
            await request.ResultAsync($$$$$"""{"content":[],"codes":[{{{{{refused.Json.GetProperty("error").GetProperty("code").GetRawText()}}}}},{{{{{alive.Json.GetProperty("result").GetRawText()}}}}}]}""");
        });
        var answer = await gateway.Wire().ModernCallAsync("old.say", "", BridgeWire.AllCapabilities);
        gateway.Old.Results("tools/call", "say", Ok);
        Assert.Equal("[-32601,{}]", answer.Result.GetProperty("codes").GetRawText());
    }

    [Fact]
    public async Task HangingUp_IsACancellation_AndTheOlderUpstreamIsToldByANotification()
    {
        var mark = Guid.NewGuid().ToString("N");
        gateway.Old.On("tools/call", "say", request => request.HungUpAsync());
        using var hangUp = new CancellationTokenSource();
        var wire = new McpWire(gateway.App.Endpoint(BridgeGateway.Server), gateway.Issuer.Token());
        var call = wire.CallAsync("old.say", $$"""{"mark":"{{mark}}"}""", ct: hangUp.Token);
        var sent = await gateway.Old.ReceivedAsync(m => m.Body.Contains(mark, StringComparison.Ordinal), "the call");
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        var cancelled = await gateway.Old.ReceivedAsync(m => m.Method == "notifications/cancelled" && m.Params.GetProperty("requestId").GetRawText() == sent.Id, "the cancellation");
        Assert.Equal(sent.Headers["Mcp-Session-Id"], cancelled.Headers["Mcp-Session-Id"]);
        gateway.Old.Results("tools/call", "say", Ok);
        var record = (await gateway.RecordsAsync(r => r.GetRawText().Contains(mark, StringComparison.Ordinal))).Last(r => r.GetProperty("event").GetString() == "outcome");
        Assert.Equal("cancelled", record.GetProperty("refusalCode").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StreamThatAnOlderUpstreamEndsEarly_IsTakenUpAgain(bool breaksOff)
    {
        var event1 = Guid.NewGuid().ToString("N");
        string? id = null;
        gateway.Old.On("tools/call", "say", async request =>
        {
            id = request.Message.Id;
            await request.EventAsync("", event1);
            if (!breaksOff) return;
            // Its answer shows that the gateway has read so far.
            await request.EventAsync($$$$$"""{"jsonrpc":"2.0","id":"read-{{{{{id!.Trim('"')}}}}}-{{{{{event1}}}}}","method":"ping"}""");
            await gateway.Old.ReceivedAsync(m => m.Method == "response" && m.Id == $"\"read-{id.Trim('"')}-{event1}\"", "an answer to ping");
            request.Http.Abort();
        });
        gateway.Old.On("GET", "", async request =>
        {
            if (request.Message.Headers.GetValueOrDefault("Last-Event-ID") != event1) await request.StatusAsync(405, "");
            else await request.EventAsync($$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"after all"}]}}""", event1 + "-2");
        });
        try
        {
            var modern = await gateway.Wire().ModernCallAsync("old.say");
            Assert.Equal("after all", modern.Result.GetProperty("content")[0].GetProperty("text").GetString());
            var session = await gateway.Wire().OpenAsync();
            Assert.Equal("after all", (await session.CallAsync("old.say")).Result.GetProperty("content")[0].GetProperty("text").GetString());
        }
        finally
        {
            gateway.Old.On("GET", "", request => request.StatusAsync(405, ""));
            gateway.Old.Results("tools/call", "say", Ok);
        }
    }

    [Fact]
    public async Task StreamThatCannotBeTakenUpAgain_IsANamedRefusal()
    {
        gateway.Old.On("tools/call", "say", request => request.EventAsync("", "gone"));
        var answer = await gateway.Wire().ModernCallAsync("old.say");
        gateway.Old.Results("tools/call", "say", Ok);
        Assert.Equal("upstream_unavailable", answer.Refusal);
    }

    [Fact]
    public async Task Listening_IsAcknowledgedForWhatMayBeHeard_AndNothingElse()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Old.Results("resources/subscribe", "old://doc", "{}");
        gateway.Old.On("GET", "", async request =>
        {
            await request.EventAsync("""{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"old://other"}}""");
            await request.EventAsync("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
            await request.EventAsync("""{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"old://doc","_meta":{"vendor/k":1}}}""");
            await request.HungUpAsync();
            held.TrySetResult();
        });
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.App.Endpoint(BridgeGateway.Server))
        {
            Content = new StringContent(
                """{"jsonrpc":"2.0","id":77,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["old://doc","other://secret"]},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""",
                System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + gateway.Issuer.Token());
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", "2026-07-28");
        request.Headers.TryAddWithoutValidation("Mcp-Method", "subscriptions/listen");
        using (var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync()))
        {
            var acknowledged = await NextAsync(reader);
            Assert.Equal("notifications/subscriptions/acknowledged", acknowledged.GetProperty("method").GetString());
            Assert.Equal("""{"resourceSubscriptions":["old://doc"]}""", acknowledged.GetProperty("params").GetProperty("notifications").GetRawText());
            var updated = await NextAsync(reader);
            Assert.Equal("old://doc", updated.GetProperty("params").GetProperty("uri").GetString());
            Assert.Equal(77, updated.GetProperty("params").GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId").GetInt32());
            Assert.Equal(1, updated.GetProperty("params").GetProperty("_meta").GetProperty("vendor/k").GetInt32());
        }

        // Hanging up ends what was held for it, and the session that was opened for it.
        await held.Task.WaitAsync(TimeSpan.FromSeconds(20));
        gateway.Old.On("GET", "", r => r.StatusAsync(405, ""));
        await gateway.Old.ReceivedAsync(m => m.Http == "DELETE", "the end of the session");
    }

    private static async Task<JsonElement> NextAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return JsonDocument.Parse(line[6..]).RootElement;
        }

        throw new InvalidOperationException("The stream ended.");
    }
}
