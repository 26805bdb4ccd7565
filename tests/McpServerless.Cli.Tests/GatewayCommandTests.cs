using Azure.Core;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Cli.Tests;

/// <summary>Commands that go through the gateway: what they send, with which token, and what they say of the answer.</summary>
public sealed class GatewayCommandTests
{
    private const string Client = "33333333-3333-3333-3333-333333333333";
    private const string Audience = "22222222-2222-2222-2222-222222222222";

    public static TheoryData<string[], string, string?, string?> Changes => new()
    {
        { ["client", "suspend", Client, "--reason", "r"], $"POST /manage/clients/{Client}/suspend", """{"reason":"r"}""", "*" },
        { ["client", "resume", Client, "--reason", "r", "--if-match", "\"t\""], $"POST /manage/clients/{Client}/resume", """{"reason":"r"}""", "\"t\"" },
        { ["client", "deprovision", Client, "--reason", "r"], $"POST /manage/clients/{Client}/deprovision", """{"reason":"r"}""", "*" },
        { ["client", "set-model", Client, "model-8", "--reason", "r"], $"PUT /manage/clients/{Client}/model", """{"modelId":"model-8","reason":"r"}""", "*" },
        { ["grant", "revoke", Client, "g", "--server", "s", "--reason", "r"], $"POST /manage/clients/{Client}/grants/s/g/revoke", """{"reason":"r"}""", "*" },
        { ["grant", "request", "--client", Client, "--server", "s", "--tool", "a", "--tool", "b*", "--minutes", "5", "--justification", "j"], "POST /manage/requests", $$"""{"clientId":"{{Client}}","server":"s","tools":["a","b*"],"minutes":5,"justification":"j"}""", null },
        { ["grant", "approve", "0a", "--reason", "r"], "POST /manage/requests/0a/approve", """{"reason":"r"}""", "*" },
        { ["grant", "reject", "0a", "--reason", "r"], "POST /manage/requests/0a/reject", """{"reason":"r"}""", "*" },
        { ["kill-switch", "tool", "u/t", "--reason", "r"], "POST /manage/switches/off", """{"subject":"tool/u/t","reason":"r"}""", null },
        { ["kill-switch", "server", "s", "--on", "--reason", "r"], "POST /manage/switches/on", """{"subject":"server/s","reason":"r"}""", null },
        { ["kill-switch", "client", Client, "--reason", "r"], $"POST /manage/clients/{Client}/suspend", """{"reason":"r"}""", null },
        { ["budget", "reset", Client, "c", "--reason", "r"], $"POST /manage/clients/{Client}/budgets/reset", """{"counter":"c","reason":"r"}""", null },
        { ["budget", "grant-extra", Client, "c", "--amount", "7", "--hours", "2", "--reason", "r"], $"POST /manage/clients/{Client}/budgets/extra", """{"counter":"c","amount":7,"hours":2,"reason":"r"}""", null },
        { ["budget", "resume", Client, "--tool", "u/t", "--reason", "r"], $"POST /manage/clients/{Client}/budgets/resume", """{"tool":"u/t","reason":"r"}""", null },
        { ["contract", "accept", "u/t", "--reason", "looked at it"], "POST /manage/contracts/u/t/accept", """{"reason":"looked at it"}""", "\"seen\"" },
        { ["review", "open", "q", "--reason", "r"], "POST /manage/campaigns", """{"campaign":"q","reason":"r"}""", null },
        { ["notice", "replay", "n", "--to-all", "--reason", "r"], "POST /manage/notices/n/replay", """{"toAll":true,"reason":"r"}""", null },
        { ["notice", "drop", "n", "--reason", "r"], "POST /manage/notices/n/drop", """{"reason":"r"}""", null },
        { ["notice", "enable", "ops", "--reason", "r"], "POST /manage/notice-endpoints/ops/enable", """{"reason":"r"}""", null },
        { ["rollback", "3", "--reason", "r"], "POST /manage/catalogue/versions/3/activate", """{"reason":"r"}""", "\"seen\"" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task AChange_IsARequestToTheGateway_WithATokenForItsApplication(string[] command, string request, string? body, string? ifMatch)
    {
        await using var gateway = await FakeGateway.StartAsync();
        var run = new CommandRun { Credential = _ => new StrictCredential() };
        run.Environment["MCPGOV_GATEWAY"] = gateway.Url.ToString();
        run.Environment["MCPGOV_AUDIENCE"] = Audience;
        Assert.True(await run.RunAsync(command) == ExitCode.Ok, run.Error);
        var sent = gateway.Requests[^1];
        Assert.Equal((request, body, ifMatch, "Bearer a-token"), (sent.Line, sent.Body, sent.IfMatch, sent.Authorization));
        Assert.Equal(request.StartsWith("POST", StringComparison.Ordinal), sent.Key is not null);
        Assert.Null(run.Opened);
    }

    [Theory]
    [InlineData(403, "not_allowed", ExitCode.Findings)]
    [InlineData(412, "precondition_failed", ExitCode.Findings)]
    [InlineData(401, "invalid_token", ExitCode.UsageOrOutage)]
    [InlineData(503, "state_unavailable", ExitCode.UsageOrOutage)]
    public async Task ARefusal_IsSaidWithItsCode_AndTheExitCodeTellsWhetherToTryAgain(int status, string code, int exit)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = (status, $$"""{"code":"{{code}}","detail":"Not so.","errors":["/tools/0: none"]}""");
        var run = Run(gateway);
        Assert.Equal(exit, await run.RunAsync("client", "suspend", Client, "--reason", "r"));
        Assert.Contains($"Not so. ({code})", run.Error, StringComparison.Ordinal);
        Assert.Contains("/tools/0: none", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://mcp.contoso.example")]
    [InlineData("https://mcp.contoso.example/path")]
    [InlineData("https://user:secret@mcp.contoso.example")]
    [InlineData("nonsense")]
    public async Task ATokenIsSentToNoAddressThatIsNoGateway(string address)
    {
        var run = new CommandRun();
        run.Environment["MCPGOV_TOKEN"] = "secret";
        Assert.Equal(ExitCode.UsageOrOutage, await run.RunAsync("--gateway", address, "client", "suspend", Client, "--reason", "r"));
        Assert.Contains("--gateway", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error.Replace("user:secret", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoIsProven_CannotSayWhoTheyAre_AndNoTokenIsHadForAnybody()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var run = Run(gateway);
        Assert.Equal(ExitCode.UsageOrOutage, await run.RunAsync("client", "suspend", Client, "--reason", "r", "--by", "somebody"));
        run.Environment.Remove("MCPGOV_TOKEN");
        Assert.Equal(ExitCode.UsageOrOutage, await run.RunAsync("client", "suspend", Client, "--reason", "r"));
        Assert.Contains("MCPGOV_AUDIENCE", run.Error, StringComparison.Ordinal);
        Assert.Empty(gateway.Requests);
    }

    [Fact]
    public async Task TheLedger_IsReadPageByPage()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var run = Run(gateway);
        Assert.True(await run.RunAsync("audit", "query", "--client", Client, "--limit", "3", "--output", "json", "--from", "2026-06-01") == ExitCode.Ok, run.Error);
        Assert.Equal(3, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("cursor=more", gateway.Requests[^1].Line, StringComparison.Ordinal);
        Assert.Contains($"client={Client}", gateway.Requests[0].Line, StringComparison.Ordinal);
        Assert.True(await run.RunAsync("audit", "timeline", "0199d0c2-0000-7000-8000-000000000001") == ExitCode.Ok, run.Error);
        Assert.StartsWith("GET /manage/audit/timeline/0199d0c2-0000-7000-8000-000000000001?from=2025-10-", gateway.Requests[^1].Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_SendsAnyRequest()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var run = Run(gateway);
        Assert.Equal(ExitCode.Ok, await run.RunAsync("api", "PUT", "teams/payments", "--body", """{"members":[]}""", "--if-match", "*"));
        Assert.Equal(("PUT /manage/teams/payments", """{"members":[]}""", "*"), (gateway.Requests[^1].Line, gateway.Requests[^1].Body, gateway.Requests[^1].IfMatch));
        Assert.Contains("ETag: \"seen\"", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.UsageOrOutage, await run.RunAsync("api", "PUT", "teams/payments", "--body", "{"));
    }

    [Fact]
    public async Task ACompletion_IsAScriptForTheShell()
    {
        foreach (var shell in (string[])["bash", "zsh", "pwsh"])
        {
            var run = new CommandRun();
            Assert.Equal(ExitCode.Ok, await run.RunAsync("completion", shell));
            Assert.Contains("[suggest:", run.Output, StringComparison.Ordinal);
        }

        var suggest = new CommandRun();
        Assert.Equal(ExitCode.Ok, await suggest.RunAsync("[suggest:7]", "client "));
        Assert.Contains("suspend", suggest.Output, StringComparison.Ordinal);
    }

    private static CommandRun Run(FakeGateway gateway)
    {
        var run = new CommandRun();
        run.Environment["MCPGOV_GATEWAY"] = gateway.Url.ToString();
        run.Environment["MCPGOV_TOKEN"] = "a-token";
        return run;
    }

    /// <summary>Gives a token for the one scope that is right, and for no other.</summary>
    private sealed class StrictCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal([$"api://{Audience}/.default"], requestContext.Scopes);
            return new AccessToken("a-token", DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}

/// <summary>A gateway's management API as far as commands look at its answers.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private LoopbackServer _server = null!;

    public List<(string Line, string? Body, string? IfMatch, string? Authorization, string? Key)> Requests { get; } = [];

    public (int Status, string Body)? Answer { get; set; }

    public Uri Url => _server.Url;

    public static async Task<FakeGateway> StartAsync()
    {
        var gateway = new FakeGateway();
        gateway._server = await LoopbackServer.StartAsync(gateway.ServeAsync);
        return gateway;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        Requests.Add((
            $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}",
            body.Length == 0 ? null : body,
            Header("If-Match"),
            Header("Authorization"),
            Header("Idempotency-Key")));
        var path = http.Request.Path.Value!;
        var (status, text) = Answer ?? (200, (http.Request.Method, path) switch
        {
            ("GET", _) when path.Contains("/audit/timeline/", StringComparison.Ordinal) => """{"items":[{"time":"2026-06-01T00:00:00.000000Z","requestId":"r","event":"outcome","decision":"allowed","clientId":"c","method":"tools/call","tool":"t"}]}""",
            ("GET", _) when path.EndsWith("/audit/records", StringComparison.Ordinal) => http.Request.QueryString.Value!.Contains("cursor", StringComparison.Ordinal) ? """{"items":[{"a":3},{"a":4}]}""" : """{"items":[{"a":1},{"a":2}],"next":"more"}""",
            ("GET", "/manage/catalogue") => """{"number":4}""",
            _ => """{"requestId":"0a"}""",
        });
        http.Response.StatusCode = status;
        http.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
        http.Response.Headers.ETag = "\"seen\"";
        await http.Response.WriteAsync(text);

        string? Header(string name) => http.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
    }
}
