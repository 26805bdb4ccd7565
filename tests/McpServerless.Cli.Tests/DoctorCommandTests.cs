using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Cli.Commands.Doctor;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Cli.Tests;

/// <summary>One thing is broken at a time, and the doctor names that one and says what to do.</summary>
public sealed class DoctorCommandTests
{
    private const string Audience = "22222222-2222-2222-2222-222222222222";

    public static TheoryData<string, string, string> Broken => new()
    {
        { "not-ready", "ready", "fail" },
        { "no-metadata", "metadata", "fail" },
        { "other-resource", "metadata", "fail" },
        { "other-resource-of-server", "metadata of demo", "fail" },
        { "challenge-of-somebody-else", "challenge of demo", "fail" },
        { "no-challenge", "challenge of demo", "fail" },
        { "issuer-down", "issuer", "fail" },
        { "other-issuer", "issuer", "fail" },
        { "clock-far", "clock", "fail" },
        { "clock-near", "clock", "warn" },
        { "clock-of-decisions", "clock of decisions", "fail" },
        { "opaque-token", "token", "fail" },
        { "v1-token", "token version", "fail" },
        { "other-audience", "audience", "fail" },
        { "token-of-another-tenant", "token issuer", "fail" },
        { "expired-token", "token time", "fail" },
        { "early-token", "token time", "fail" },
        { "no-role", "roles", "fail" },
        { "refused", "management API", "fail" },
        { "no-api", "management API", "fail" },
        { "no-catalogue", "catalogue", "fail" },
        { "held-tool", "contracts", "warn" },
        { "many-groups", "groups", "warn" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task WhatIsBroken_IsNamed_AndNothingElseFails(string what, string check, string verdict)
    {
        await using var gateway = await SickGateway.StartAsync(what);
        var (exit, found) = await ExamineAsync(gateway);
        Assert.Contains(found, d => d.Check == check && d.Verdict == verdict && !string.IsNullOrEmpty(d.ToDo));
        Assert.Equal(verdict == "fail" ? ExitCode.Findings : ExitCode.Ok, exit);
        Assert.All(found.Where(d => d.Verdict == "fail"), d => Assert.Equal(check, d.Check));
    }

    [Fact]
    public async Task WhereAllIsWell_NothingFails()
    {
        await using var gateway = await SickGateway.StartAsync("well");
        var (exit, found) = await ExamineAsync(gateway);
        Assert.Equal(ExitCode.Ok, exit);
        Assert.DoesNotContain(found, d => d.Verdict != "ok");
        Assert.Contains(found, d => d.Check == "management API" && d.Found.Contains("Governance.Admin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AGatewayThatIsNotThere_IsSaid_AndNoTokenIsGot()
    {
        var run = new CommandRun { Credential = _ => throw new InvalidOperationException("No token is needed.") };
        run.Environment.Remove("MCPGOV_CONNECTION_STRING");
        Assert.Equal(ExitCode.Findings, await run.RunAsync("doctor", "--gateway", $"http://127.0.0.1:{LoopbackPort.Free()}"));
        Assert.Contains("does not answer", run.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.UsageOrOutage, await run.RunAsync("doctor"));
    }

    [Fact]
    public async Task TheState_IsLookedAt_WhereItMayBeRead()
    {
        var run = new CommandRun();
        Assert.Equal(ExitCode.Findings, await run.RunAsync("doctor", "--output", "json"));
        Assert.Contains("active catalogue", run.Output, StringComparison.Ordinal);
        Assert.Contains("mcpgov apply FOLDER", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes.", "AADSTS9010010")]
    [InlineData("... AADSTS501051: Application is not assigned to a role", "AADSTS501051")]
    [InlineData("AADSTS50105 user", "AADSTS50105:")]
    [InlineData("something else", null)]
    public void ErrorsOfEntra_AreExplained(string message, string? code)
    {
        var known = EntraErrors.Explain(message);
        Assert.Equal(code is not null, known is not null);
        if (code is not null) Assert.StartsWith(code, known!.Value.Meaning, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, List<(string Verdict, string Check, string Found, string? ToDo)> Found)> ExamineAsync(SickGateway gateway)
    {
        var run = new CommandRun();
        run.Environment.Remove("MCPGOV_CONNECTION_STRING");
        run.Environment["MCPGOV_TOKEN"] = gateway.Token();
        run.Environment["MCPGOV_AUDIENCE"] = Audience;
        var exit = await run.RunAsync("doctor", "--gateway", gateway.Url.ToString(), "--server", "demo", "--output", "json");
        using var json = JsonDocument.Parse(run.Output.Length > 0 ? run.Output : "[]");
        return (exit, [.. json.RootElement.EnumerateArray().Select(d => (d.GetProperty("verdict").GetString()!, d.GetProperty("check").GetString()!, d.GetProperty("found").GetString()!, JsonMembers.Text(d, "toDo")))]);
    }

    /// <summary>A gateway and an issuer of which one thing is broken.</summary>
    private sealed class SickGateway(string what) : IAsyncDisposable
    {
        private LoopbackServer _server = null!;

        public Uri Url => _server.Url;

        private string Base => Url.AbsoluteUri.TrimEnd('/');

        private string Issuer => $"{Base}/tenant/v2.0";

        public static async Task<SickGateway> StartAsync(string what)
        {
            var gateway = new SickGateway(what);
            gateway._server = await LoopbackServer.StartAsync(gateway.ServeAsync);
            return gateway;
        }

        public string Token()
        {
            if (what == "opaque-token") return "opaque";
            var now = FixedTime.June2026.GetUtcNow().ToUnixTimeSeconds();
            var claims = new JsonObject
            {
                ["iss"] = what == "token-of-another-tenant" ? "https://login.microsoftonline.com/other/v2.0" : Issuer,
                ["aud"] = what == "other-audience" ? "00000003-0000-0000-c000-000000000000" : Audience,
                ["ver"] = what == "v1-token" ? "1.0" : "2.0",
                ["oid"] = "66666666-6666-6666-6666-666666666666",
                ["nbf"] = what == "early-token" ? now + 600 : now - 10,
                ["exp"] = what == "expired-token" ? now - 5 : now + 3600,
                ["roles"] = what == "no-role" ? new JsonArray("Mcp.Call") : new JsonArray("Governance.Admin"),
            };
            return $"{Encode("""{"alg":"RS256","typ":"JWT","kid":"k"}""")}.{Encode(claims.ToJsonString())}.{Encode("signature")}";
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private static string Encode(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

        private Task ServeAsync(HttpContext http)
        {
            var date = FixedTime.June2026.GetUtcNow().AddSeconds(what switch { "clock-far" => 600, "clock-near" => -60, _ => 1 });
            http.Response.Headers.Date = date.ToString("R", CultureInfo.InvariantCulture);
            return http.Request.Path.Value switch
            {
                "/healthz" => AnswerAsync(http, 200, """{"status":"live"}"""),
                "/readyz" => what == "not-ready" ? AnswerAsync(http, 503, """{"status":"not ready","reason":"no catalogue"}""") : AnswerAsync(http, 200, """{"status":"ready"}"""),
                "/.well-known/oauth-protected-resource" => what == "no-metadata" ? AnswerAsync(http, 404, "") : Metadata(http, what == "other-resource" ? "https://elsewhere.example" : Base),
                "/.well-known/oauth-protected-resource/servers/demo/mcp" => Metadata(http, what == "other-resource-of-server" ? $"{Base}/servers/demo/mcp/" : $"{Base}/servers/demo/mcp"),
                "/servers/demo/mcp" => Challenge(http),
                "/tenant/v2.0/.well-known/openid-configuration" => what == "issuer-down" ? AnswerAsync(http, 500, "") : AnswerAsync(http, 200, $$"""{"issuer":"{{(what == "other-issuer" ? "https://other.example" : Issuer)}}"}"""),
                "/manage/me" => what switch
                {
                    "refused" => AnswerAsync(http, 403, """{"code":"role_missing","detail":"no role"}"""),
                    "no-api" => AnswerAsync(http, 404, ""),
                    _ => AnswerAsync(http, 200, $$"""{"roles":["Governance.Admin"],"teams":[],"groupsOmitted":{{(what == "many-groups" ? "true" : "false")}},"now":"{{FixedTime.June2026.GetUtcNow().AddSeconds(what == "clock-of-decisions" ? 900 : 0):O}}"}"""),
                },
                "/manage/catalogue/versions" => AnswerAsync(http, 200, what == "no-catalogue" ? """{"items":[]}""" : """{"items":[{"number":4,"active":true}]}"""),
                "/manage/contracts" => AnswerAsync(http, 200, what == "held-tool" ? """{"items":[{"upstream":"u","tool":"t"}]}""" : """{"items":[]}"""),
                _ => AnswerAsync(http, 404, ""),
            };
        }

        private Task Metadata(HttpContext http, string resource) => AnswerAsync(http, 200, $$"""{"resource":"{{resource}}","authorization_servers":["{{Issuer}}"]}""");

        private Task Challenge(HttpContext http)
        {
            if (what == "no-challenge") return AnswerAsync(http, 200, "{}");
            http.Response.Headers.WWWAuthenticate = what == "challenge-of-somebody-else" ? "Bearer realm=\"x\"" : $"Bearer resource_metadata=\"{Base}/.well-known/oauth-protected-resource/servers/demo/mcp\", scope=\"s\"";
            return AnswerAsync(http, 401, "{}");
        }

        private static Task AnswerAsync(HttpContext http, int status, string body)
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(body);
        }
    }
}
