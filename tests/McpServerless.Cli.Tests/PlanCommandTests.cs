using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

public sealed class PlanCommandTests : IDisposable
{
    private static readonly string Good = RepositoryRoot.Combine("tests", "cases", "catalogue", "no-finding");

    private readonly CommandRun _run = new();
    private readonly TemporaryFolder _folder = new TemporaryFolder().CopyFrom(Good);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatBreaksCallers_IsNotAppliedWithoutAReason_AndTheReasonIsKept()
    {
        Assert.Equal(0, await _run.RunAsync("apply", _folder.Path));
        Add("    required: [city]");

        Assert.Equal(1, await _run.RunAsync("plan", _folder.Path));
        Assert.Contains("required-narrowed", _run.Output, StringComparison.Ordinal);
        Assert.Equal(1, await _run.RunAsync("apply", _folder.Path));
        Assert.Contains("--accept-breaking", _run.Error, StringComparison.Ordinal);
        Assert.Equal(1, _run.Stores.Active!.Number);
        Assert.Equal(2, await _run.RunAsync("apply", _folder.Path, "--accept-breaking", "so"));

        Assert.Equal(0, await _run.RunAsync("apply", _folder.Path, "--accept-breaking", "All callers send a city already"));
        Assert.Equal((2, "All callers send a city already"), (_run.Stores.Active!.Number, _run.Stores.Active.AcceptedBreaking));
    }

    [Fact]
    public async Task HarmlessChange_NeedsNoReason_AndKeepsNone()
    {
        await _run.RunAsync("apply", _folder.Path);
        Add("  description: Words");
        Assert.Equal(0, await _run.RunAsync("plan", _folder.Path));
        Assert.Equal(0, await _run.RunAsync("apply", _folder.Path, "--accept-breaking", "Not needed at all"));
        Assert.Null(_run.Stores.Active!.AcceptedBreaking);
    }

    [Fact]
    public async Task Plan_WritesNothing()
    {
        Assert.Equal(0, await _run.RunAsync("plan", _folder.Path));
        Assert.Empty(_run.Stores.Writes);
        Assert.Equal(1, await _run.RunAsync("plan", RepositoryRoot.Combine("tests", "cases", "catalogue", "unknown-member")));
    }

    [Fact]
    public async Task ToolOfAnotherTeam_IsNotChanged_AndNotTakenOver()
    {
        await _run.RunAsync("apply", _folder.Path);
        Add("  description: Words");
        Assert.Equal(1, await _run.RunAsync("apply", _folder.Path, "--team", "other-team"));
        Assert.Contains("not-owner", _run.Error, StringComparison.Ordinal);
        Assert.Equal(1, _run.Stores.Active!.Number);
        Assert.Equal(0, await _run.RunAsync("apply", _folder.Path, "--team", "weather-team"));

        _folder.Write("forecast.yaml", File.ReadAllText(Path.Combine(_folder.Path, "forecast.yaml")).Replace("weather-team", "other-team", StringComparison.Ordinal));
        Assert.Equal(1, await _run.RunAsync("apply", _folder.Path));
        Assert.Equal(0, await _run.RunAsync("apply", _folder.Path, "--team", "weather-team"));
        Assert.Equal("other-team", Assert.Single(_run.Stores.Active!.Tools).Team);
    }

    [Fact]
    public async Task UpstreamThatProvesTheGateway_IsChangedByNoTeam()
    {
        await _run.RunAsync("apply", _folder.Path);
        var upstream = Directory.GetFiles(_folder.Path).Single(f => File.ReadAllText(f).Contains("kind: Upstream", StringComparison.Ordinal));
        var name = _run.Stores.Active!.Upstreams[0].Name;
        var plain = File.ReadAllText(upstream);
        File.WriteAllText(upstream, $"{plain}credential: {{ type: http, secret: {name}--token }}\n");
        Assert.Equal(1, await _run.RunAsync("apply", _folder.Path, "--team", "weather-team"));
        Assert.Contains("has a credential of the gateway", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("apply", _folder.Path));
        Assert.Equal($"{name}--token", _run.Stores.Active!.Upstreams[0].Credential!.Secret);

        // Elsewhere it could be read: another address is as much of a change as another credential, and so is none.
        File.WriteAllText(upstream, File.ReadAllText(upstream).Replace("https://", "https://elsewhere.", StringComparison.Ordinal));
        Assert.Equal(1, await _run.RunAsync("apply", _folder.Path, "--team", "weather-team"));
        File.WriteAllText(upstream, plain);
        Assert.Equal(1, await _run.RunAsync("apply", _folder.Path, "--team", "weather-team"));
    }

    [Fact]
    public async Task Rollback_MakesTheOlderVersionActive_AndTellsInstances_AndANewOneGetsANewNumber()
    {
        Assert.Equal(1, await _run.RunAsync("rollback"));
        await _run.RunAsync("apply", _folder.Path);
        Assert.Equal(1, await _run.RunAsync("rollback"));
        Add("  description: Words");
        await _run.RunAsync("apply", _folder.Path);

        Assert.Equal(0, await _run.RunAsync("rollback", "--dry-run"));
        Assert.Equal(2, _run.Stores.Active!.Number);
        var epochs = _run.Stores.Writes.Count(w => w == "epoch");
        Assert.Equal(0, await _run.RunAsync("rollback"));
        Assert.Contains("description-changed", _run.Output, StringComparison.Ordinal);
        Assert.Equal((1, epochs + 1), (_run.Stores.Active!.Number, _run.Stores.Writes.Count(w => w == "epoch")));

        Assert.Equal(0, await _run.RunAsync("apply", _folder.Path));
        Assert.Equal(3, _run.Stores.Active!.Number);
        Assert.Equal(1, await _run.RunAsync("rollback", "7"));
        Assert.Equal(0, await _run.RunAsync("rollback", "2"));
    }

    [Fact]
    public async Task Rollback_InAConflict_ChangesNothing()
    {
        await _run.RunAsync("apply", _folder.Path);
        Add("  description: Words");
        await _run.RunAsync("apply", _folder.Path);
        _run.Stores.BeforePublish = () => _run.Stores.Active = new CatalogueVersion { Number = 9, Upstreams = [], Tools = [], Servers = [] };
        Assert.Equal(1, await _run.RunAsync("rollback"));
        Assert.Equal(9, _run.Stores.Active!.Number);
    }

    private void Add(string lines) => _folder.Write("forecast.yaml", File.ReadAllText(Path.Combine(_folder.Path, "forecast.yaml")).TrimEnd() + "\n" + lines + "\n");
}
