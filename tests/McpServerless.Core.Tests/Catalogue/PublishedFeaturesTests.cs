using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;
using McpServerless.Catalogue.Publishing;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.Catalogue;

/// <summary>Prompts and resources are merged, kept, held back and pruned as tools are.</summary>
public sealed class PublishedFeaturesTests : IDisposable
{
    private readonly MemoryStores _stores = new();
    private readonly FixedTime _time = FixedTime.June2026;
    private readonly TemporaryFolder _folder = new TemporaryFolder().CopyFrom(RepositoryRoot.Combine("tests", "cases", "catalogue", "no-finding-in-prompts-and-resources"));

    [Fact]
    public async Task Files_BecomeWhatTheySay_AndUnknownMembersAreKept()
    {
        await ApplyAsync();
        var active = _stores.Active!;

        var prompt = Assert.Single(active.Prompts);
        Assert.Equal(("weather", "briefing", ToolState.Deprecated, AuditMode.Async, Sensitivity.Low), (prompt.Upstream, prompt.Name, prompt.State, prompt.Audit, prompt.Sensitivity));
        Assert.Equal(("Weather.Read", "Forecaster"), (prompt.RequiredScope, prompt.RequiredRole));
        Assert.Equal("kept", prompt.Definition.GetProperty("x-unknown").GetString());
        Assert.Equal("[1.0,null]", prompt.Definition.GetProperty("_meta").GetProperty("contoso.example/kept").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(["weather://station/{id}", "weather://stations"], active.Resources.Select(r => r.Name));
        Assert.Equal([true, false], active.Resources.Select(r => r.IsTemplate));
        Assert.True(active.Resources[1].Definition.GetProperty("_meta").GetProperty("contoso.example/kept").GetBoolean());

        var server = Assert.Single(active.Servers);
        Assert.Equal([ClientRequestKind.UrlElicitation, ClientRequestKind.Roots], server.ClientRequests);
        var grant = Assert.Single(_stores.Grants);
        Assert.Empty(grant.Tools);
        Assert.Equal("weather_briefing", Assert.Single(grant.Prompts));
        Assert.Equal(["weather://stations", "weather://station/0042", "weather://station/*"], grant.Resources);

        var exposed = ActiveCatalogue.Compile(active).Find("desk")!;
        Assert.Equal(["forecast", "weather_briefing", "weather://station/{id}", "weather://stations"], exposed.Features.Select(f => f.Name));
        Assert.Equal("weather://station/{id}", exposed.Find(SubjectKind.Resource, "weather://station/7")?.Name);
        Assert.Equal(new Dictionary<string, bool> { ["place"] = true, ["day"] = false }, ((ExposedPrompt)exposed.Find(SubjectKind.Prompt, "weather_briefing")!).Arguments);
    }

    [Fact]
    public async Task WithoutClientRequests_UpstreamsMayAskForForms_AndNothingElse()
    {
        Edit("desk.yaml", "clientRequests: [urlElicitation, roots]\n", "");
        await ApplyAsync();
        Assert.Equal([ClientRequestKind.Elicitation], Assert.Single(_stores.Active!.Servers).ClientRequests);

        File.AppendAllText(Path.Combine(_folder.Path, "desk.yaml"), "clientRequests: []\n");
        await ApplyAsync();
        Assert.Empty(Assert.Single(_stores.Active!.Servers).ClientRequests);
    }

    [Fact]
    public async Task ApplyingTheSameFolderAgain_ChangesNothing()
    {
        await ApplyAsync();

        var plan = await PlanAsync();

        Assert.Equal(8, plan.Changes.Count);
        Assert.All(plan.Changes, c => Assert.Equal(ChangeAction.Unchanged, c.Action));
    }

    [Theory]
    [InlineData("briefing.yaml", "PromptContract", "weather/briefing", "title: Briefing", "title: Other")]
    [InlineData("stations.yaml", "ResourceContract", "weather/weather://stations", "size: 12", "size: 13")]
    [InlineData("station.yaml", "ResourceContract", "weather/weather://station/{id}", "name: station", "name: one")]
    [InlineData("desk.yaml", "VirtualServer", "desk", "urlElicitation, roots", "roots")]
    public async Task AChange_IsNamed_AndPublished(string file, string kind, string name, string old, string replacement)
    {
        await ApplyAsync();
        Edit(file, old, replacement);

        var plan = await PlanAsync();
        await ApplyAsync(plan);

        Assert.Equal(new PlannedChange(kind, name, ChangeAction.Changed), Assert.Single(plan.Changes, c => c.Action != ChangeAction.Unchanged));
        Assert.Equal(2, _stores.Active!.Number);
    }

    [Fact]
    public async Task WhatIsNotInTheFolder_IsKept_UntilItIsPruned()
    {
        await ApplyAsync();
        foreach (var file in (string[])["briefing.yaml", "stations.yaml", "station.yaml"]) File.Delete(Path.Combine(_folder.Path, file));

        var kept = await PlanAsync();
        Assert.Equal(3, kept.Findings.Count(f => f.Rule == FindingRule.NotInFolder));
        Assert.False(kept.ChangesAnything);

        await ApplyAsync(await PlanAsync(prune: true));
        Assert.Empty(_stores.Active!.Prompts);
        Assert.Empty(_stores.Active.Resources);
        Assert.Single(_stores.Active.Tools);
    }

    [Fact]
    public async Task AQuarantine_IsReleasedByItsFileOrByANewDefinition_AndByNothingElse()
    {
        Edit("briefing.yaml", "state: deprecated\nsunset: 2026-12-31T00:00:00Z\n", "");
        await ApplyAsync();
        _stores.Active = _stores.Active! with
        {
            Prompts = [.. _stores.Active.Prompts.Select(p => p with { State = ToolState.Quarantined })],
            Resources = [.. _stores.Active.Resources.Select(r => r with { State = ToolState.Quarantined })],
        };

        var plan = await PlanAsync();
        Assert.Equal(3, plan.Findings.Count(f => f.Rule == FindingRule.StillQuarantined));
        Assert.False(plan.ChangesAnything);

        Edit("briefing.yaml", "title: Briefing", "title: Other");
        Edit("stations.yaml", "team: weather-team", "team: weather-team\nstate: active");
        await ApplyAsync();
        Assert.Equal(ToolState.Active, Assert.Single(_stores.Active.Prompts).State);
        Assert.Equal([ToolState.Quarantined, ToolState.Active], _stores.Active.Resources.Select(r => r.State));
    }

    [Fact]
    public async Task AKeptServer_ThatWouldShowTwoOfOneName_IsAnError()
    {
        await ApplyAsync();
        var active = _stores.Active!;
        _stores.Active = active with
        {
            Upstreams = [.. active.Upstreams, active.Upstreams[0] with { Name = "climate" }],
            Prompts = [active.Prompts[0] with { Upstream = "climate" }],
            Resources = [active.Resources[0] with { Upstream = "climate" }],
            Servers =
            [
                .. active.Servers,
                new VirtualServer
                {
                    Name = "both",
                    Tools = [],
                    Prompts = [new FeatureSelection { Upstream = "weather", Names = ["*"] }, new FeatureSelection { Upstream = "climate", Names = ["*"] }],
                    Resources = [new ResourceSelection { Upstream = "weather", Uris = ["*"] }, new ResourceSelection { Upstream = "climate", Uris = ["*"] }],
                },
            ],
        };

        var plan = await PlanAsync();

        Assert.Equal(["prompt-name-collision", "resource-uri-collision"], plan.Findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => f.Rule.Id));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(plan));
    }

    [Theory]
    [InlineData(CatalogueChecks.MaxLength, true)]
    [InlineData(1000, false)]
    public async Task WhatIsTooLargeToBeKept_IsAnError(int length, bool tooLarge)
    {
        _folder.Write("long.json", $$$"""{"kind":"PromptContract","upstream":"weather","version":"1","team":"t","definition":{"name":"long","x-more":"{{{new string('x', length)}}}"}}""");

        var loaded = await CatalogueFolder.LoadAsync(_folder.Path, [], _time, CancellationToken.None);

        Assert.Equal(tooLarge ? ["object-too-large"] : [], loaded.Findings.Where(f => f.File == "long.json").Select(f => f.Rule.Id));
    }

    public void Dispose() => _folder.Dispose();

    private void Edit(string file, string old, string replacement)
    {
        var path = Path.Combine(_folder.Path, file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    private async Task<ApplyPlan> PlanAsync(bool prune = false)
    {
        var loaded = await CatalogueFolder.LoadAsync(_folder.Path, [], _time, CancellationToken.None);
        Assert.NotNull(loaded.Content);
        return await new CataloguePublisher(_stores, _stores, _stores, _time).PlanAsync(loaded.Content, prune, team: null, CancellationToken.None);
    }

    private async Task<long?> ApplyAsync(ApplyPlan? plan = null) =>
        (await new CataloguePublisher(_stores, _stores, _stores, _time).ApplyAsync(plan ?? await PlanAsync(), "Tests break nobody", null, new Progress<string>(), CancellationToken.None)).Number;
}
