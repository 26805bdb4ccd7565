using System.Collections.Concurrent;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>What the gateway gives to clients to keep serves the one caller, server and purpose that it was made for.</summary>
[Collection(nameof(BridgeGateway))]
public sealed class SealTests(BridgeGateway gateway) : IDisposable
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    public void Dispose() => gateway.Reset();

    [Fact]
    public async Task SessionOfAnotherCaller_IsUnknown_ForEveryMethod_AndStaysOpenForItsOwner()
    {
        var own = await gateway.Wire().OpenAsync();
        var stolen = gateway.Wire(clientId: Gateway.OtherClientId).Session(own.Id);
        foreach (var method in new[] { "ping", "tools/list", "logging/setLevel" }) await ExpectUnknownSessionAsync(stolen.RequestAsync(method, "\"level\":\"info\""));
        await ExpectUnknownSessionAsync(stolen.CallAsync("old.say"));
        await ExpectUnknownSessionAsync(stolen.PostAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"""));
        await ExpectUnknownSessionAsync(stolen.PostAsync("""{"jsonrpc":"2.0","id":"0:n1","result":{}}"""));
        await ExpectUnknownSessionAsync(stolen.GetAsync());
        await ExpectUnknownSessionAsync(stolen.DeleteAsync());
        Assert.Equal("{}", (await own.RequestAsync("ping")).Result.GetRawText());
        Assert.Equal(200, (await own.CallAsync("old.say")).Status);
    }

    [Fact]
    public async Task SessionOfAnotherServer_IsUnknown()
    {
        var session = await gateway.Wire().OpenAsync();
        await ExpectUnknownSessionAsync(gateway.Wire(BridgeGateway.Silent).Session(session.Id).RequestAsync("ping"));
    }

    [Fact]
    public async Task SessionWithAnotherRevisionInTheHeader_IsRefused()
    {
        var session = await gateway.Wire().OpenAsync(revision: "2025-06-18");
        Assert.Equal(400, (await gateway.Wire().Session(session.Id, "2025-11-25").RequestAsync("ping")).Status);
    }

    [Fact]
    public async Task EverySingleBitOfASealedText_Counts()
    {
        var session = await gateway.Wire().OpenAsync();
        var opened = new ConcurrentBag<int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, session.Id.Length), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (at, _) =>
        {
            // Another bit at each place, and at the last one also those that no byte has.
            foreach (var bit in at == session.Id.Length - 1 ? [0, 1, 2, 3, 4, 5] : new[] { at % 6 })
            {
                var changed = session.Id[..at] + Alphabet[Alphabet.IndexOf(session.Id[at], StringComparison.Ordinal) ^ (1 << bit)] + session.Id[(at + 1)..];
                if ((await gateway.Wire().Session(changed).RequestAsync("ping")).Status != 404) opened.Add(at);
            }
        });
        Assert.Empty(opened);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("====")]
    [InlineData("../../etc")]
    [InlineData("CfDJ8")]
    public async Task TextThatWasNeverSealed_IsAnUnknownSession(string id) => await ExpectUnknownSessionAsync(gateway.Wire().Session(id).RequestAsync("ping"), recorded: true);

    [Fact]
    public async Task DeletedSession_IsUnknownAfterwards_AndEndedAtItsUpstream()
    {
        var session = await gateway.Wire().OpenAsync();
        Assert.Equal(200, (await session.DeleteAsync()).Status);
        var deleted = gateway.Old.Received.Last(m => m.Http == "DELETE");
        Assert.StartsWith("up-", deleted.Headers["Mcp-Session-Id"], StringComparison.Ordinal);
        Assert.Equal(404, (await session.RequestAsync("ping")).Status);
        Assert.Equal(404, (await session.CallAsync("old.say")).Status);
        Assert.Equal(404, (await session.DeleteAsync()).Status);
    }

    [Fact]
    public async Task UpstreamThatLostTheSession_MakesItUnknown_SoThatTheClientOpensANewOne()
    {
        var session = await gateway.Wire().OpenAsync();
        gateway.Old.ForgetSessions();
        await ExpectUnknownSessionAsync(session.CallAsync("old.say"));
        Assert.Equal(200, (await (await gateway.Wire().OpenAsync()).CallAsync("old.say")).Status);
    }

    [Fact]
    public async Task UpstreamThatSaysBadRequestForALostSession_IsUnderstoodTheSame()
    {
        // The official servers of both languages answer so.
        var before = gateway.Old.UnknownSession;
        gateway.Old.UnknownSession = static request => request.StatusAsync(400, """{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}}""");
        try
        {
            var session = await gateway.Wire().OpenAsync();
            Assert.Equal(200, (await gateway.Wire().ModernCallAsync("old.say")).Status);
            gateway.Old.ForgetSessions();
            await ExpectUnknownSessionAsync(session.CallAsync("old.say"));
            var again = await gateway.Wire().ModernCallAsync("old.say");
            Assert.Equal("ok", again.Result.GetProperty("content")[0].GetProperty("text").GetString());
        }
        finally
        {
            gateway.Old.UnknownSession = before;
        }
    }

    [Fact]
    public async Task UpstreamsOwnSessionIds_NeverReachAClient()
    {
        var session = await gateway.Wire().OpenAsync();
        var inner = gateway.Old.Received.Last(m => m.Method == "notifications/initialized").Headers["Mcp-Session-Id"];
        var raw = System.Buffers.Text.Base64Url.DecodeFromChars(session.Id);
        Assert.DoesNotContain(inner, session.Id + System.Text.Encoding.Latin1.GetString(raw), StringComparison.Ordinal);
        Assert.InRange(session.Id.Length, 1, 4096);
        Assert.All(session.Id, c => Assert.InRange(c, '\u0021', '\u007e'));
    }

    [Fact]
    public async Task Cursor_ServesItsListCallerAndServerOnly()
    {
        var wire = gateway.Wire();
        var first = (await wire.ModernAsync("tools/list", "")).Result;
        Assert.Equal(10, first.GetProperty("tools").GetArrayLength());
        var cursor = BridgeWire.Quoted(first.GetProperty("nextCursor").GetString()!);

        var names = first.GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString()!).ToList();
        for (var next = cursor; next is not null;)
        {
            var page = (await wire.ModernAsync("tools/list", $"\"cursor\":{next}")).Result;
            names.AddRange(page.GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString()!));
            Assert.Equal("private", page.GetProperty("cacheScope").GetString());
            next = page.TryGetProperty("nextCursor", out var more) ? BridgeWire.Quoted(more.GetString()!) : null;
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(30, names.Distinct().Count());

        var refusals = await Task.WhenAll(
            wire.ModernAsync("prompts/list", $"\"cursor\":{cursor}"),
            gateway.Wire(clientId: Gateway.OtherClientId).ModernAsync("tools/list", $"\"cursor\":{cursor}"),
            gateway.Wire(BridgeGateway.Silent).ModernAsync("tools/list", $"\"cursor\":{cursor}"),
            wire.ModernAsync("tools/list", $"\"cursor\":{BridgeWire.Quoted((await wire.OpenAsync()).Id)}"));
        Assert.All(refusals, r => Assert.Equal((200, -32602, "cursor_invalid"), (r.Status, r.ErrorCode, r.Refusal)));
    }

    [Fact]
    public async Task StateOfARound_ServesTheSameRequestOfTheSameCallerOnly()
    {
        gateway.New.Results("tools/call", "say", """{"resultType":"input_required","requestState":"upstream-state","inputRequests":{"a":{"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}}}}""");
        const string Arguments = ",\"arguments\":{\"n\":1.0}";
        var asked = await gateway.Wire().ModernCallAsync("new.say", Arguments, BridgeWire.AllCapabilities);
        var state = asked.Result.GetProperty("requestState").GetString()!;
        Assert.DoesNotContain("upstream-state", asked.Text, StringComparison.Ordinal);
        var back = Arguments + ",\"inputResponses\":{\"a\":{\"action\":\"accept\",\"content\":{\"name\":\"x\"}}},\"requestState\":" + BridgeWire.Quoted(state);

        gateway.New.Results("tools/call", "say", """{"content":[{"type":"text","text":"done"}]}""");
        var calls = Calls();
        var changed = Flip(state);
        WireAnswer[] refused =
        [
            await gateway.Wire(clientId: Gateway.OtherClientId).ModernCallAsync("new.say", back, BridgeWire.AllCapabilities),
            await gateway.Wire(BridgeGateway.Silent).ModernCallAsync("new.say", back, BridgeWire.AllCapabilities),
            await gateway.Wire(BridgeGateway.ModernOnly).ModernCallAsync("new.say", back, BridgeWire.AllCapabilities),
            await gateway.Wire().ModernCallAsync("new.array", back, BridgeWire.AllCapabilities),
            await gateway.Wire().ModernCallAsync("new.say", back.Replace("1.0", "2", StringComparison.Ordinal), BridgeWire.AllCapabilities),
            await gateway.Wire().ModernCallAsync("new.say", back.Replace(state, changed, StringComparison.Ordinal), BridgeWire.AllCapabilities),
            await gateway.Wire().ModernCallAsync("new.say", back.Replace(state, (await gateway.Wire().OpenAsync()).Id, StringComparison.Ordinal), BridgeWire.AllCapabilities),
            await gateway.Wire().ModernAsync("prompts/get", "\"name\":\"new.briefing\"" + back, BridgeWire.AllCapabilities),
        ];
        Assert.All(refused, r => Assert.Equal((200, -32602, "request_state_invalid"), (r.Status, r.ErrorCode, r.Refusal)));
        await ExpectUnknownSessionAsync(gateway.Wire().Session(state).RequestAsync("ping"), recorded: true);
        Assert.Equal(calls, Calls());

        Assert.Equal("done", (await gateway.Wire().ModernCallAsync("new.say", back, BridgeWire.AllCapabilities)).Result.GetProperty("content")[0].GetProperty("text").GetString());
        var forwarded = gateway.New.Last("tools/call", "say").Params;
        Assert.Equal("upstream-state", forwarded.GetProperty("requestState").GetString());
        Assert.Equal("""{"a":{"action":"accept","content":{"name":"x"}}}""", forwarded.GetProperty("inputResponses").GetRawText());

        int Calls() => gateway.New.Received.Count(m => m.Method is "tools/call" or "prompts/get");
    }

    [Fact]
    public async Task CallOfEndlessRounds_IsEnded()
    {
        gateway.New.Results("prompts/get", "briefing", """{"resultType":"input_required","requestState":"again"}""");
        var more = "";
        for (var round = 1; ; round++)
        {
            var answer = await gateway.Wire().ModernAsync("prompts/get", "\"name\":\"new.briefing\"" + more, BridgeWire.AllCapabilities);
            if (answer.Refusal is { } refusal)
            {
                Assert.Equal(("request_state_invalid", 11), (refusal, round));
                return;
            }

            more = ",\"requestState\":" + BridgeWire.Quoted(answer.Result.GetProperty("requestState").GetString()!);
        }
    }

    [Fact]
    public async Task Task_ServesItsCallerOnItsServerOnly()
    {
        gateway.New.Results("tools/call", "count", """{"resultType":"task","taskId":"upstream-task","status":"working","createdAt":"2026-11-21T08:00:00Z","lastUpdatedAt":"2026-11-21T08:00:00Z","ttlMs":60000}""");
        var begun = await gateway.Wire().ModernCallAsync("new.count", "", BridgeWire.AllCapabilities);
        Assert.Equal("task", begun.Result.GetProperty("resultType").GetString());
        Assert.Equal(60000, begun.Result.GetProperty("ttlMs").GetInt32());
        var id = begun.Result.GetProperty("taskId").GetString()!;
        Assert.DoesNotContain("upstream-task", begun.Text, StringComparison.Ordinal);

        var asked = gateway.New.Received.Count(m => m.Method == "tasks/get");
        gateway.New.Results("tasks/get", "upstream-task", """{"taskId":"upstream-task","status":"completed","result":{"content":[],"structuredContent":{"count":7}}}""");
        foreach (var (wire, taskId) in new[]
        {
            (gateway.Wire(clientId: Gateway.OtherClientId), id), (gateway.Wire(BridgeGateway.Silent), id), (gateway.Wire(BridgeGateway.ModernOnly), id), (gateway.Wire(), Flip(id)), (gateway.Wire(), "upstream-task"),
            (gateway.Wire(), (await gateway.Wire().OpenAsync()).Id),
        })
        {
            var refused = await wire.ModernAsync("tasks/get", $"\"taskId\":\"{taskId}\"", BridgeWire.AllCapabilities);
            Assert.Equal((200, -32602, "task_unknown"), (refused.Status, refused.ErrorCode, refused.Refusal));
        }

        var undeclared = await gateway.Wire().ModernAsync("tasks/get", $"\"taskId\":\"{id}\"");
        Assert.Equal((400, -32021), (undeclared.Status, undeclared.ErrorCode));
        Assert.Equal(asked, gateway.New.Received.Count(m => m.Method == "tasks/get"));

        var answer = await gateway.Wire().ModernAsync("tasks/get", $"\"taskId\":\"{id}\"", BridgeWire.AllCapabilities);
        Assert.Equal(id, answer.Result.GetProperty("taskId").GetString());
        Assert.Equal(7, answer.Result.GetProperty("result").GetProperty("structuredContent").GetProperty("count").GetInt32());
        Assert.Equal("upstream-task", gateway.New.Last("tasks/get", "upstream-task").Headers["Mcp-Name"]);
    }

    [Fact]
    public async Task EventId_ServesItsSessionOnly()
    {
        gateway.Old.On("tools/call", "say", async request =>
        {
            await request.EventAsync($$$$$"""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"event"}}""", "up-event-1");
            await request.ResultAsync("""{"content":[{"type":"text","text":"streamed"}]}""");
        });
        var session = await gateway.Wire().OpenAsync();
        var streamed = await session.CallAsync("old.say");
        var id = streamed.Text.Split('\n').First(l => l.StartsWith("id: ", StringComparison.Ordinal))[4..];
        Assert.DoesNotContain("up-event-1", streamed.Text, StringComparison.Ordinal);

        gateway.Old.On("GET", "", async request =>
        {
            if (request.Message.Headers.GetValueOrDefault("Last-Event-ID") != "up-event-1") await request.StatusAsync(405, "");
            else await request.EventAsync("""{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"resumed"}]}}""", "up-event-2");
        });
        try
        {
            var other = await gateway.Wire().OpenAsync();
            foreach (var refused in new[] { await other.GetAsync(id), await session.GetAsync(Flip(id)), await session.GetAsync("up-event-1"), await session.GetAsync(session.Id) })
            {
                Assert.Equal((400, "malformed_request"), (refused.Status, refused.Refusal));
            }

            await ExpectUnknownSessionAsync(gateway.Wire(clientId: Gateway.OtherClientId).Session(session.Id).GetAsync(id));
            var resumed = await session.GetAsync(id);
            Assert.Equal("resumed", resumed.Events[^1].GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        }
        finally
        {
            gateway.Old.On("GET", "", request => request.StatusAsync(405, ""));
            gateway.Old.Results("tools/call", "say", """{"content":[{"type":"text","text":"ok"}]}""");
        }
    }

    [Fact]
    public async Task WhatOneInstanceSealed_AnotherOpens_AlsoAfterARestart()
    {
        gateway.New.Results("tools/call", "say", """{"resultType":"input_required","requestState":"shared-state"}""");
        LegacySession session;
        string state, cursor;
        await using (var second = await gateway.StartAppAsync())
        {
            session = await gateway.Wire(app: second).OpenAsync();
            state = (await gateway.Wire(app: second).ModernCallAsync("new.say")).Result.GetProperty("requestState").GetString()!;
            cursor = (await gateway.Wire(app: second).ModernAsync("tools/list", "")).Result.GetProperty("nextCursor").GetString()!;
        }

        gateway.New.Results("tools/call", "say", """{"content":[{"type":"text","text":"ok"}]}""");

        await using var third = await gateway.StartAppAsync();
        foreach (var app in new[] { gateway.App, third })
        {
            Assert.Equal("ok", (await gateway.Wire(app: app).Session(session.Id).CallAsync("old.say")).Result.GetProperty("content")[0].GetProperty("text").GetString());
            Assert.Equal("ok", (await gateway.Wire(app: app).ModernCallAsync("new.say", ",\"requestState\":" + BridgeWire.Quoted(state))).Result.GetProperty("content")[0].GetProperty("text").GetString());
            Assert.Equal(200, (await gateway.Wire(app: app).ModernAsync("tools/list", "\"cursor\":" + BridgeWire.Quoted(cursor))).Status);
        }
    }

    private static string Flip(string text) => text[..^10] + Alphabet[Alphabet.IndexOf(text[^10], StringComparison.Ordinal) ^ 1] + text[^9..];

    private static async Task ExpectUnknownSessionAsync(Task<WireAnswer> asked, bool recorded = false)
    {
        var answer = await asked;
        Assert.Equal(404, answer.Status);
        if (!recorded) Assert.Equal("session_unknown", answer.Refusal);
    }
}

/// <summary>The keys of the seals are out of reach: on a gateway of its own.</summary>
public sealed class SealingOutageTests : IAsyncLifetime
{
    private readonly Gateway _gateway = new(keepsRows: true);

    public Task InitializeAsync() => _gateway.InitializeAsync();

    public Task DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task UnreachableKeys_AreANamedRefusal_AndHealByThemselves()
    {
        var wire = new BridgeWire(_gateway.Endpoint, _gateway.Issuer.Token());
        var session = await wire.OpenAsync();
        // An instance that has not read the keys yet.
        await using var fresh = await _gateway.StartAppAsync();
        var through = new BridgeWire(fresh.Endpoint(Gateway.Server), _gateway.Issuer.Token());
        await _gateway.Azurite.StopAsync();
        var answer = await through.Session(session.Id).RequestAsync("ping");
        Assert.Equal(503, answer.Status);
        Assert.Contains(answer.Refusal, new[] { "state_unavailable", "audit_unavailable" });
        Assert.True(answer.Headers.ContainsKey("Retry-After"));

        await _gateway.Azurite.StartAgainAsync();
        for (var attempt = 0; ; attempt++)
        {
            answer = await through.Session(session.Id).RequestAsync("ping");
            if (answer.Status == 200) return;
            Assert.True(answer.Status == 503 && attempt < 100, $"{answer.Status} {answer.Text}");
            await Task.Delay(200);
        }
    }
}
