using McpServerless.Access;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;
using McpServerless.Catalogue.Publishing;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.Catalogue;

public sealed class CataloguePublisherTests : IDisposable
{
    private readonly MemoryStores _stores = new();
    private readonly FixedTime _time = FixedTime.June2026;
    private readonly TemporaryFolder _folder = new TemporaryFolder().CopyFrom(RepositoryRoot.Combine("tests", "cases", "catalogue", "no-finding"));

    private CataloguePublisher Publisher => new(_stores, _stores, _stores, _time);

    [Fact]
    public async Task FirstApply_PublishesTheCatalogueThenAccess_AndAnnouncesLast()
    {
        Assert.Equal(1, await ApplyAsync());

        Assert.Equal(["publish", "client Agent", "grant desk-agent", "epoch"], _stores.Writes);
        Assert.Equal(1, _stores.Active!.Number);
    }

    [Fact]
    public async Task ApplyingTheSameFolderAgain_PublishesNothing()
    {
        await ApplyAsync();
        _stores.Writes.Clear();

        var plan = await PlanAsync();
        Assert.Equal(1, await ApplyAsync(plan));

        Assert.False(plan.ChangesAnything);
        Assert.All(plan.Changes, c => Assert.Equal(ChangeAction.Unchanged, c.Action));
        // Only the announcement: the apply before could have died without it.
        Assert.Equal(["epoch"], _stores.Writes);
    }

    [Fact]
    public async Task AGrantsFile_SaysAllThatAGrantCan()
    {
        Edit("grant.yaml", "approver: approver@contoso.example", """
            approver: approver@contoso.example
            requester: owner@contoso.example
            ticket: T-1
            effect: deny
            constraints: [{ tools: [forecast], arguments: { properties: { place: { maxLength: 40 } } } }]
            context:
              networks: [10.0.0.0/8]
              hours: [{ days: [monday], from: "08:00", to: "18:30", timeZone: Europe/Berlin }]
              maxTokenAgeMinutes: 15
              authContexts: [c1]
              authMethods: [mfa]
              callers: [agentForUser]
              environments: [production]
            requiredRole: R
            requiredScope: S
            modelIds: ["model-*"]
            broadReason: because
            """);
        Edit("agent.yaml", "purpose: Tests.", "purpose: Tests.\ndeploymentContext: cluster-7\ndataClassification: confidential\nagentBlueprintId: 66666666-6666-6666-6666-66666666666A");
        await ApplyAsync();
        var grant = Assert.Single(_stores.Grants);
        Assert.Equal(("owner@contoso.example", "T-1", GrantEffect.Deny, "R", "S", "because"), (grant.Requester, grant.Ticket, grant.Effect, grant.RequiredRole, grant.RequiredScope, grant.BroadReason));
        Assert.Equal("""{"properties":{"place":{"maxLength":40}}}""", Assert.Single(grant.Constraints).Arguments.GetRawText());
        var context = grant.Context!;
        Assert.Equal(("10.0.0.0/8", 15, "c1", "mfa", GrantCaller.AgentForUser, "production", "model-*"), (context.Networks[0], context.MaxTokenAgeMinutes, context.AuthContexts[0], context.AuthMethods[0], context.Callers[0], context.Environments[0], grant.ModelIds[0]));
        var hours = Assert.Single(context.Hours);
        Assert.Equal((DayOfWeek.Monday, new TimeOnly(8, 0), new TimeOnly(18, 30), "Europe/Berlin"), (hours.Days[0], hours.From, hours.To, hours.TimeZone));
        Assert.Null(grant.NextReview);
        var client = Assert.Single(_stores.Clients);
        Assert.Equal(("cluster-7", DataClassification.Confidential, "66666666-6666-6666-6666-66666666666a"), (client.DeploymentContext, client.DataClassification, client.AgentBlueprintId));

        Assert.False((await PlanAsync()).ChangesAnything);
    }

