using System.Text.Json;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Notifying;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

/// <summary>What commands tell people, and what an operator does with what did not arrive.</summary>
public sealed class NoticeCommandTests : IAsyncLifetime
{
    private const string Agent = "33333333-3333-3333-3333-333333333333";

    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly CommandRun _run = new();

    public async Task InitializeAsync() => Assert.Equal(0, await _run.RunAsync("apply", RepositoryRoot.Combine("samples", "catalogue")));

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>A notice names the command that does what it asks for; one that the command line does not take would be worse than none.</summary>
    [Fact]
    public async Task WhatIsChanged_IsTold_WithCommandsThatCanBeRun()
    {
        Assert.Equal(0, await _run.RunAsync("client", "suspend", Agent, "--reason", "r"));
        Assert.Equal(0, await _run.RunAsync("client", "resume", Agent, "--reason", "r"));
        Assert.Equal(0, await _run.RunAsync("grant", "request", "--client", Agent, "--server", "demo", "--tool", "get-env", "--minutes", "30", "--justification", "j"));
        var request = _run.Stores.Requests.Single().RequestId;
        Assert.Equal(0, await _run.RunAsync("grant", "approve", request, "--reason", "r", "--by", "another"));
        Assert.Equal(0, await _run.RunAsync("grant", "request", "--client", Agent, "--server", "demo", "--tool", "get-env", "--minutes", "30", "--justification", "j"));
        Assert.Equal(0, await _run.RunAsync("grant", "reject", _run.Stores.Requests.Single(r => r.RequestId != request).RequestId, "--reason", "r"));
        Assert.Equal(0, await _run.RunAsync("grant", "revoke", Agent, $"jit-{request}", "--reason", "r"));
        Assert.Equal(0, await _run.RunAsync("client", "deprovision", Agent, "--reason", "r"));
        var notices = _run.Notices.Stored.Values.Select(s => s.Notice).ToList();
        Assert.Equal(
            ["client.deprovisioned", "client.resumed", "client.suspended", "grant.revoked", "request.approved", "request.made", "request.rejected"],
            notices.Select(n => n.Type).Distinct().Order(StringComparer.Ordinal));
        Assert.All(_run.Notices.Open.Values, o => Assert.Null(o.Held));
        Assert.All(notices, n => Assert.True(n.Summary.Length > 0 && n.ToDo.Length > 0, n.Type));
        var root = Mcpgov.CreateRoot(_run.NewContext());
        foreach (var notice in notices.Where(n => n.Command is not null))
        {
            var words = notice.Command!.Replace("MINUTES", "30", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Split(' ');
            Assert.Equal("mcpgov", words[0]);
            Assert.True(root.Parse(words[1..]).Errors.Count == 0, notice.Command);
        }
    }

    [Fact]
    public async Task DeadLetters_AreListed_Shown_ReplayedAndDropped()
    {
        foreach (var id in (string[])["ntc_1", "ntc_2"])
        {
            var notice = new Notice { NoticeId = id, Type = NoticeTypes.AuditFault, Subject = "audit", Time = FixedTime.June2026.Now, Summary = "It broke.\u001b[2J", ToDo = "Repair it." };
            await _run.Notices.AddAsync(notice, notice.Time, Ct);
            var open = (await _run.Notices.FindOpenAsync(id, Ct))! with { Deliveries = [new NoticeDelivery("ops", DeliveryState.Dead, 18, notice.Time, notice.Time, "It answered 500.")] };
            await _run.Notices.CloseAsync(open, NoticeState.Dead, Ct);
        }

        Assert.Equal(0, await _run.RunAsync("notice", "list", "-o", "json"));
        Assert.Equal(2, JsonDocument.Parse(_run.Output).RootElement.GetArrayLength());
        Assert.Equal(0, await _run.RunAsync("notice", "show", "ntc_1"));
        Assert.Contains("It answered 500.", _run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("notice", "replay", "ntc_1", "--reason", "repaired"));
        Assert.Equal(1, await _run.RunAsync("notice", "replay", "ntc_1", "--reason", "repaired"));
        Assert.Equal(0, await _run.RunAsync("notice", "drop", "ntc_2", "--reason", "stale"));
        Assert.Equal(1, await _run.RunAsync("notice", "show", "ntc_3"));
        Assert.Equal(1, await _run.RunAsync("notice", "enable", "ops", "--reason", "r"));
        Assert.Equal((NoticeState.Waiting, NoticeState.Dropped), (_run.Notices.Stored["ntc_1"].State, _run.Notices.Stored["ntc_2"].State));
        Assert.Equal(0, await _run.RunAsync("notice", "list"));
        Assert.DoesNotContain("ntc_", _run.Output, StringComparison.Ordinal);
    }
}
