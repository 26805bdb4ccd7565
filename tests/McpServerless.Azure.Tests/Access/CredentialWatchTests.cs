using System.Text.Json;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Credentials;
using McpServerless.Audit;
using McpServerless.Azure.Access;
using McpServerless.Azure.Notifying;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Tests.Access;

/// <summary>What is told of credentials and owners, and that nothing follows from a directory that does not answer.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class CredentialWatchTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly Account _account = azurite.NewAccount();
    private readonly FixedTime _time = FixedTime.June2026;
    private readonly SegmentShelf _audit = new();
    private readonly CredentialWatchOptions _options = new() { Watch = true };
    private FakeGraph _graph = null!;
    private Ledger _ledger = null!;
    private TableAccessStore _access = null!;
    private TableNoticeStore _notices = null!;

    public async Task InitializeAsync()
    {
        _graph = await FakeGraph.StartAsync();
        _ledger = new Ledger(_audit, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await _ledger.StartAsync(Ct);
        _access = new TableAccessStore(_account.Open(), _time);
        _notices = new TableNoticeStore(_account.Open());
        _graph.Users["owner@contoso.example"] = new GraphUser("owner@contoso.example", true);
        _graph.Users["backup@contoso.example"] = new GraphUser("backup@contoso.example", true);
    }

    public async Task DisposeAsync()
    {
        await _graph.DisposeAsync();
        await _ledger.StopAsync(Ct);
        _ledger.Dispose();
    }

    [Fact]
    public async Task ASecret_IsToldOf_30_14_7AndOneDaysBefore_AndWhenItEnded()
    {
        var application = await AddAsync("a");
        application.Secrets.Add(("k1", _time.Now.AddDays(-60), _time.Now.AddDays(40)));
        application.Certificates.Add(("k2", _time.Now.AddDays(-400), _time.Now.AddDays(-90)));
        for (var day = 0; day < 60; day++)
        {
            Assert.True((await RunAsync()).IsComplete);
            Assert.Equal(0, (await RunAsync()).Looked);
            _time.Now = _time.Now.AddDays(1);
        }

        var told = await ToldAsync();
        Assert.Equal(["within 30 days", "within 14 days", "within 7 days", "within a day"], told.Where(n => n.Type == NoticeTypes.CredentialExpiring).OrderBy(n => n.Time).Select(n => n.Summary[n.Summary.IndexOf("within", StringComparison.Ordinal)..n.Summary.IndexOf(". From", StringComparison.Ordinal)]));
        Assert.Equal("clients/a/credentials/k1", Assert.Single(told, n => n.Type == NoticeTypes.CredentialExpired).Subject);
        Assert.Equal(5, told.Count);
        Assert.Equal(4, Records("credentialExpiring").Count);
        Assert.Equal("a", Assert.Single(Records("credentialExpired")).GetProperty("details").GetProperty("clientId").GetString());
        Assert.Empty(_graph.Mistakes);
    }

    [Fact]
    public async Task WhatLivesTooLong_HasNoOwner_OrTrustsSomebodyElse_IsToldOfOnceAMonth()
    {
        _options.TrustedIssuers.Add("https://token.actions.githubusercontent.com");
        var application = await AddAsync("a");
        application.Secrets.Add(("k1", _time.Now.AddDays(-10), _time.Now.AddDays(720)));
        application.Certificates.Add(("k2", _time.Now.AddDays(-10), _time.Now.AddDays(170)));
        application.Issuers.AddRange([("one", "https://token.actions.githubusercontent.com"), ("two", "https://evil.example"), ("three", "https://token.actions.githubusercontent.com")]);
        application.Owners.Clear();
        await RunAsync();
        _time.Now = _time.Now.AddDays(1);
        await RunAsync();
        Assert.Equal(["credential.issuer", "credential.owner", "credential.tooLong"], (await ToldAsync()).Select(n => n.Type).Order(StringComparer.Ordinal));
        Assert.Equal("clients/a/credentials/two", (await ToldAsync()).Single(n => n.Type == NoticeTypes.CredentialIssuer).Subject);
        _time.Now = _time.Now.AddMonths(1);
        await RunAsync();
        Assert.Equal(6, (await ToldAsync()).Count);
        Assert.Empty(_graph.Mistakes);
    }

    [Fact]
    public async Task AnOwnerThatEntraDoesNotKnow_OrHasDisabled_IsNamed()
    {
        await AddAsync("a", owner: "left@contoso.example");
        _graph.Users["backup@contoso.example"] = new GraphUser("backup@contoso.example", false);
        await AddAsync("b", backup: null);
        await RunAsync();
        Assert.Equal(
            ["backup@contoso.example, registered as owner of client a (a), is disabled in Entra. Nobody else stands behind the client.", "left@contoso.example, registered as owner of client a (a), is no user that Entra knows. Nobody else stands behind the client."],
            (await ToldAsync()).Select(n => n.Summary).Order(StringComparer.Ordinal));
        Assert.Equal(ClientState.Active, (await _access.FindClientAsync("t", "a", Ct))!.State);
        _options.SuspendWithoutOwner = true;
        _time.Now = _time.Now.AddDays(1);
        Assert.Equal(1, (await RunAsync()).Suspended);
        Assert.Equal((ClientState.Suspended, ClientState.Active), ((await _access.FindClientAsync("t", "a", Ct))!.State, (await _access.FindClientAsync("t", "b", Ct))!.State));
        Assert.Equal("credentials", (await _access.FindClientAsync("t", "a", Ct))!.History[^1].By);
        Assert.Single(await ToldAsync(NoticeTypes.ClientSuspended));
        _time.Now = _time.Now.AddDays(1);
        Assert.Equal(0, (await RunAsync()).Suspended);
    }

    [Fact]
    public async Task AnOwnerOfWhomEntraDoesNotSayWhetherTheyAreEnabled_IsLeftAlone()
    {
        _options.SuspendWithoutOwner = true;
        _graph.Users["owner@contoso.example"] = new GraphUser("owner@contoso.example", null);
        await AddAsync("a", backup: null);
        Assert.Equal((1, 0, 0), ((await RunAsync()) is var run ? run.Looked : 0, run.Told, run.Suspended));
    }

    [Fact]
    public async Task AManagedIdentity_HasNothingToRenew_AndAnUnknownApplicationIsNamed()
    {
        await AddAsync("managed");
        await AddAsync("unknown");
        _graph.Applications.Clear();
        _graph.ManagedIdentities.Add("managed");
        var run = await RunAsync();
        Assert.Equal((2, 1), (run.Looked, run.Told));
        Assert.Equal("unknown", (await ToldAsync()).Single().ClientId);
        Assert.Equal(ClientState.Active, (await _access.FindClientAsync("t", "unknown", Ct))!.State);
        Assert.Empty(_graph.Mistakes);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task ADirectoryThatDoesNotAnswerForADay_ChangesNothing_AndIsAskedAgainWhereItStopped(int status)
    {
        _options.SuspendWithoutOwner = _options.SuspendTooLong = _options.SuspendUnused = true;
        foreach (var id in (string[])["a", "b", "c"]) await AddAsync(id);
        var answered = 0;
        _graph.Fault = context => context.Request.Path.Value!.Contains("applications(appId", StringComparison.Ordinal) && ++answered > 1 ? status : null;
        var run = await RunAsync();
        Assert.Equal((1, 0, 0, false), (run.Looked, run.Told, run.Suspended, run.IsComplete));
        _time.Now = _time.Now.AddHours(20);
        var again = await RunAsync();
        Assert.Equal((0, 0, 0, false), (again.Looked, again.Told, again.Suspended, again.IsComplete));

        Assert.All(await _access.ReadClientsAsync(Ct).ToListAsync(Ct), c => Assert.Equal(ClientState.Active, c.State));
        Assert.Empty(await ToldAsync());
        _graph.Fault = _ => null;
        run = await RunAsync();
        Assert.Equal((2, true), (run.Looked, run.IsComplete));
    }

    [Fact]
    public async Task WhatGraphAsksToWait_IsWaited_WithinTheTimeOfAClient()
    {
        await AddAsync("a");
        var refused = 0;
        _graph.Fault = context =>
        {
            if (++refused > 2) return null;
            context.Response.Headers.RetryAfter = "1";
            return 429;
        };
        Assert.True((await RunAsync()).IsComplete);
        Assert.Equal(7, _graph.Requests);

        _time.Now = _time.Now.AddDays(1);
        _options.SecondsPerClient = 1;
        _graph.Fault = context =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return 429;
        };
        Assert.False((await RunAsync()).IsComplete);
        Assert.Equal(8, _graph.Requests);
    }

    [Fact]
    public async Task OwnersAreReadPageByPage_AndNoPageLeadsElsewhere()
    {
        var application = await AddAsync("a");
        application.Owners.AddRange(Enumerable.Range(0, 5).Select(i => new GraphUser($"u{i}", true)));
        var graph = new GraphDirectory(new Uri("https://graph.microsoft.com"), new FakeGraph.Identity(), _graph.Transport());
        Assert.Equal(6, (await graph.FindApplicationAsync("a", Ct))!.Owners.Count);
        _graph.NextHost = "https://graph.microsoft.com.evil.example";
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await graph.FindApplicationAsync("a", Ct));
        _graph.NextHost = "http://graph.microsoft.com";
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await graph.FindApplicationAsync("a", Ct));
        Assert.Empty(_graph.Mistakes);
    }

    [Fact]
    public async Task AClientThatHasNotCalledFor90Days_IsUnused_AndOneThatIsNewIsNot()
    {
        await AddAsync("idle");
        await AddAsync("busy");
        Assert.Equal(0, (await RunAsync()).Told);
        _time.Now = _time.Now.AddDays(60);
        await UseAsync("busy");
        await AddAsync("new");
        await RunAsync();
        _time.Now = _time.Now.AddDays(31);
        _options.SuspendUnused = true;
        var run = await RunAsync();
        Assert.Equal((1, 1), (run.Told, run.Suspended));
        Assert.Equal("idle", Assert.Single(await ToldAsync(NoticeTypes.ClientUnused)).ClientId);

        // What is recorded of it is not its use.
        Assert.Equal(ClientState.Suspended, (await _access.FindClientAsync("t", "idle", Ct))!.State);
        _time.Now = _time.Now.AddMonths(1);
        Assert.Equal("idle", (await RunAsync()) is { Told: 1 } ? (await ToldAsync(NoticeTypes.ClientUnused)).Last().ClientId : "");
    }

    [Fact]
    public async Task ARunDoesNoMoreThanItsBound_AndTheNextGoesOn()
    {
        for (var i = 0; i < 5; i++) await AddAsync($"c{i}");
        _options.MaxPerRun = 2;
        var looked = new List<int>();
        for (var run = 0; run < 4; run++) looked.Add((await RunAsync()).Looked);
        Assert.Equal([2, 2, 1, 0], looked);
    }

    private async Task<GraphApplication> AddAsync(string id, string owner = "owner@contoso.example", string? backup = "backup@contoso.example")
    {
        await _access.SaveClientAsync(new Client { TenantId = "t", ClientId = id, DisplayName = id, Owner = owner, BackupOwner = backup, Purpose = "p", State = ClientState.Active, ExpiresAt = _time.Now.AddDays(360) }, Ct);
        var application = new GraphApplication($"object-{id}");
        application.Owners.Add(new GraphUser("somebody", true));
        _graph.Applications[id] = application;
        return application;
    }

    private async Task UseAsync(string client) => Assert.True(await _ledger.AppendAsync(
        new AuditRecord { RecordId = Guid.NewGuid(), RequestId = Guid.NewGuid(), Time = _time.Now, Event = AuditEvent.Outcome, ClientId = client, Server = "s", Decision = "allowed" }, Ct));

    private async Task<List<Notice>> ToldAsync(string? type = null) => await _notices.ReadAsync(null, Ct).Select(n => n.Notice).Where(n => type is null || n.Type == type).OrderBy(n => n.Time).ToListAsync(Ct);

    private Task<CredentialRun> RunAsync()
    {
        var box = new NoticeBox(_notices, _time);
        var changes = new ChangeRecords(_ledger, _time, box);
        return new CredentialWatch(
            new GraphDirectory(_options.GraphEndpoint, new FakeGraph.Identity(), _graph.Transport()),
            new TableCredentialStore(_account.Open()),
            _access,
            new ClientAdministration(_access, _access, changes, _time),
            _audit,
            _ledger,
            box,
            Options.Create(_options),
            _time,
            NullLogger<CredentialWatch>.Instance).RunAsync(Ct);
    }

    private List<JsonElement> Records(string happening) =>
    [
        .. _audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement)
            .Where(r => r.TryGetProperty("details", out var d) && d.TryGetProperty("happening", out var h) && h.GetString() == happening),
    ];
}
