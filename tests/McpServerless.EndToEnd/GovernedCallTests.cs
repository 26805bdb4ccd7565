using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>A call from the agent to the upstream and back: who may, what is checked, what is withheld, what is recorded.</summary>
[Collection(nameof(Gateway))]
public class GovernedCallTests(Gateway gateway)
{
    private const string List = $$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{{{{{{McpWire.ModernMeta}}}}}}}}""";

    [Fact]
    public async Task AllowedCall_IsForwarded_AndRecordedWithEverything()
    {
        var token = gateway.Issuer.Token();
        var answer = await gateway.Wire(token).CallAsync("ok", """{"text":"hello","password":"hunter2"}""");
        Assert.Equal(200, answer.Status);
        Assert.Equal("ok", answer.Result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("complete", answer.Result.GetProperty("resultType").GetString());

        var record = (await gateway.RecordsAsync(r => r.TryGetProperty("redactions", out var pointers) && pointers[0].GetString() == "/password"))[0];
        Assert.Equal("allowed", record.GetProperty("decision").GetString());
        Assert.Equal(TestIssuer.TenantId, record.GetProperty("tenantId").GetString());
        Assert.Equal(TestIssuer.AgentClientId, record.GetProperty("clientId").GetString());
        Assert.Equal("test-model-1", record.GetProperty("modelId").GetString());
        Assert.Equal("g-main", record.GetProperty("grantId").GetString());
        Assert.Equal("wire", record.GetProperty("claimed").GetProperty("clientName").GetString());
        Assert.Equal("""{"password":"[masked]","text":"hello"}""", record.GetProperty("arguments").GetRawText());
        Assert.Equal(
            """{"":{"members":2,"type":"object"},"/password":{"type":"string"},"/text":{"length":5,"type":"string"}}""",
            record.GetProperty("argumentShape").GetRawText());
        // Without a key there is no digest of what holds a secret: it could be guessed.
        Assert.False(record.TryGetProperty("argumentDigest", out _));
        Assert.Equal("valid", record.GetProperty("inputVerdict").GetString());
        Assert.Equal("unchecked", record.GetProperty("outputVerdict").GetString());
        Assert.Equal(200, record.GetProperty("upstreamStatus").GetInt32());
        Assert.Matches("^[0-9a-f]{64}$", record.GetProperty("resultDigest").GetString());
        Assert.Equal(1, record.GetProperty("catalogueVersion").GetInt64());
        Assert.DoesNotContain("hunter2", record.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolThatMayWrite_HasItsIntentOnRecordBeforeItsOutcome()
    {
        await gateway.Wire().CallAsync("own-error");
        var events = (await gateway.RecordsOfToolAsync("own-error")).Select(r => r.GetProperty("event").GetString()).Take(2);
        Assert.Equal(["intent", "outcome"], events);
    }

    [Fact]
    public async Task ReadOnlyTool_HasAnOutcomeOnly()
    {
        await gateway.Wire().CallAsync("ok", """{"text":"read"}""");
        Assert.DoesNotContain(await gateway.RecordsOfToolAsync("ok"), r => r.GetProperty("event").GetString() == "intent");
    }

    [Fact]
    public async Task AsyncTool_IsRecordedToo()
    {
        await gateway.Wire().CallAsync("later");
        Assert.NotEmpty(await gateway.RecordsOfToolAsync("later"));
    }

    [Fact]
    public async Task NothingOfTheCallersCredentials_ReachesTheUpstream()
    {
        var token = gateway.Issuer.Token();
        var headers = McpWire.Modern("tools/call", "ok");
        headers["Cookie"] = "session=cookie-secret";
        headers["Proxy-Authorization"] = "Basic proxy-secret";
        headers["Mcp-Session-Id"] = "session-secret";
        headers["X-Custom"] = "custom-header";
        await gateway.Wire(token).PostAsync($$$$$"""{"jsonrpc":"2.0","id":"caller-id","method":"tools/call","params":{"name":"ok","arguments":{"text":"a"},"_meta":{{{{{{McpWire.ModernMeta}}}}}}}}""", headers);
        var received = string.Join('\n', gateway.Upstream.Received);
        foreach (var part in token.Split('.')) Assert.DoesNotContain(part, received, StringComparison.Ordinal);
        foreach (var secret in new[] { "Bearer", "cookie-secret", "proxy-secret", "session-secret", "custom-header", "caller-id", "\"name\":\"wire\"" })
            Assert.DoesNotContain(secret, received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheGatewayDoesNotKnow_PassesUnchanged_BothWays()
    {
        const string Arguments = """{"z":1.50,"a":123456789012345678901234567890,"n":null,"x":{"deep":[1E-400,true]}}""";
        var answer = await gateway.Wire().CallAsync("echo-raw", Arguments);
        Assert.Equal(Arguments, answer.Result.GetProperty("echo").GetRawText());
        Assert.Equal("""{"n":1.50}""", answer.Result.GetProperty("x-vendor").GetRawText());
        Assert.Equal("""{"vendor.example/key":[1,2.0]}""", answer.Result.GetProperty("_meta").GetRawText());
        Assert.Contains("123456789012345678901234567890", answer.Text, StringComparison.Ordinal);
        Assert.Contains("x-unknown", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ArgumentMirroredInAHeader_IsComparedAndSentOn()
    {
        var body = $$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mirrors","arguments":{"region":"Zürich"},"_meta":{{{{{{McpWire.ModernMeta}}}}}}}}""";
        var headers = McpWire.Modern("tools/call", "mirrors");
        var missing = await gateway.Wire().PostAsync(body, headers);
        Assert.Equal((400, -32020), (missing.Status, missing.ErrorCode));
        headers["Mcp-Param-Region"] = "=?base64?WsO8cmljaA==?=";
        Assert.Equal(200, (await gateway.Wire().PostAsync(body, headers)).Status);
        Assert.Contains(gateway.Upstream.Received, r => r.Contains("Mcp-Param-Region: =?base64?WsO8cmljaA==?=", StringComparison.Ordinal));
        headers["Mcp-Param-Region"] = "elsewhere";
        Assert.Equal(-32020, (await gateway.Wire().PostAsync(body, headers)).ErrorCode);
        Assert.Equal(1, gateway.Upstream.CallsOf("mirrors"));
    }

    [Fact]
    public async Task List_ShowsWhatMayBeCalled_AndNothingElse()
    {
        var answer = await gateway.Wire().PostAsync(List, McpWire.Modern("tools/list"));
        var names = answer.Result.GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString()!).ToArray();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        foreach (var hidden in new[] { "not-granted", "expired-grant", "retired", "sunset", "quarantined", "needs-role" }) Assert.DoesNotContain(hidden, names);
        foreach (var shown in new[] { "ok", "echo-raw", "user-role" }) Assert.Contains(shown, names);
        Assert.Equal("private", answer.Result.GetProperty("cacheScope").GetString());
        Assert.Equal("complete", answer.Result.GetProperty("resultType").GetString());
        Assert.Contains("\"x-vendor\":1.50", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolsThatMayNotBeSeen_AreAnsweredLikeToolsThatDoNotExist()
    {
        var unknown = Normalise(await gateway.Wire().CallAsync("no-such-tool"), "no-such-tool");
        Assert.Contains("-32602", unknown, StringComparison.Ordinal);
        string[] hidden = ["not-granted", "expired-grant", "needs-role"];
        foreach (var tool in hidden)
        {
            var answer = await gateway.Wire().CallAsync(tool);
            Assert.Equal(unknown, Normalise(answer, tool));
            foreach (var other in hidden.Where(h => h != tool)) Assert.DoesNotContain(other, answer.Text, StringComparison.Ordinal);
        }

        // What is suggested follows from the name that was asked for and from what may be seen, so a name that does not exist is answered with the same.
        Assert.Contains("Did you mean needs-scope?", (await gateway.Wire().CallAsync("needs-role")).Text, StringComparison.Ordinal);
        Assert.Contains("Did you mean needs-scope?", (await gateway.Wire().CallAsync("needs-rope")).Text, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Upstream.CallsOf("not-granted"));

        static string Normalise(WireAnswer answer, string tool)
        {
            var id = answer.Json.GetProperty("error").GetProperty("data").GetProperty("io.github.mcpserverless/refusal").GetProperty("requestId").GetString()!;
            var text = Regex.Replace(answer.Text, @"\. Did you mean [^?]*\?", "");
            return $"{answer.Status} {text.Replace(tool, "TOOL", StringComparison.Ordinal).Replace(id, "ID", StringComparison.Ordinal)}";
        }
    }

    [Theory]
    [InlineData("not-granted", "grant_missing")]
    [InlineData("expired-grant", "grant_expired")]
    [InlineData("needs-role", "role_missing")]
    [InlineData("unknown-xyz", "tool_unknown")]
    public async Task TheLedger_KnowsWhyATheToolWasNotSeen(string tool, string code)
    {
        await gateway.Wire().CallAsync(tool);
        Assert.Equal(code, (await gateway.RecordsOfToolAsync(tool))[0].GetProperty("refusalCode").GetString());
    }

    [Theory]
    [InlineData("retired", "tool_retired")]
    [InlineData("sunset", "tool_retired")]
    [InlineData("quarantined", "contract_quarantined")]
    public async Task ToolThatIsNotServed_TellsTheModel(string tool, string code)
    {
        var answer = await gateway.Wire().CallAsync(tool);
        Assert.True(answer.Result.GetProperty("isError").GetBoolean());
        Assert.Equal(code, answer.Refusal);
        Assert.Equal(0, gateway.Upstream.CallsOf(tool));
    }

    [Fact]
    public async Task BadArguments_AreRefusedBeforeTheUpstream_WithWhereAndWhat_WithoutValues()
    {
        var before = gateway.Upstream.CallsOf("ok");
        var answer = await gateway.Wire().CallAsync("ok", """{"text":"much-too-long-secret-value","extra":1}""");
        Assert.Equal("arguments_invalid", answer.Refusal);
        Assert.True(answer.Result.GetProperty("isError").GetBoolean());
        var text = answer.Result.GetProperty("content")[0].GetProperty("text").GetString()!;
        Assert.Contains("/text: maxLength 20", text, StringComparison.Ordinal);
        Assert.Contains("/extra: is not allowed here", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", answer.Text, StringComparison.Ordinal);
        Assert.Equal(before, gateway.Upstream.CallsOf("ok"));
    }

    [Theory]
    [InlineData("2025-11-25", false)]
    [InlineData("2025-06-18", true)]
    [InlineData("2025-03-26", true)]
    public async Task BadArguments_AreAProtocolErrorBefore20251125(string revision, bool isProtocolError)
    {
        var answer = await gateway.Wire().LegacyCallAsync("ok", "{}", revision);
        Assert.Equal(isProtocolError, answer.Json.TryGetProperty("error", out _));
        if (isProtocolError) Assert.Equal(-32602, answer.ErrorCode);
        Assert.Equal("arguments_invalid", answer.Refusal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public async Task ArgumentsThatAreNoObject_AreInvalid(string arguments) =>
        Assert.Equal("arguments_invalid", (await gateway.Wire().CallAsync("ok", arguments)).Refusal);

    [Theory]
    [InlineData("""{"n":1e10000000}""")]
    [InlineData("""{"n":1e-999999999}""")]
    public async Task NumberThatWouldEndTheProcess_IsRefused(string arguments) =>
        Assert.Equal("arguments_invalid", (await gateway.Wire().CallAsync("divides", arguments)).Refusal);

    [Fact]
    public async Task ResultThatKeepsItsContract_Passes()
    {
        var answer = await gateway.Wire().CallAsync("keeps-contract");
        Assert.Equal(7, answer.Result.GetProperty("structuredContent").GetProperty("count").GetInt32());
        var record = (await gateway.RecordsOfToolAsync("keeps-contract"))[^1];
        Assert.Equal("valid", record.GetProperty("outputVerdict").GetString());
        Assert.Equal(answer.Result.GetProperty("structuredContent").GetProperty("count").GetRawText(), record.GetProperty("result").GetProperty("count").GetRawText());
        Assert.Single(record.GetProperty("result").EnumerateObject());
    }

    [Theory]
    [InlineData("breaks-contract", "result_invalid")]
    [InlineData("html", "upstream_protocol_error")]
    [InlineData("html-500", "upstream_unavailable")]
    [InlineData("redirect", "upstream_protocol_error")]
    [InlineData("sse-breaks-off", "upstream_unavailable")]
    [InlineData("sse-ends-early", "upstream_unavailable")]
    [InlineData("wrong-id", "upstream_protocol_error")]
    [InlineData("not-json", "upstream_protocol_error")]
    [InlineData("duplicate-names", "upstream_protocol_error")]
    [InlineData("half-a-surrogate", "upstream_protocol_error")]
    [InlineData("half-a-surrogate-alone", "upstream_protocol_error")]
    [InlineData("error-with-odd-code", "upstream_protocol_error")]
    [InlineData("error-without-message", "upstream_protocol_error")]
    [InlineData("no-content", "upstream_protocol_error")]
    [InlineData("unknown-result-type", "upstream_protocol_error")]
    [InlineData("ten-megabytes", "result_too_large")]
    [InlineData("ten-megabytes-sse", "result_too_large")]
    [InlineData("hang", "upstream_timeout")]
    [InlineData("down", "upstream_unavailable")]
    [InlineData("private", "upstream_unavailable")]
    public async Task UpstreamThatFails_IsANamedRefusal_WithARecord_AndLeaksNothing(string tool, string code)
    {
        var answer = await gateway.Wire().CallAsync(tool);
        Assert.Equal(200, answer.Status);
        Assert.True(answer.Result.GetProperty("isError").GetBoolean());
        Assert.Equal(code, answer.Refusal);
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", answer.Text, StringComparison.Ordinal);
        Assert.Equal(code, (await gateway.RecordsOfToolAsync(tool))[^1].GetProperty("refusalCode").GetString());
    }

    [Fact]
    public async Task ErrorOfTheToolItself_PassesAndIsOnRecord()
    {
        var answer = await gateway.Wire().CallAsync("own-error");
        Assert.Equal("no such order", answer.Result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.True((await gateway.RecordsOfToolAsync("own-error"))[^1].GetProperty("resultIsError").GetBoolean());
    }

    [Fact]
    public async Task JsonRpcErrorOfTheUpstream_PassesInTheWordsOfTheEra()
    {
        Assert.Equal(-32602, (await gateway.Wire().CallAsync("json-rpc-error")).ErrorCode);
        Assert.Equal(-32002, (await gateway.Wire().LegacyCallAsync("json-rpc-error")).ErrorCode);
    }

    [Fact]
    public async Task Progress_StreamsUnderTheCallersToken_AndNothingElseDoes()
    {
        var answer = await gateway.Wire().CallAsync("progress", moreMeta: ",\"progressToken\":\"mine\"");
        Assert.Equal("text/event-stream", answer.MediaType);
        Assert.Equal("no", answer.Headers["X-Accel-Buffering"]);
        var events = answer.Events;
        Assert.Equal(4, events.Count);
        Assert.All(events.Take(3), e => Assert.Equal("mine", e.GetProperty("params").GetProperty("progressToken").GetString()));
        Assert.Equal([1, 2, 3], events.Take(3).Select(e => e.GetProperty("params").GetProperty("progress").GetInt32()));
        Assert.True(events[0].GetProperty("params").GetProperty("x-more").GetBoolean());
        Assert.Equal("done", events[3].GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task CallerThatHangsUp_CancelsTheUpstreamCall_AndIsOnRecord()
    {
        using var hangUp = new CancellationTokenSource();
        var call = gateway.Wire().CallAsync("wait-for-hang-up", ct: hangUp.Token);
        await gateway.Upstream.Called.Task;
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await gateway.Upstream.HungUp.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("cancelled", (await gateway.RecordsOfToolAsync("wait-for-hang-up"))[^1].GetProperty("refusalCode").GetString());
    }

    [Fact]
    public async Task DelegatedToken_NeedsTheGatewaysScope_AndIsToldWhich()
    {
        var answer = await gateway.Wire(gateway.Issuer.Token(gateway.Issuer.DelegatedClaims(scope: "Other"))).CallAsync("ok", """{"text":"a"}""");
        Assert.Equal(403, answer.Status);
        Assert.Equal("insufficient_scope", answer.Refusal);
        Assert.Contains($"error=\"insufficient_scope\", scope=\"api://{TestIssuer.Audience}/Mcp.Call\"", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolThatNeedsAFurtherScope_NamesAllScopesAtOnce()
    {
        var answer = await gateway.Wire(gateway.Issuer.Token(gateway.Issuer.DelegatedClaims())).CallAsync("needs-scope");
        Assert.Equal(403, answer.Status);
        Assert.Contains($"scope=\"api://{TestIssuer.Audience}/Mcp.Call api://{TestIssuer.Audience}/Orders.Write\"", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.Equal(200, (await gateway.Wire(gateway.Issuer.Token(gateway.Issuer.DelegatedClaims(scope: "Mcp.Call Orders.Write"))).CallAsync("needs-scope")).Status);
    }

    [Fact]
    public async Task GrantWithAUserRole_BindsUsers()
    {
        var claims = gateway.Issuer.DelegatedClaims();
        Assert.Equal("tool_unknown", (await gateway.Wire(gateway.Issuer.Token(claims)).CallAsync("user-role")).Refusal);
        claims["roles"] = new System.Text.Json.Nodes.JsonArray("Clerk");
        var allowed = await gateway.Wire(gateway.Issuer.Token(claims)).CallAsync("user-role");
        Assert.Null(allowed.Refusal);
        Assert.Equal(TestIssuer.UserObjectId, (await gateway.RecordsOfToolAsync("user-role"))[^1].GetProperty("userId").GetString());
    }

    [Fact]
    public async Task ApplicationWithoutTheGatewaysRole_IsRefused()
    {
        var claims = gateway.Issuer.ApplicationClaims();
        claims.Remove("roles");
        var answer = await gateway.Wire(gateway.Issuer.Token(claims)).CallAsync("ok", """{"text":"a"}""");
        Assert.Equal((403, "gateway_role_missing"), (answer.Status, answer.Refusal));
    }

    [Theory]
    [InlineData("99999999-9999-9999-9999-999999999999", "client_unknown")]
    [InlineData("77777777-7777-7777-7777-777777777771", "client_suspended")]
    [InlineData("77777777-7777-7777-7777-777777777772", "client_expired")]
    public async Task ClientThatMayNotCall_IsRefused_AndOnRecordUnderItsOwnId(string clientId, string code)
    {
        var answer = await gateway.Wire(gateway.Issuer.Token(gateway.Issuer.ApplicationClaims(clientId))).CallAsync("ok", """{"text":"a"}""");
        Assert.Equal((403, code), (answer.Status, answer.Refusal));
        Assert.Equal(code, (await gateway.RecordsOfToolAsync("ok", clientId))[0].GetProperty("refusalCode").GetString());
    }

    [Fact]
    public async Task ServerThatDoesNotExist_Is404()
    {
        var answer = await new McpWire(gateway.App.Endpoint("elsewhere"), gateway.Issuer.Token()).PostAsync(List, McpWire.Modern("tools/list"));
        Assert.Equal((404, "server_unknown"), (answer.Status, answer.Refusal));
    }

    [Fact]
    public async Task RevokedGrant_IsRefusedWithinSeconds_WithoutARestart()
    {
        var grant = Gateway.Grant("g-revoke", ["ok"], Gateway.OtherClientId);
        await gateway.Access.SaveGrantAsync(grant, CancellationToken.None);
        await gateway.Access.BumpEpochAsync(CancellationToken.None);
        var wire = gateway.Wire(gateway.Issuer.Token(gateway.Issuer.ApplicationClaims(Gateway.OtherClientId)));
        await UntilAsync(async () => (await wire.CallAsync("ok", """{"text":"a"}""")).Refusal is null);
        await gateway.Access.DeleteGrantAsync(grant, CancellationToken.None);
        await gateway.Access.BumpEpochAsync(CancellationToken.None);
        await UntilAsync(async () => (await wire.CallAsync("ok", """{"text":"a"}""")).Refusal == "tool_unknown");
    }

    [Fact]
    public async Task Handshake_NegotiatesTheRevision_AndDiscoveryNamesTheModernOne()
    {
        var old = await gateway.Wire().PostAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""");
        Assert.Equal("2025-06-18", old.Result.GetProperty("protocolVersion").GetString());
        Assert.True(old.Headers.ContainsKey("Mcp-Session-Id"));
        var future = await gateway.Wire().PostAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-01-01","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""");
        Assert.Equal("2025-11-25", future.Result.GetProperty("protocolVersion").GetString());
        Assert.Equal(202, (await gateway.Wire().PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", new() { ["MCP-Protocol-Version"] = "2025-06-18" })).Status);
        Assert.Equal(200, (await gateway.Wire().PostAsync("""{"jsonrpc":"2.0","id":2,"method":"ping"}""", new() { ["MCP-Protocol-Version"] = "2025-06-18" })).Status);

        var discovery = await gateway.Wire().PostAsync($$$$$"""{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{{{{{{McpWire.ModernMeta}}}}}}}}""", McpWire.Modern("server/discover"));
        Assert.Equal("2026-07-28", discovery.Result.GetProperty("supportedVersions")[0].GetString());
        Assert.Equal("For tests.", discovery.Result.GetProperty("instructions").GetString());
    }

    [Fact]
    public async Task Metadata_NamesTheResourceAndTheIssuer()
    {
        using var http = new HttpClient();
        foreach (var (path, resource) in new[] { ($".well-known/oauth-protected-resource/servers/{Gateway.Server}/mcp", gateway.Endpoint.ToString()), (".well-known/oauth-protected-resource", gateway.App.Address.ToString().TrimEnd('/')) })
        {
            var document = JsonDocument.Parse(await http.GetStringAsync(new Uri(gateway.App.Address, path))).RootElement;
            Assert.Equal(resource, document.GetProperty("resource").GetString());
            Assert.Equal(gateway.Issuer.Issuer, document.GetProperty("authorization_servers")[0].GetString());
            Assert.Equal($"api://{TestIssuer.Audience}/Mcp.Call", document.GetProperty("scopes_supported")[0].GetString());
        }
    }

    [Fact]
    public async Task Health_TellsLiveAndReady()
    {
        using var http = new HttpClient();
        Assert.Contains("live", await http.GetStringAsync(new Uri(gateway.App.Address, "healthz")), StringComparison.Ordinal);
        Assert.Contains("\"catalogue\":1", await http.GetStringAsync(new Uri(gateway.App.Address, "readyz")), StringComparison.Ordinal);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (await condition()) return;
            await Task.Delay(50);
        }

        Assert.Fail("It did not happen.");
    }
}