    [Theory]
    [InlineData("high", 30)]
    [InlineData("medium", 90)]
    [InlineData("low", 180)]
    public async Task TheFirstReview_ComesByTheMostSensitiveTool_AndStandsAfterwards(string sensitivity, int days)
    {
        Edit("forecast.yaml", "team: weather-team", $"team: weather-team\nsensitivity: {sensitivity}");
        Edit("grant.yaml", "approver: approver@contoso.example", "approver: approver@contoso.example\nrequester: owner@contoso.example");
        await ApplyAsync();
        var first = _time.Now.AddDays(days);
        Assert.Equal(first, Assert.Single(_stores.Grants).NextReview);
        _time.Now = _time.Now.AddDays(1);
        Assert.False((await PlanAsync()).ChangesAnything);
    }

    [Fact]
    public async Task ASuspensionThatThePlanDidNotSee_IsNotLifted_AndWhoChangedAStateIsKept()
    {
        await ApplyAsync();
        Assert.Equal((ClientState.Active, "mcpgov apply"), (_stores.Clients.Single().State, _stores.Clients.Single().History[^1].By));
        Edit("agent.yaml", "purpose: Tests.", "purpose: Other tests.");
        var plan = await PlanAsync();
        _time.Now = _time.Now.AddMinutes(1);
        await _stores.SaveClientAsync(_stores.Clients.Single().In(ClientState.Suspended, _time.Now, "operator", "incident"), CancellationToken.None);
        Assert.Equal([$"Client {_stores.Clients.Single().ClientId}"], (await ResultAsync(plan)).Conflicts);
        Assert.Equal("Tests.", _stores.Clients.Single().Purpose);
        await ApplyAsync();
        var client = _stores.Clients.Single();
        Assert.Equal((ClientState.Suspended, "operator", "Other tests."), (client.State, client.History[^1].By, client.Purpose));

        Edit("agent.yaml", "purpose: Other tests.", "purpose: Other tests.\nstate: active");
        _time.Now = _time.Now.AddMinutes(1);
        await ApplyAsync();
        Assert.Equal(["mcpgov apply", "operator", "mcpgov apply"], _stores.Clients.Single().History.Select(h => h.By));
    }

    [Fact]
    public async Task AGrantThatWasAskedFor_IsNoFilesBusiness()
    {
        await ApplyAsync();
        await _stores.SaveGrantAsync(_stores.Grants.Single() with { GrantId = "jit-1" }, CancellationToken.None);
        var plan = await PlanAsync(prune: true);
        Assert.False(plan.ChangesAnything);
        Assert.Empty(plan.Findings);
    }

    [Fact]
    public async Task OnlyWhatChanged_IsWritten()
    {
        await ApplyAsync();
        _stores.Writes.Clear();
        Edit("grant.yaml", "[forecast]", "[forecast, 'fore*']");

        await ApplyAsync();

        Assert.Equal(["grant desk-agent", "epoch"], _stores.Writes);
        Assert.Equal(1, _stores.Active!.Number);
    }

