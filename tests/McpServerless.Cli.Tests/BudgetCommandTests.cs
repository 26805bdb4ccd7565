using System.Text.Json;
using McpServerless.Access;
using McpServerless.Budgets;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Cli.Tests;

public sealed class BudgetCommandTests
{
    private const string ClientId = "33333333-3333-3333-3333-333333333333";

    private static readonly BudgetSubject Subject = new()
    {
        TenantId = "tenant",
        ClientId = ClientId,
        Server = "desk",
        GrantId = "g",
        Upstream = "weather",
        Name = "forecast",
        Kind = SubjectKind.Tool,
    };

    private readonly CommandRun _run = new();

    public BudgetCommandTests() => _run.Stores.SaveClientAsync(
        new Client
        {
            TenantId = "tenant",
            ClientId = ClientId,
            DisplayName = "Agent",
            Owner = "o@contoso.example",
            Purpose = "Tests",
            State = ClientState.Active,
            ExpiresAt = FixedTime.June2026.GetUtcNow().AddDays(9),
        },
        CancellationToken.None).AsTask().GetAwaiter().GetResult();

    [Fact]
    public async Task Show_NamesWhatIsUsed_AndResetMakesItNew()
    {
        Assert.Equal(3, await ServeAsync());
        Assert.Equal(0, await _run.RunAsync("budget", "show", ClientId));
        Assert.Matches("client/daily +budget +3 ", _run.Output);
        Assert.Equal(0, await _run.RunAsync("budget", "reset", ClientId, "client/daily", "--reason", "Wrong limit"));
        Assert.Equal(1, await _run.RunAsync("budget", "reset", ClientId, "client/daily", "--reason", "Wrong limit"));
        Assert.Contains("no such counter is in use", _run.Error, StringComparison.Ordinal);
        Assert.Equal(3, await ServeAsync());
    }

    [Fact]
    public async Task GrantExtra_LetsMoreCallsThrough_AndStandsWithItsReason()
    {
        Assert.Equal(3, await ServeAsync());
        Assert.Equal(0, await _run.RunAsync("budget", "grant-extra", ClientId, "client/daily", "--amount", "2", "--hours", "3", "--reason", "Migration", "--by", "ops@contoso.example"));
        Assert.Equal(2, await ServeAsync());
        await _run.RunAsync("budget", "show", ClientId, "--output", "json");
        Assert.Contains("\"reason\": \"Migration\"", _run.Output, StringComparison.Ordinal);

        var records = _run.Audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement).Where(r => r.GetProperty("event").GetString() == "administration").ToList();
        Assert.Equal(["intended", "done"], records.Select(r => r.GetProperty("details").GetProperty("ending").GetString()));
        Assert.All(records, r =>
        {
            var details = r.GetProperty("details");
            Assert.Equal("budgetExtraGranted", details.GetProperty("happening").GetString());
            Assert.Equal("ops@contoso.example", details.GetProperty("by").GetString());
            Assert.Equal(2, details.GetProperty("after").GetProperty("amount").GetInt64());
        });
    }

    [Fact]
    public async Task AChangeWithoutAReason_IsWrongUse_AndOneOfATeamIsNotAllowed()
    {
        Assert.Equal(2, await _run.RunAsync("budget", "reset", ClientId, "client/daily"));
        Assert.Equal(1, await _run.RunAsync("budget", "reset", ClientId, "client/daily", "--reason", "Wrong limit", "--team", "desk"));
        Assert.DoesNotContain(_run.Audit.Segments.SelectMany(s => s.Records), r => System.Text.Encoding.UTF8.GetString(r.Span).Contains("\"event\":\"administration\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", "1", "why")]
    [InlineData("1", "745", "why")]
    [InlineData("1", "1", "")]
    public async Task AnExtraOutOfRange_IsWrongUse(string amount, string hours, string reason) =>
        Assert.Equal(2, await _run.RunAsync("budget", "grant-extra", ClientId, "client/daily", "--amount", amount, "--hours", hours, "--reason", reason, "--by", "ops"));

    [Fact]
    public async Task AClientThatIsNotRegistered_IsNotFound() => Assert.Equal(1, await _run.RunAsync("budget", "show", "nobody"));

    [Fact]
    public async Task Resume_SaysWhenNothingIsPaused()
    {
        Assert.Equal(1, await _run.RunAsync("budget", "resume", ClientId, "--reason", "Looked at it"));
        Assert.Contains("nothing is paused", _run.Error, StringComparison.Ordinal);
    }

    /// <summary>How many of five calls a new instance lets through.</summary>
    private async Task<int> ServeAsync()
    {
        using var engine = new BudgetEngine(_run.Budgets, Options.Create(new BudgetOptions()), new RunningJune(), NullLogger<BudgetEngine>.Instance);
        var limit = new BudgetLimit { Name = "daily", Kind = LimitKind.Budget, Amount = 3, Per = LimitPeriod.Month };
        var request = new BudgetRequest { Subject = Subject, Limits = Subject.Apply([limit], [], [], []), Longest = TimeSpan.FromSeconds(1) };
        var served = 0;
        for (var i = 0; i < 5; i++) served += (await engine.ReserveAsync(request, CancellationToken.None)).Lease is null ? 0 : 1;
        return served;
    }

    /// <summary>The command line's month, in which time passes for the engine.</summary>
    private sealed class RunningJune : TimeProvider
    {
        private readonly long _start = System.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => FixedTime.June2026.GetUtcNow() + System.GetElapsedTime(_start);
    }
}
