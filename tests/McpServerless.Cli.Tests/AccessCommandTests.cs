using System.Text.Json;
using McpServerless.Access;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

/// <summary>Changing access from the command line, and asking who may what.</summary>
public sealed class AccessCommandTests : IAsyncLifetime
{
    private const string Agent = "33333333-3333-3333-3333-333333333333";
    private const string Auditor = "44444444-4444-4444-4444-444444444444";

    private readonly CommandRun _run = new();

    public async Task InitializeAsync() => Assert.Equal(0, await _run.RunAsync("apply", RepositoryRoot.Combine("samples", "catalogue")));

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Can_ExplainsADecisionRuleByRule_AndEndsWith1WhereItIsNo()
    {
        Assert.Equal(0, await _run.RunAsync("can", Agent, "echo", """{"message":"x"}"""));
        Assert.Contains("sample-agent-demo", _run.Output, StringComparison.Ordinal);
        Assert.Contains("expiry met", _run.Output, StringComparison.Ordinal);

        Assert.Equal(1, await _run.RunAsync("can", Agent, "get-env", "-o", "json"));
        Assert.Equal("grant_missing", Answer().GetProperty("refusalCode").GetString());
        Assert.Equal(1, await _run.RunAsync("can", Agent, "no-such-tool"));
        Assert.Contains("no virtual server exposes", _run.Error, StringComparison.Ordinal);
        Assert.Equal(1, await _run.RunAsync("can", "99999999-3333-3333-3333-333333333333", "echo"));
        Assert.Equal(2, await _run.RunAsync("can", Agent, "echo", "[1]"));
        Assert.Equal(2, await _run.RunAsync("can", Agent, "echo", "{"));
        Assert.Equal(2, await _run.RunAsync("can", Agent, "echo", "--address", "somewhere"));
    }

    [Fact]
    public async Task Can_SupposesTheTokenThatTheOptionsDescribe()
    {
        await _run.Stores.SaveGrantAsync(new Grant
        {
            GrantId = "narrow",
            ClientId = Agent,
            Server = "demo",
            Tools = ["get-env"],
            RequiredRole = "Env.Read",
            Context = new GrantContext { Networks = ["10.0.0.0/8"], MaxTokenAgeMinutes = 5 },
            Constraints = [new ArgumentConstraint(["get-env"], JsonDocument.Parse("""{"maxProperties":0}""").RootElement)],
            ExpiresAt = FixedTime.June2026.Now.AddDays(1),
            Justification = "j",
            Approver = "a",
        }, CancellationToken.None);
        Assert.Equal("role_missing", await RefusalAsync());
        Assert.Equal("context_unmet", await RefusalAsync("--role", "Env.Read"));
        Assert.Equal("context_unmet", await RefusalAsync("--role", "Env.Read", "--address", "192.0.2.1"));
        Assert.Equal("context_unmet", await RefusalAsync("--role", "Env.Read", "--address", "10.1.1.1", "--token-age", "9"));
        Assert.Null(await RefusalAsync("--role", "Env.Read", "--address", "10.1.1.1"));
        Assert.True(Answer().GetProperty("dependsOnArguments").GetBoolean());
        Assert.Equal("constraint_violated", await RefusalAsync("""{"a":1}""", "--role", "Env.Read", "--address", "10.1.1.1"));
        Assert.Equal(": maxProperties 0", Answer().GetProperty("rules")[0].GetProperty("argumentViolations")[0].GetString());
        Assert.Null(await RefusalAsync("{}", "--role", "Env.Read", "--address", "10.1.1.1"));

        async Task<string?> RefusalAsync(params string[] more)
        {
            var exit = await _run.RunAsync(["can", Agent, "get-env", .. more, "-o", "json"]);
            var refusal = Answer().TryGetProperty("refusalCode", out var code) ? code.GetString() : null;
            Assert.Equal(refusal is null ? 0 : 1, exit);
            return refusal;
        }
    }

