using System.Text.Json;
using CloudNative.CloudEvents.SystemTextJson;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Azure.Access;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Notifying;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Catalogue.Publishing;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Notifying;
using McpServerless.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Tests.Notifying;

/// <summary>Every notice arrives, however often something fails on the way, and always as the same one.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class NoticeDispatchTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly Actor Admin = new("admin", true, []);

    private readonly Account _account = azurite.NewAccount();
    private readonly FixedTime _time = FixedTime.June2026;
    private readonly SegmentShelf _audit = new();
    private readonly UpstreamHttp _http = new(new NoCredentials(), TimeProvider.System);
    private readonly NoticeOptions _options = new();
    private WebhookReceiver _receiver = null!;
    private Ledger _ledger = null!;
    private TableNoticeStore _store = null!;

    public async Task InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        _ledger = new Ledger(_audit, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await _ledger.StartAsync(Ct);
        _store = new TableNoticeStore(_account.Open());
        AddEndpoint("ops");
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _ledger.StopAsync(Ct);
        _ledger.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task ANotice_ArrivesAsASignedCloudEvent_Once()
    {
        _options.Endpoints[0].PreviousSecret = WebhookReceiver.Secret(2);
        Assert.True(await Box().PostAsync(Notice("n1"), Ct));
        Assert.Equal(new NoticeRun(1, 0, 0, true), await RunAsync());
        Assert.Equal(new NoticeRun(0, 0, 0, true), await RunAsync());

        var received = Assert.Single(_receiver.Received);
        Assert.Equal("n1", received.Id);
        Assert.Equal(_time.Now.ToUnixTimeSeconds(), received.Timestamp);
        Assert.Equal(2, received.Signatures.Count);
        Assert.True(WebhookReceiver.IsSignedWith(received, WebhookReceiver.Secret(1)));
        Assert.True(WebhookReceiver.IsSignedWith(received, WebhookReceiver.Secret(2)));
        Assert.False(WebhookReceiver.IsSignedWith(received, WebhookReceiver.Secret(3)));
        Assert.StartsWith("application/cloudevents+json", received.ContentType, StringComparison.Ordinal);

        var read = new JsonEventFormatter().DecodeStructuredModeMessage(received.Body, new System.Net.Mime.ContentType(received.ContentType), null);
        Assert.Equal(("n1", "mcpserverless.grant.revoked", "/mcpserverless", "grants/c/s/g", (DateTimeOffset?)_time.Now), (read.Id, read.Type, read.Source?.ToString(), read.Subject, read.Time));
        Assert.True(read.IsValid);
        var data = (JsonElement)read.Data!;
        Assert.Equal("It was revoked.", data.GetProperty("summary").GetString());
        Assert.Equal("Ask for it again.", data.GetProperty("toDo").GetString());
        Assert.Equal("mcpgov grant request", data.GetProperty("command").GetString());
        Assert.Equal(NoticeState.Delivered, (await _store.FindAsync("n1", Ct))!.State);
    }

    [Fact]
    public async Task WhatWasPostedBefore_IsNotPostedAgain_WhateverItSaysNow()
    {
        Assert.True(await Box().PostAsync(Notice("n1"), Ct));
        Assert.False(await Box().PostAsync(Notice("n1") with { Summary = "Another." }, Ct));
        await RunAsync();
        Assert.False(await Box().PostAsync(Notice("n1") with { Summary = "Another." }, Ct));
        await RunAsync();
        Assert.Contains("It was revoked.", System.Text.Encoding.UTF8.GetString(Assert.Single(_receiver.Received).Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndpointThatIsDownForAWeek_MissesNothing()
    {
        _receiver.AnswerWith(503);
        for (var day = 0; day < 7; day++)
        {
            await Box().PostAsync(Notice($"n{day}"), Ct);
            for (var hour = 0; hour < 24; hour++)
            {
                _time.Now = _time.Now.AddHours(1);
                for (var run = 0; run < 3; run++) await RunAsync();
            }
        }

        Assert.All(await _store.ReadAsync(null, Ct).ToListAsync(Ct), n => Assert.Equal(NoticeState.Waiting, n.State));
        var tried = _receiver.Received.ToList();
        Assert.InRange(tried.Count(r => r.Id == "n0"), 12, 30);
        Assert.All(tried.GroupBy(r => r.Id), tries => Assert.Single(tries.Select(t => Convert.ToHexString(t.Body)).Distinct()));
        Assert.Equal(tried.Count(r => r.Id == "n0"), tried.Where(r => r.Id == "n0").Select(r => string.Join(' ', r.Signatures)).Distinct().Count());

        _receiver.AnswerWith(204);
        _time.Now = _time.Now.AddHours(15);
        var run2 = await RunAsync();
        Assert.Equal((7, 0), (run2.Sent, run2.Failed));
        Assert.All(await _store.ReadAsync(null, Ct).ToListAsync(Ct), n => Assert.Equal(NoticeState.Delivered, n.State));
        Assert.Empty(await _store.ReadDueAsync(_time.Now.AddYears(1), Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task WhatIsNeverTaken_IsADeadLetterOnRecord_ThatAnOperatorReplaysOrDrops()
    {
        _receiver.AnswerWith(500);
        await Box().PostAsync(Notice("n1"), Ct);
        await Box().PostAsync(Notice("n2"), Ct);
        for (var half = 0; half < 40; half++)
        {
            _time.Now = _time.Now.AddHours(12);
            await RunAsync();
            await RunAsync();
        }

        Assert.Equal(["n1", "n2"], await _store.ReadAsync(NoticeState.Dead, Ct).Select(n => n.Notice.NoticeId).ToListAsync(Ct));
        Assert.Equal(2, Happenings("noticeUndelivered").Count);
        _receiver.AnswerWith(200);
        Assert.Equal(0, (await RunAsync()).Sent);

        var administration = new NoticeAdministration(_store, new ChangeRecords(_ledger, _time), _time);
        Assert.Equal(ChangeProblem.NotAllowed, (await administration.ReplayAsync(new Actor("x", false, ["t"]), "n1", false, "r", Ct)).Problem);
        Assert.NotNull((await administration.ReplayAsync(Admin, "n1", false, "repaired", Ct)).Value);
        Assert.NotNull((await administration.DropAsync(Admin, "n2", "stale", Ct)).Value);
        Assert.Equal(ChangeProblem.Invalid, (await administration.DropAsync(Admin, "n2", "stale", Ct)).Problem);
        Assert.Equal(ChangeProblem.NotFound, (await administration.ReplayAsync(Admin, "n3", false, "r", Ct)).Problem);
        _time.Now = _time.Now.AddMinutes(2);
        Assert.Equal(1, (await RunAsync()).Sent);
        Assert.Equal((NoticeState.Delivered, NoticeState.Dropped), ((await _store.FindAsync("n1", Ct))!.State, (await _store.FindAsync("n2", Ct))!.State));
        Assert.Equal(2, Happenings("noticeReplayed").Count);
        Assert.Equal(2, Happenings("noticeDropped").Count);
    }

    [Fact]
    public async Task AnEndpointThatIsGone_GetsNothingMore_UntilAnOperatorSaysSo()
    {
        AddEndpoint("other");
        var gone = true;
        _receiver.Answer = context =>
        {
            context.Response.StatusCode = gone && context.Request.Path.Value!.EndsWith("ops", StringComparison.Ordinal) ? 410 : 200;
            return Task.CompletedTask;
        };
        _options.Endpoints[0].Address = new Uri(_receiver.Url, "ops");
        await Box().PostAsync(Notice("n1"), Ct);
        await RunAsync();
        Assert.Equal(NoticeState.Dead, (await _store.FindAsync("n1", Ct))!.State);
        Assert.Equal("ops", Assert.Single(await _store.ReadGoneAsync(Ct)).Name);
        Assert.Single(Happenings("noticeEndpointGone"));

        await Box().PostAsync(Notice("n2"), Ct);
        await RunAsync();
        Assert.Equal(NoticeState.Delivered, (await _store.FindAsync("n2", Ct))!.State);
        Assert.Equal(3, _receiver.Received.Count);

        gone = false;
        var administration = new NoticeAdministration(_store, new ChangeRecords(_ledger, _time), _time);
        Assert.NotNull((await administration.EnableAsync(Admin, "ops", "back", Ct)).Value);
        Assert.NotNull((await administration.ReplayAsync(Admin, "n1", false, "back", Ct)).Value);
        _time.Now = _time.Now.AddMinutes(2);
        Assert.Equal(1, (await RunAsync()).Sent);
        Assert.Equal(NoticeState.Delivered, (await _store.FindAsync("n1", Ct))!.State);
    }

    [Fact]
    public async Task ARedirection_IsNotFollowed()
    {
        _receiver.Answer = context =>
        {
            context.Response.Redirect(new Uri(_receiver.Url, "elsewhere").AbsoluteUri);
            return Task.CompletedTask;
        };
        await Box().PostAsync(Notice("n1"), Ct);
        Assert.Equal(1, (await RunAsync()).Failed);
        Assert.Single(_receiver.Received);
        Assert.Equal("It answered 302.", (await _store.FindOpenAsync("n1", Ct))!.Deliveries[0].Fault);
    }

    [Fact]
    public async Task WhatAnEndpointAsksFor_IsWaited_AndNoLongerThanTheSchedule()
    {
        _receiver.Answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = context.Request.Path.Value!.EndsWith("long", StringComparison.Ordinal) ? "9999999" : "600";
            return Task.CompletedTask;
        };
        AddEndpoint("long");
        _options.Endpoints[1].Address = new Uri(_receiver.Url, "long");
        await Box().PostAsync(Notice("n1"), Ct);
        await RunAsync();
        var open = await _store.FindOpenAsync("n1", Ct);
        Assert.Equal([_time.Now.AddSeconds(600), _time.Now.AddHours(12)], open!.Deliveries.Select(d => d.NextAt));
    }

    [Fact]
    public async Task AnEndpointThatDoesNotAnswer_IsTriedAgain()
    {
        _options.TimeoutMilliseconds = 300;
        _receiver.Answer = context => Task.Delay(TimeSpan.FromSeconds(60), TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await Box().PostAsync(Notice("n1"), Ct);
        Assert.Equal(1, (await RunAsync()).Failed);
        Assert.Equal("It did not answer in time.", (await _store.FindOpenAsync("n1", Ct))!.Deliveries[0].Fault);
    }

    [Fact]
    public async Task APrivateAddress_IsNotConnectedTo()
    {
        _options.Endpoints[0].Address = new Uri("https://10.255.255.1/hooks");
        await Box().PostAsync(Notice("n1"), Ct);
        Assert.Equal(1, (await RunAsync()).Failed);
        Assert.Equal("It cannot be reached: ConnectionError.", (await _store.FindOpenAsync("n1", Ct))!.Deliveries[0].Fault);
    }

    [Fact]
    public async Task EndpointsGetWhatTheyAskFor_AndANoticeThatNobodyAskedForIsDone()
    {
        AddEndpoint("reviews", "review.*");
        AddEndpoint("revocations", "grant.revoked");
        await Box().PostAsync(Notice("n1"), Ct);
        await Box().PostAsync(Notice("n2") with { Type = NoticeTypes.ReviewOpened }, Ct);
        Assert.Equal(4, (await RunAsync()).Sent);
        Assert.Equal(["ops", "revocations"], (await _store.FindAsync("n1", Ct))!.Deliveries.Select(d => d.Endpoint));
        Assert.Equal(["ops", "reviews"], (await _store.FindAsync("n2", Ct))!.Deliveries.Select(d => d.Endpoint));

        _options.Endpoints.Clear();
        await Box().PostAsync(Notice("n3"), Ct);
        await RunAsync();
        Assert.Equal(NoticeState.Delivered, (await _store.FindAsync("n3", Ct))!.State);
    }

    [Fact]
    public async Task TwoRunsAtOnce_DeliverOnce()
    {
        for (var i = 0; i < 20; i++) await Box().PostAsync(Notice($"n{i:D2}"), Ct);
        using var other = new Ledger(_audit, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await other.StartAsync(Ct);
        var runs = await Task.WhenAll(RunAsync(), RunAsync(other));
        await other.StopAsync(Ct);
        Assert.Equal(20, runs.Sum(r => r.Sent));
        Assert.Equal(20, _receiver.Received.Select(r => r.Id).Distinct().Count());
        Assert.Equal(20, _receiver.Received.Count);
    }

    [Fact]
    public async Task ARunThatCannotSayThatItSent_SendsTheSameAgain()
    {
        await Box().PostAsync(Notice("n1"), Ct);
        var lost = new LostRequest(Requests.Write("Notices"), times: 1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => RunAsync(store: new TableNoticeStore(_account.OpenWithoutRetries(lost))));
        _time.Now = _time.Now.AddMinutes(5);
        Assert.Equal(1, (await RunAsync()).Sent);
        Assert.Equal(["n1", "n1"], _receiver.Received.Select(r => r.Id));
        Assert.Single(_receiver.Received.Select(r => Convert.ToHexString(r.Body)).Distinct());
        Assert.Equal(NoticeState.Delivered, (await _store.FindAsync("n1", Ct))!.State);
    }

    [Fact]
    public async Task APostThatDiesBetweenItsWrites_IsMadeGoodByTheNextOne()
    {
        for (var write = 1; write <= 2; write++)
        {
            var lost = new LostRequest(Requests.Insert("Notices"), from: write, times: 1);
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await new TableNoticeStore(_account.OpenWithoutRetries(lost)).AddAsync(Notice($"n{write}"), _time.Now, Ct));
            await RunAsync();
            Assert.True(await Box().PostAsync(Notice($"n{write}"), Ct));
        }

        // What was left alone for its writer has its time over, whether or not somebody came back.
        await RunAsync();
        Assert.Equal(["n1", "n2"], _receiver.Received.Select(r => r.Id).Order(StringComparer.Ordinal));
        var never = new LostRequest(Requests.Insert("Notices"), from: 2, times: 1);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await new TableNoticeStore(_account.OpenWithoutRetries(never)).AddAsync(Notice("n3"), _time.Now, Ct));
        _time.Now = _time.Now.AddMinutes(20);
        await RunAsync();
        Assert.Empty(await _store.ReadDueAsync(_time.Now.AddYears(1), Ct).ToListAsync(Ct));
    }

    /// <summary>The process dies before or after the change; the notice tells of it exactly when it was made.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANoticeOfAChange_GoesOutExactlyWhenTheChangeWasMade(bool isMade)
    {
        var access = new TableAccessStore(_account.Open(), _time);
        var grant = new Grant { GrantId = "g", ClientId = "c", Server = "s", Tools = ["a"], ExpiresAt = _time.Now.AddDays(9), Justification = "j", Approver = "a" };
        await access.SaveGrantAsync(grant, Ct);
        var subject = new ChangeSubject("grantRevoked", "x", "r") { Notice = Notice("n1"), Proof = new NoticeProof(NoticeEvidence.GrantGone) { ClientId = "c", Server = "s", GrantId = "g" } };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => new ChangeRecords(_ledger, _time, Box()).AroundAsync(subject, grant, null, GovernanceJson.Default.Grant, async token =>
        {
            if (isMade) await access.DeleteGrantAsync(grant, token);
            throw new StoreUnavailableException("died");
        }, Ct));
        await RunAsync();
        Assert.Empty(_receiver.Received);
        _time.Now = _time.Now.AddMinutes(16);
        await RunAsync();
        await RunAsync();
        Assert.Equal(isMade ? 1 : 0, _receiver.Received.Count);
        Assert.Empty(await _store.ReadDueAsync(_time.Now.AddYears(1), Ct).ToListAsync(Ct));
        Assert.Equal(isMade, await _store.FindAsync("n1", Ct) is not null);
    }

    [Fact]
    public async Task WhatWasDeliveredLongAgo_IsForgotten_AndDeadLettersAreKept()
    {
        await Box().PostAsync(Notice("n1"), Ct);
        await RunAsync();
        _receiver.AnswerWith(410);
        await Box().PostAsync(Notice("n2"), Ct);
        await RunAsync();
        _time.Now = _time.Now.AddDays(121);
        Assert.Equal(1, await Dispatch().PurgeAsync(Ct));
        Assert.Equal(["n2"], await _store.ReadAsync(null, Ct).Select(n => n.Notice.NoticeId).ToListAsync(Ct));
    }

    private static Notice Notice(string id) => new()
    {
        NoticeId = id,
        Type = NoticeTypes.GrantRevoked,
        Subject = "grants/c/s/g",
        Time = FixedTime.June2026.Now,
        Summary = "It was revoked.",
        ToDo = "Ask for it again.",
        Command = "mcpgov grant request",
        Concerns = ["o"],
        ClientId = "c",
        Server = "s",
        GrantId = "g",
    };

    private NoticeBox Box() => new(_store, _time);

    private void AddEndpoint(string name, params string[] types)
    {
        var endpoint = new NoticeEndpoint { Name = name, Address = _receiver.Url, Secret = WebhookReceiver.Secret(1) };
        foreach (var type in types) endpoint.Types.Add(type);
        _options.Endpoints.Add(endpoint);
    }

    private Task<NoticeRun> RunAsync(Ledger? ledger = null, INoticeStore? store = null) => Dispatch(ledger, store).RunAsync(Ct);

    private NoticeDispatch Dispatch(Ledger? ledger = null, INoticeStore? store = null) => new(
        store ?? _store, new TableOutboxStore(_account.Open()), new TableAccessStore(_account.Open(), _time), new Webhook(_http, _time), ledger ?? _ledger, Options.Create(_options), _time, NullLogger<NoticeDispatch>.Instance);

    private List<JsonElement> Happenings(string happening) =>
    [
        .. _audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement)
            .Where(r => r.TryGetProperty("details", out var d) && d.TryGetProperty("happening", out var h) && h.GetString() == happening),
    ];
}