    [Fact]
    public async Task AGrantThatSomebodyElseChangedMeanwhile_IsANamedConflict_AndNothingOfTheirsIsLost()
    {
        await ApplyAsync();
        Edit("grant.yaml", "justification: ", "justification: Newer. ");
        Edit("agent.yaml", "purpose: Tests.", "purpose: Newer.");
        var plan = await PlanAsync();
        await _stores.SaveGrantAsync(_stores.Grants.Single() with { Justification = "Changed by another." }, CancellationToken.None);

        var result = await ResultAsync(plan);

        Assert.Equal(["Grant desk-agent"], result.Conflicts);
        Assert.Equal(("Changed by another.", "Newer."), (_stores.Grants.Single().Justification, _stores.Clients.Single().Purpose));
        Assert.Equal("epoch", _stores.Writes[^1]);
        Assert.Empty((await ResultAsync()).Conflicts);
        Assert.StartsWith("Newer.", _stores.Grants.Single().Justification, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AGrantThatSomebodyElseAddedOrTookAwayMeanwhile_IsANamedConflict()
    {
        var first = await PlanAsync();
        await ApplyAsync();
        var result = await ResultAsync(first with { ActiveVersion = 1, NewVersion = null });
        Assert.Equal(2, result.Conflicts.Count);
        Edit("grant.yaml", "grantId: desk-agent", "grantId: other");
        var prune = await PlanAsync(prune: true);
        await _stores.DeleteGrantAsync(_stores.Grants.Single(), CancellationToken.None);
        await _stores.SaveGrantAsync(Assert.Single(prune.GrantsToRemove).Value, CancellationToken.None);
        Assert.Equal(["Grant desk-agent"], (await ResultAsync(prune)).Conflicts);
    }

    [Fact]
    public async Task AnotherPublisherInBetween_IsAConflict_AndNothingIsWritten()
    {
        var plan = await PlanAsync();
        _stores.BeforePublish = () => _stores.Active = new CatalogueVersion { Number = 7, Upstreams = [], Tools = [], Servers = [] };

        Assert.Null(await ApplyAsync(plan));

        Assert.Empty(_stores.Writes);
        Assert.Empty(_stores.Clients);
    }

    [Fact]
    public async Task WhatIsNotInTheFolder_StaysAndIsNamed()
    {
        await ApplyAsync();
        File.Delete(Path.Combine(_folder.Path, "grant.yaml"));
        _folder.Write("tides.yaml", "kind: Upstream\nname: tides\nurl: https://tides.contoso.example/mcp\n");
        await ApplyAsync();
        File.Delete(Path.Combine(_folder.Path, "tides.yaml"));

        var plan = await PlanAsync();
        await ApplyAsync(plan);

        Assert.Equal(["not-in-folder", "not-in-folder"], plan.Findings.Select(f => f.Rule.Id));
        Assert.Contains(_stores.Active!.Upstreams, u => u.Name == "tides");
        Assert.Single(_stores.Grants);
    }

    [Fact]
    public async Task Prune_RemovesWhatIsNotInTheFolder_GrantsBeforeAnyIsGiven()
    {
        await ApplyAsync();
        Edit("grant.yaml", "grantId: desk-agent", "grantId: other");
        _folder.Write("tides.yaml", "kind: Upstream\nname: tides\nurl: https://tides.contoso.example/mcp\n");
        await ApplyAsync();
        File.Delete(Path.Combine(_folder.Path, "tides.yaml"));
        Edit("grant.yaml", "grantId: other", "grantId: third");
        _stores.Writes.Clear();

        var plan = await PlanAsync(prune: true);
        await ApplyAsync(plan);

        Assert.Empty(plan.Findings);
        Assert.Equal(["publish", "delete desk-agent", "delete other", "grant third", "epoch"], _stores.Writes);
        Assert.Equal("weather", Assert.Single(_stores.Active!.Upstreams).Name);
        Assert.Equal("third", Assert.Single(_stores.Grants).GrantId);
    }

    [Fact]
    public async Task Prune_LeavesGrantsOfOtherClients()
    {
        await ApplyAsync();
        await _stores.SaveGrantAsync(_stores.Grants.First() with { ClientId = "44444444-4444-4444-4444-444444444444" }, CancellationToken.None);

        await ApplyAsync(await PlanAsync(prune: true));

        Assert.Equal(2, _stores.Grants.Count());
    }

    [Fact]
    public async Task AKeptServer_ThatWouldShowTwoToolsUnderOneName_IsAnError()
    {
        await ApplyAsync();
        _stores.Active = _stores.Active! with
        {
            Upstreams = [.. _stores.Active.Upstreams, _stores.Active.Upstreams[0] with { Name = "climate" }],
            Tools = [.. _stores.Active.Tools, _stores.Active.Tools[0] with { Upstream = "climate", Name = "outlook" }],
            Servers = [.. _stores.Active.Servers, new VirtualServer { Name = "both", Tools = [Select("weather"), Select("climate")] }],
        };
        _folder.Write("outlook.yaml", "kind: ToolContract\nupstream: weather\nversion: '1'\nteam: t\ndefinition: {name: outlook, inputSchema: {type: object}}\n");

        var plan = await PlanAsync();

        Assert.True(plan.HasErrors);
        Assert.Contains(plan.Findings, f => f.Rule == FindingRule.ToolNameCollision && f.Message.Contains("both", StringComparison.Ordinal));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(plan));
        Assert.DoesNotContain(_stores.Active.Tools, t => t is { Upstream: "weather", Name: "outlook" });

        static FeatureSelection Select(string upstream) => new() { Upstream = upstream, Names = ["*"] };
    }

    [Fact]
    public async Task ARelativeExpiry_IsLeftAloneWhileMoreThanHalfOfItRemains()
    {
        Edit("agent.yaml", "expiresAt: 2027-01-01T00:00:00Z", "expiresIn: P200D");
        Edit("grant.yaml", "expiresAt: 2026-12-01T00:00:00Z", "expiresIn: P100D");
        await ApplyAsync();
        var first = Assert.Single(_stores.Grants).ExpiresAt;

        _time.Now = _time.Now.AddDays(49);
        Assert.False((await PlanAsync()).ChangesAnything);

        _time.Now = _time.Now.AddDays(2);
        await ApplyAsync();
        Assert.Equal(first.AddDays(51), Assert.Single(_stores.Grants).ExpiresAt);
        Assert.Equal(first.AddDays(100), Assert.Single(_stores.Clients).ExpiresAt);
    }

    [Fact]
    public async Task AShorterRelativeExpiry_TakesEffectAtOnce()
    {
        Edit("grant.yaml", "expiresAt: 2026-12-01T00:00:00Z", "expiresIn: P100D");
        await ApplyAsync();
        Edit("grant.yaml", "P100D", "P10D");
        await ApplyAsync();

        Assert.Equal(_time.Now.AddDays(10), Assert.Single(_stores.Grants).ExpiresAt);
    }

    [Fact]
    public async Task ASuspension_IsNotLiftedByAFileThatSaysNothingOfTheState()
    {
        await ApplyAsync();
        await _stores.SaveClientAsync(_stores.Clients.First() with { State = ClientState.Suspended }, CancellationToken.None);

        await ApplyAsync();
        Assert.Equal(ClientState.Suspended, Assert.Single(_stores.Clients).State);

        Edit("agent.yaml", "purpose: Tests.", "purpose: Tests.\nstate: active");
        await ApplyAsync();
        Assert.Equal(ClientState.Active, Assert.Single(_stores.Clients).State);
    }

    [Fact]
    public async Task AQuarantine_IsReleasedByItsFileOrByANewDefinition_AndByNothingElse()
    {
        await ApplyAsync();
        _stores.Active = _stores.Active! with { Tools = [_stores.Active.Tools[0] with { State = ToolState.Quarantined }] };

        var plan = await PlanAsync();
        Assert.Equal(FindingRule.StillQuarantined, Assert.Single(plan.Findings).Rule);
        Assert.False(plan.ChangesAnything);

        Edit("forecast.yaml", "name: forecast", "name: forecast\n  description: Other words.");
        await ApplyAsync();
        Assert.Equal(ToolState.Active, Assert.Single(_stores.Active.Tools).State);
    }

    [Fact]
    public async Task AnOutageOnTheWay_AnnouncesWhatWasWritten_AndTheNextApplyFinishes()
    {
        _stores.IsOut = write => write.StartsWith("grant", StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => ApplyAsync());
        Assert.Equal(["publish", "client Agent", "epoch"], _stores.Writes);

        _stores.IsOut = _ => false;
        _stores.Writes.Clear();
        await ApplyAsync();
        Assert.Equal(["grant desk-agent", "epoch"], _stores.Writes);
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
        return await Publisher.PlanAsync(loaded.Content, prune, team: null, CancellationToken.None);
    }

    private async Task<long?> ApplyAsync(ApplyPlan? plan = null) => (await ResultAsync(plan)).Number;

    private async Task<ApplyResult> ResultAsync(ApplyPlan? plan = null) =>
        await Publisher.ApplyAsync(plan ?? await PlanAsync(), "Tests break nobody", null, new Progress<string>(), CancellationToken.None);
}
