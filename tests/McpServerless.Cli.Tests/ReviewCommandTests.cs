using System.Text.Json;
using McpServerless.Access.Reviewing;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

/// <summary>Answering reviews, and trying a change, from the command line.</summary>
public sealed class ReviewCommandTests : IAsyncLifetime
{
    private const string Agent = "33333333-3333-3333-3333-333333333333";

    private readonly CommandRun _run = new();

    public async Task InitializeAsync() => Assert.Equal(0, await _run.RunAsync("apply", RepositoryRoot.Combine("samples", "catalogue")));

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Reviews_AreListed_Shown_Answered_AndReported()
    {
        await AskAsync();
        Assert.Equal(0, await _run.RunAsync("review", "list", "--reviewer", "owner@contoso.example", "-o", "json"));
        Assert.Equal(_run.Reviews.Reviews.Count(), JsonDocument.Parse(_run.Output).RootElement.GetArrayLength());
        Assert.Equal(0, await _run.RunAsync("review", "list", "--reviewer", "nobody"));
        Assert.DoesNotContain(Agent, _run.Output, StringComparison.Ordinal);

        var first = _run.Reviews.Reviews.First();
        Assert.Equal(0, await _run.RunAsync("review", "show", "q", first.ClientId, first.Server, first.GrantId));
        Assert.Contains("It was not used since", _run.Output, StringComparison.Ordinal);
        Assert.Equal(1, await _run.RunAsync("review", "show", "q", Agent, "demo", "no-such-grant"));

        Assert.Equal(1, await _run.RunAsync("review", "answer", "keep", "--campaign", "q", "--reason", "r"));
        Assert.Contains("say --all", _run.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _run.RunAsync("review", "answer", "perhaps", "--campaign", "q", "--reason", "r"));
        Assert.Equal(1, await _run.RunAsync("review", "answer", "reduce", "--campaign", "q", "--client", first.ClientId, "--server", first.Server, "--grant", first.GrantId, "--reason", "r"));
        Assert.Equal(0, await _run.RunAsync("review", "answer", "revoke", "--campaign", "q", "--client", first.ClientId, "--server", first.Server, "--grant", first.GrantId, "--reason", "not used"));
        Assert.DoesNotContain(_run.Stores.Grants, g => (g.ClientId, g.Server, g.GrantId) == (first.ClientId, first.Server, first.GrantId));
        Assert.Equal(0, await _run.RunAsync("review", "answer", "keep", "--campaign", "q", "--all", "--reason", "needed"));
        Assert.All(_run.Reviews.Reviews, r => Assert.Equal(ReviewState.Done, r.State));
        Assert.Equal(1, await _run.RunAsync("review", "answer", "keep", "--campaign", "q", "--all", "--reason", "needed"));

        using var folder = new TemporaryFolder();
        var page = Path.Combine(folder.Path, "review.html");
        Assert.Equal(0, await _run.RunAsync("review", "report", "q", "--html", page));
        Assert.Contains("not used", await File.ReadAllTextAsync(page), StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("review", "report", "q"));
        Assert.Equal(1, JsonDocument.Parse(_run.Output).RootElement.GetProperty("counts").GetProperty("revoke").GetInt32());
        Assert.Equal(1, await _run.RunAsync("review", "report", "other"));
        Assert.Equal(2, await _run.RunAsync("review", "report", "q", "--html", Path.Combine(folder.Path, "no", "such", "folder.html")));
    }

    [Fact]
    public async Task ACampaign_IsOpenedOnce_UnderANameOfItsOwn()
    {
        Assert.Equal(0, await _run.RunAsync("review", "open", "before-audit", "--reason", "audit"));
        Assert.Equal(1, await _run.RunAsync("review", "open", "before-audit", "--reason", "audit"));
        Assert.Equal(1, await _run.RunAsync("review", "open", "due-2026-01", "--reason", "audit"));
        Assert.Equal(1, await _run.RunAsync("review", "open", "a/b", "--reason", "audit"));
        Assert.Equal("before-audit", Assert.Single(_run.Reviews.Campaigns).CampaignId);
    }

    [Fact]
    public async Task Simulate_SaysThatNothingChanges_WhereNothingDoes()
    {
        Assert.Equal(0, await _run.RunAsync("simulate", RepositoryRoot.Combine("samples", "catalogue"), "--days", "30"));
        Assert.Contains("0 newly refused, 0 newly allowed", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("simulate", RepositoryRoot.Combine("samples", "catalogue"), "-o", "json"));
        Assert.True(JsonDocument.Parse(_run.Output).RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(2, await _run.RunAsync("simulate", RepositoryRoot.Combine("samples", "catalogue"), "--days", "0"));
        Assert.Equal(2, await _run.RunAsync("simulate", "no-such-folder"));
    }

    private async Task AskAsync()
    {
        await _run.Reviews.AddCampaignAsync(new ReviewCampaign { CampaignId = "q", Kind = CampaignKind.Quarter, OpenedAt = FixedTime.June2026.Now, IsFilled = true }, CancellationToken.None);
        foreach (var grant in _run.Stores.Grants)
        {
            await _run.Reviews.AddReviewAsync(
                new Review
                {
                    Campaign = "q",
                    ClientId = grant.ClientId,
                    Server = grant.Server,
                    GrantId = grant.GrantId,
                    OpenedAt = FixedTime.June2026.Now,
                    DueBy = FixedTime.June2026.Now.AddDays(21),
                    Reviewer = "owner@contoso.example",
                    Backup = "administrators",
                    Sensitivity = Sensitivity.Medium,
                },
                CancellationToken.None);
        }
    }
}
