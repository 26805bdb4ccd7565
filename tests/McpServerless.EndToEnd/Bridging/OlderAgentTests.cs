using System.Text.Json;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>An agent of the older era in front of upstreams of both.</summary>
[Collection(nameof(BridgeGateway))]
public sealed class OlderAgentTests(BridgeGateway gateway) : IDisposable
{
    public void Dispose() => gateway.Reset();

    [Fact]
    public async Task Handshake_NamesOnlyWhatCanBeCarriedOver()
    {
        // The modern upstream subscribes, logs and has tasks; none of that exists for an agent that speaks to it through single requests.
        var alone = (await gateway.Wire(BridgeGateway.ModernOnly).PostInitializeAsync()).Result.GetProperty("capabilities");
        Assert.Equal("""{"tools":{},"prompts":{},"resources":{},"completions":{}}""", alone.GetRawText());
        var merged = (await gateway.Wire().OpenAsync()).Initialized.GetProperty("capabilities");
        Assert.Equal("""{"tools":{},"prompts":{},"resources":{"subscribe":true},"completions":{},"logging":{}}""", merged.GetRawText());
        Assert.False(merged.TryGetProperty("extensions", out _));
    }

    [Fact]
    public async Task Handshake_TellsTheGatewaysName_NotTheUpstreams()
    {
        var initialized = (await gateway.Wire().OpenAsync()).Initialized;
        Assert.DoesNotContain("upstream-secret-name", initialized.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(BridgeGateway.Server, initialized.GetProperty("serverInfo").GetProperty("name").GetString());
    }

    [Fact]
    public async Task CallToAModernUpstream_GetsWhatThatEraAsksFor_AndLosesItAgainOnTheWayBack()
    {
        gateway.New.Results("tools/call", "say", """{"resultType":"complete","content":[{"type":"text","text":"x"}],"x-vendor":1.0,"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"upstream-secret-name","version":"1"},"vendor/k":1}}""");
        var session = await gateway.Wire().OpenAsync(BridgeWire.AllCapabilities);
        var result = (await session.CallAsync("new.say")).Result;
        Assert.Equal("""{"content":[{"type":"text","text":"x"}],"x-vendor":1.0,"_meta":{"vendor/k":1}}""", result.GetRawText());
        var sent = gateway.New.Last("tools/call", "say");
        Assert.Equal("2026-07-28", sent.Headers["MCP-Protocol-Version"]);
        Assert.Equal(("tools/call", "say"), (sent.Headers["Mcp-Method"], sent.Headers["Mcp-Name"]));
        var meta = sent.Params.GetProperty("_meta");
        Assert.Equal("2026-07-28", meta.GetProperty("io.modelcontextprotocol/protocolVersion").GetString());
        // Nothing that an answer of several rounds could ask for.
        Assert.Equal("{}", meta.GetProperty("io.modelcontextprotocol/clientCapabilities").GetRawText());
    }

    [Fact]
    public async Task ResourceThatAModernUpstreamDoesNotHave_IsTheOlderErasError()
    {
        gateway.New.Fails("resources/read", "new://doc", """{"code":-32602,"message":"Resource not found","data":{"uri":"new://doc"}}""");
        var session = await gateway.Wire().OpenAsync();
        var answer = await session.RequestAsync("resources/read", "\"uri\":\"new://doc\"");
        Assert.Equal((200, -32002), (answer.Status, answer.ErrorCode));
        var unknown = await session.RequestAsync("resources/read", "\"uri\":\"new://nothing\"");
        Assert.Equal((200, -32002), (unknown.Status, unknown.ErrorCode));
        // Of anything else the code means what it says.
        gateway.New.Fails("tools/call", "say", """{"code":-32602,"message":"Bad"}""");
        Assert.Equal(-32602, (await session.CallAsync("new.say")).ErrorCode);
    }

    [Fact]
    public async Task CachingHints_AreNotTold()
    {
        gateway.New.Results("resources/read", "new://doc", """{"contents":[{"uri":"new://doc","text":"t"}],"ttlMs":5000,"cacheScope":"public"}""");
        var session = await gateway.Wire().OpenAsync();
        Assert.Equal("""{"contents":[{"uri":"new://doc","text":"t"}]}""", (await session.RequestAsync("resources/read", "\"uri\":\"new://doc\"")).Result.GetRawText());
        foreach (var list in new[] { "tools/list", "prompts/list", "resources/list", "resources/templates/list" })
        {
            var result = (await session.RequestAsync(list)).Result;
            foreach (var member in new[] { "ttlMs", "cacheScope", "resultType" }) Assert.False(result.TryGetProperty(member, out _), $"{list} has {member}");
        }
    }

    [Fact]
    public async Task AnswerThatAsksForInput_IsABreach_BecauseNothingWasDeclared()
    {
        gateway.New.Results("tools/call", "say", """{"resultType":"input_required","requestState":"s","inputRequests":{"a":{"method":"roots/list"}}}""");
        var session = await gateway.Wire().OpenAsync(BridgeWire.AllCapabilities);
        var answer = await session.CallAsync("new.say");
        Assert.Equal("upstream_protocol_error", answer.Refusal);
        Assert.True(answer.Result.GetProperty("isError").GetBoolean());
    }

    [Fact]
    public async Task CapabilityThatAModernUpstreamMisses_IsToldInWords()
    {
        gateway.New.Fails("tools/call", "say", """{"code":-32021,"message":"upstream words","data":{"requiredCapabilities":{"sampling":{}}}}""", 400);
        var session = await gateway.Wire().OpenAsync(BridgeWire.AllCapabilities);
        var answer = await session.CallAsync("new.say");
        Assert.Equal((200, "upstream_unavailable"), (answer.Status, answer.Refusal));
        Assert.True(answer.Result.GetProperty("isError").GetBoolean());
        Assert.DoesNotContain("-32021", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tasks/get", "\"taskId\":\"x\"")]
    [InlineData("tasks/cancel", "\"taskId\":\"x\"")]
    [InlineData("server/discover", "")]
    [InlineData("subscriptions/listen", "\"notifications\":{}")]
    public async Task MethodsOfTheNewerEra_DoNotExist(string method, string members)
    {
        var answer = await (await gateway.Wire().OpenAsync()).RequestAsync(method, members);
        Assert.Equal((200, -32601), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task SubscriptionAtAModernUpstream_IsNotServed_AndAtAnOlderOneItIs()
    {
        var session = await gateway.Wire().OpenAsync();
        var refused = await session.RequestAsync("resources/subscribe", "\"uri\":\"new://doc\"");
        Assert.Equal((200, -32601), (refused.Status, refused.ErrorCode));
        gateway.Old.Results("resources/subscribe", "old://doc", "{}");
        Assert.Equal("{}", (await session.RequestAsync("resources/subscribe", "\"uri\":\"old://doc\"")).Result.GetRawText());
        Assert.Equal(-32002, (await session.RequestAsync("resources/subscribe", "\"uri\":\"old://nothing\"")).ErrorCode);
    }

    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task StructuredContentThatIsNoObject_IsToldAsText_AlsoWhenThereIsAnotherText(string revision)
    {
        gateway.New.Results("tools/call", "array", """{"content":[{"type":"text","text":"Two numbers."}],"structuredContent":[1,2]}""");
        var session = await gateway.Wire().OpenAsync(revision: revision);
        var result = (await session.CallAsync("new.array")).Result;
        Assert.False(result.TryGetProperty("structuredContent", out _));
        Assert.Equal(["Two numbers.", "[1,2]"], result.GetProperty("content").EnumerateArray().Select(b => b.GetProperty("text").GetString()));
        // A text that says the same is enough.
        gateway.New.Results("tools/call", "array", """{"content":[{"type":"text","text":"[1, 2]"}],"structuredContent":[1,2]}""");
        Assert.Equal(1, (await session.CallAsync("new.array")).Result.GetProperty("content").GetArrayLength());
        // Its schema would break strict clients.
        var tools = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await session.RequestAsync("tools/list", cursor)).Result;
            tools.AddRange(page.GetProperty("tools").EnumerateArray());
            cursor = page.TryGetProperty("nextCursor", out var next) ? "\"cursor\":" + BridgeWire.Quoted(next.GetString()!) : null;
        }

        Assert.False(tools.Single(t => t.GetProperty("name").GetString() == "new.array").TryGetProperty("outputSchema", out _));
        Assert.Equal(revision != "2025-03-26", tools.Single(t => t.GetProperty("name").GetString() == "new.count").TryGetProperty("outputSchema", out _));
    }

    [Fact]
    public async Task ResourceLink_IsTextIn20250326_InPromptsToo()
    {
        gateway.New.Results("prompts/get", "briefing", """{"messages":[{"role":"user","content":{"type":"resource_link","uri":"new://doc","name":"doc"}},{"role":"user","content":{"type":"text","text":"t"},"x":1}]}""");
        gateway.New.Results("tools/call", "say", """{"content":[{"type":"resource_link","uri":"new://doc","name":"doc"}]}""");
        var oldest = await gateway.Wire().OpenAsync(revision: "2025-03-26");
        var messages = (await oldest.RequestAsync("prompts/get", "\"name\":\"new.briefing\"")).Result.GetProperty("messages");
        Assert.Equal("""{"type":"text","text":"new://doc"}""", messages[0].GetProperty("content").GetRawText());
        Assert.Equal("""{"role":"user","content":{"type":"text","text":"t"},"x":1}""", messages[1].GetRawText());
        Assert.Equal("""[{"type":"text","text":"new://doc"}]""", (await oldest.CallAsync("new.say")).Result.GetProperty("content").GetRawText());
        var later = await gateway.Wire().OpenAsync(revision: "2025-06-18");
        Assert.Equal("resource_link", (await later.RequestAsync("prompts/get", "\"name\":\"new.briefing\"")).Result.GetProperty("messages")[0].GetProperty("content").GetProperty("type").GetString());
    }

    [Fact]
    public async Task UrlThatAnOlderUpstreamWantsOpened_PassesOnlyToWhomMayBeAsked()
    {
        const string Error = """{"code":-32042,"message":"Open a URL","data":{"elicitations":[{"mode":"url","elicitationId":"e1","url":"https://example.com/connect","message":"Connect"}]}}""";
        gateway.Old.Fails("tools/call", "say", Error);
        try
        {
            var able = await (await gateway.Wire().OpenAsync(BridgeWire.AllCapabilities)).CallAsync("old.say");
            Assert.Equal((200, -32042), (able.Status, able.ErrorCode));
            Assert.Equal("e1", able.Json.GetProperty("error").GetProperty("data").GetProperty("elicitations")[0].GetProperty("elicitationId").GetString());
            foreach (var session in new[] { await gateway.Wire().OpenAsync(), await gateway.Wire(BridgeGateway.Silent).OpenAsync(BridgeWire.AllCapabilities) })
            {
                var refused = await session.CallAsync("old.say");
                Assert.Equal("upstream_protocol_error", refused.Refusal);
                Assert.DoesNotContain("example.com", refused.Text, StringComparison.Ordinal);
            }

            gateway.Old.Fails("tools/call", "say", Error.Replace("https:", "http:", StringComparison.Ordinal));
            Assert.Equal("upstream_protocol_error", (await (await gateway.Wire().OpenAsync(BridgeWire.AllCapabilities)).CallAsync("old.say")).Refusal);
        }
        finally
        {
            gateway.Old.Results("tools/call", "say", """{"content":[{"type":"text","text":"ok"}]}""");
        }
    }

    [Fact]
    public async Task HangingUp_IsNoCancellation_AndTheRecordSaysThatTheClientWasGone()
    {
        var mark = Guid.NewGuid().ToString("N");
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Old.On("tools/call", "say", async request =>
        {
            await release.Task;
            await request.ResultAsync("""{"content":[{"type":"text","text":"late"}]}""");
        });
        var session = await gateway.Wire().OpenAsync();
        using (var hangUp = new CancellationTokenSource())
        {
            var call = session.BeginAsync($$$$$"""{"jsonrpc":"2.0","id":41,"method":"tools/call","params":{"name":"old.say","arguments":{"mark":"{{{{{mark}}}}}"}}}""", hangUp.Token);
            await gateway.Old.ReceivedAsync(m => m.Body.Contains(mark, StringComparison.Ordinal), "the call");
            await hangUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        // What follows on the same session shows that the gateway has seen much since; no cancellation was among it.
        Assert.Equal(200, (await session.RequestAsync("ping")).Status);
        release.SetResult();
        var record = (await gateway.RecordsAsync(r => r.GetRawText().Contains(mark, StringComparison.Ordinal))).Last(r => r.GetProperty("event").GetString() == "outcome");
        Assert.Equal("allowed", record.GetProperty("decision").GetString());
        Assert.Contains("gone away", record.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Old.Received, m => m.Method == "notifications/cancelled" && m.Body.Contains("41", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("old.say")]
    [InlineData("new.say")]
    public async Task Notification_Cancels_AtAnUpstreamOfEitherEra(string tool)
    {
        var mark = Guid.NewGuid().ToString("N");
        var upstream = tool[..3] == "old" ? gateway.Old : gateway.New;
        var hungUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        upstream.On("tools/call", "say", async request =>
        {
            await request.HungUpAsync();
            hungUp.TrySetResult();
        });
        try
        {
            var session = await gateway.Wire().OpenAsync();
            var call = session.PostAsync($$$$$"""{"jsonrpc":"2.0","id":"c-{{{{{mark}}}}}","method":"tools/call","params":{"name":"{{{{{tool}}}}}","arguments":{"mark":"{{{{{mark}}}}}"}}}""");
            await upstream.ReceivedAsync(m => m.Method == "tools/call" && m.Body.Contains(mark, StringComparison.Ordinal), "the call");
            // For another request, and from another session, it means nothing.
            Assert.Equal(202, (await session.PostAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c-other"}}""")).Status);
            var stranger = await gateway.Wire().OpenAsync();
            Assert.Equal(202, (await stranger.PostAsync($$$$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c-{{{{{mark}}}}}"}}""")).Status);
            Assert.False(call.IsCompleted);
            Assert.Equal(202, (await session.PostAsync($$$$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c-{{{{{mark}}}}}","reason":"enough"}}""")).Status);
            Assert.Equal(202, (await call).Status);
            await hungUp.Task.WaitAsync(TimeSpan.FromSeconds(20));
            if (tool == "old.say") await gateway.Old.ReceivedAsync(m => m.Method == "notifications/cancelled" && m.Params.GetProperty("requestId").GetString() == "c-" + mark, "the cancellation");
        }
        finally
        {
            upstream.Results("tools/call", "say", """{"content":[{"type":"text","text":"ok"}]}""");
        }
    }

    [Fact]
    public async Task RequestOfAnUpstream_ReachesTheAgentThatMayBeAsked_AndItsAnswerComesBack()
    {
        gateway.Old.On("tools/call", "say", async request =>
        {
            await request.EventAsync("""{"jsonrpc":"2.0","id":5,"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}}""");
            var answer = await gateway.Old.ReceivedAsync(m => m.Method == "response" && m.Id == "5", "an answer");
            await request.ResultAsync($$$$$"""{"content":[{"type":"text","text":"{{{{{(answer.Json.TryGetProperty("result", out var r) ? r.GetProperty("content").GetProperty("name").GetString() : "refused " + answer.Json.GetProperty("error").GetProperty("code").GetRawText())}}}}}"}]}""");
        });
        try
        {
            var session = await gateway.Wire().OpenAsync("""{"elicitation":{}}""");
            using var response = await session.BeginAsync("""{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"old.say"}}""");
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            var asked = await NextAsync(reader);
            Assert.Equal("elicitation/create", asked.GetProperty("method").GetString());
            Assert.Equal(202, (await session.PostAsync($$$$$"""{"jsonrpc":"2.0","id":{{{{{asked.GetProperty("id").GetRawText()}}}}},"result":{"action":"accept","content":{"name":"Ada"}}}""")).Status);
            Assert.Equal("Ada", (await NextAsync(reader)).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        }
        finally
        {
            gateway.Old.Results("tools/call", "say", """{"content":[{"type":"text","text":"ok"}]}""");
        }
    }

    [Theory]
    [InlineData("{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[],\"maxTokens\":1}}", "{\"elicitation\":{}}", BridgeGateway.Server)]
    [InlineData("{\"method\":\"roots/list\"}", "{\"elicitation\":{}}", BridgeGateway.Server)]
    [InlineData("{\"method\":\"elicitation/create\",\"params\":{\"message\":\"m\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}}}}}", "{\"elicitation\":{}}", BridgeGateway.Silent)]
    [InlineData("{\"method\":\"elicitation/create\",\"params\":{\"message\":\"m\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"password\":{\"type\":\"string\"}}}}}", "{\"elicitation\":{}}", BridgeGateway.Server)]
    [InlineData("{\"method\":\"x/y\"}", "{\"elicitation\":{},\"sampling\":{},\"roots\":{}}", BridgeGateway.Server)]
    public async Task RequestThatAnAgentMayNotBeAsked_IsRefusedToTheUpstream_AndNeverSeen(string request, string capabilities, string server)
    {
        var id = Random.Shared.Next(1000, int.MaxValue);
        gateway.Old.On("tools/call", "say", async asked =>
        {
            await asked.EventAsync($$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},{{{{{request[1..]}}}}}""");
            var answer = await gateway.Old.ReceivedAsync(m => m.Method == "response" && m.Id == $"{id}", "an answer");
            await asked.ResultAsync($$$$$"""{"content":[{"type":"text","text":"{{{{{answer.Json.GetProperty("error").GetProperty("code").GetRawText()}}}}}"}]}""");
        });
        try
        {
            var session = await gateway.Wire(server).OpenAsync(capabilities);
            var answer = await session.CallAsync("old.say");
            Assert.Equal("-32601", answer.Result.GetProperty("content")[0].GetProperty("text").GetString());
        }
        finally
        {
            gateway.Old.Results("tools/call", "say", """{"content":[{"type":"text","text":"ok"}]}""");
        }
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