    [Fact]
    public async Task WhoCan_NamesEveryClientThatAGrantNamesTheToolFor()
    {
        Assert.Equal(0, await _run.RunAsync("who-can", "get-env", "-o", "json"));
        Assert.Equal((Auditor, true), (Answer().GetProperty("clientId").GetString(), Answer().GetProperty("allowed").GetBoolean()));
        Assert.Equal(1, JsonDocument.Parse(_run.Output).RootElement.GetArrayLength());
        Assert.Equal(0, await _run.RunAsync("client", "suspend", Auditor, "--reason", "left the team"));
        Assert.Equal(0, await _run.RunAsync("who-can", "get-env"));
        Assert.Contains("client_suspended", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClient_IsSuspendedResumedAndDeprovisioned_WithWhoAndWhy()
    {
        Assert.Equal(2, await _run.RunAsync("client", "suspend", Agent));
        Assert.Equal(0, await _run.RunAsync("client", "suspend", Agent, "--reason", "odd calls", "--by", "ola@contoso.example"));
        Assert.Equal(ClientState.Suspended, Client().State);
        Assert.Equal(1, await _run.RunAsync("client", "suspend", Agent, "--reason", "again"));
        Assert.Equal(1, await _run.RunAsync("client", "resume", Agent, "--reason", "r", "--team", "agents-team"));
        Assert.Contains("administrator", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("client", "resume", Agent, "--reason", "cleared"));
        Assert.Equal(0, await _run.RunAsync("client", "show", Agent));
        Assert.Contains("ola@contoso.example: odd calls", _run.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("operator@contoso.example: cleared", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("client", "deprovision", Agent, "--reason", "no longer needed"));
        Assert.DoesNotContain(_run.Stores.Grants, g => g.ClientId == Agent);
        Assert.Equal(1, await _run.RunAsync("client", "suspend", "99999999-3333-3333-3333-333333333333", "--reason", "r"));

        // The ledger has each of them, and what mcpgov wrote has a beginning and an end.
        var events = _run.Audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement).ToList();
        Assert.Equal(
            ["clientRegistered", "grantGiven", "catalogueApplied", "clientSuspended", "clientResumed", "clientDeprovisioned", "grantRevoked"],
            events.Where(e => e.GetProperty("event").GetString() == "administration").Select(e => e.GetProperty("details")).Where(d => d.GetProperty("ending").GetString() == "done").Select(d => d.GetProperty("happening").GetString()).Distinct());
        Assert.Equal(events.Count(e => e.GetProperty("event").GetString() == "writerStarted"), events.Count(e => e.GetProperty("event").GetString() == "writerEnded"));
    }

    [Fact]
    public async Task AGrant_IsShownWithItsETag_AndRevokedUnderIt()
    {
        Assert.Equal(0, await _run.RunAsync("grant", "show", Agent, "sample-agent-demo"));
        var etag = JsonDocument.Parse(_run.Output).RootElement[0].GetProperty("etag").GetString()!;
        await _run.Stores.SaveGrantAsync(_run.Stores.Grants.Single(g => g.ClientId == Agent) with { Justification = "changed meanwhile" }, CancellationToken.None);
        Assert.Equal(1, await _run.RunAsync("grant", "revoke", Agent, "sample-agent-demo", "--reason", "r", "--if-match", etag));
        Assert.Contains("changed the grant since", _run.Error, StringComparison.Ordinal);
        Assert.Equal("changed meanwhile", _run.Stores.Grants.Single(g => g.ClientId == Agent).Justification);
        Assert.Equal(0, await _run.RunAsync("grant", "revoke", Agent.ToUpperInvariant(), "sample-agent-demo", "--reason", "r"));
        Assert.Equal(1, await _run.RunAsync("grant", "revoke", Agent, "sample-agent-demo", "--reason", "r"));
        Assert.Equal(1, await _run.RunAsync("grant", "show", Agent, "sample-agent-demo"));
    }

    [Fact]
    public async Task ARequest_IsApprovedByAnotherPerson_OfTheToolsTeam()
    {
        string[] request = ["grant", "request", "--client", Agent, "--server", "demo", "--tool", "get-env", "--minutes", "30", "--justification", "Find the cause of ticket 7."];
        Assert.Equal(1, await _run.RunAsync([.. request, "--by", "stranger", "--team", "another"]));
        Assert.Equal(0, await _run.RunAsync([.. request, "--by", "owner@contoso.example"]));
        Assert.Equal(0, await _run.RunAsync("grant", "requests", "-o", "json"));
        var id = JsonDocument.Parse(_run.Output).RootElement[0].GetProperty("requestId").GetString()!;
        Assert.Equal(1, await _run.RunAsync("grant", "approve", id, "--reason", "r", "--by", "owner@contoso.example"));
        Assert.Contains("Nobody approves", _run.Error, StringComparison.Ordinal);
        Assert.Equal(1, await _run.RunAsync("grant", "approve", id, "--reason", "r", "--by", "tia", "--team", "another"));
        var team = _run.Stores.Active!.Tools.Single(t => t.Name == "get-env").Team;
        Assert.Equal(0, await _run.RunAsync("grant", "approve", id, "--reason", "fine", "--by", "tia", "--team", team));
        Assert.Equal(0, await _run.RunAsync("can", Agent, "get-env"));
        Assert.Equal(0, await _run.RunAsync("grant", "requests"));
        Assert.DoesNotContain(id, _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync([.. request, "--by", "owner@contoso.example"]));
        var second = _run.Stores.Requests.Single(r => r.RequestId != id).RequestId;
        Assert.Equal(0, await _run.RunAsync("grant", "reject", second, "--reason", "no"));
        Assert.Equal(1, await _run.RunAsync("grant", "approve", second, "--reason", "r", "--by", "tia"));
    }

    [Fact]
    public async Task KillSwitches_AreOffForEverybody_UntilTheyAreOn()
    {
        Assert.Equal(1, await _run.RunAsync("kill-switch", "tool", "everything/none-such", "--reason", "r"));
        Assert.Equal(0, await _run.RunAsync("kill-switch", "tool", "everything/echo", "--reason", "leaks"));
        Assert.Equal(1, await _run.RunAsync("can", Agent, "echo"));
        Assert.Contains("switched_off", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("kill-switch", "server", "demo", "--reason", "incident 9"));
        Assert.Equal(0, await _run.RunAsync("kill-switch", "list"));
        Assert.Contains("incident 9", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("kill-switch", "list", "-o", "json"));
        Assert.Equal(2, JsonDocument.Parse(_run.Output).RootElement.GetArrayLength());
        Assert.Equal(0, await _run.RunAsync("kill-switch", "server", "demo", "--on", "--reason", "over"));
        Assert.Equal(0, await _run.RunAsync("kill-switch", "tool", "everything/echo", "--on", "--reason", "over"));
        Assert.Equal(1, await _run.RunAsync("kill-switch", "tool", "everything/echo", "--on", "--reason", "over"));
        Assert.Equal(0, await _run.RunAsync("can", Agent, "echo"));
        Assert.Equal(0, await _run.RunAsync("kill-switch", "client", Agent, "--reason", "r"));
        Assert.Equal(ClientState.Suspended, Client().State);
    }

    private Client Client() => _run.Stores.Clients.Single(c => c.ClientId == Agent);

    private JsonElement Answer() => JsonDocument.Parse(_run.Output).RootElement[0];
}
