using System.Text.Json;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Core.Tests.Notifying;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Access;

/// <summary>Access that nobody answers for ends; who is asked, what they see, and what follows from an answer.</summary>
public sealed class ReviewTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly Actor Owner = new("owner", false, []);
    private static readonly Actor Admin = new("admin", true, []);

    private readonly FixedTime _time = new(new DateTimeOffset(2026, 7, 1, 6, 5, 0, TimeSpan.Zero));
    private readonly MemoryStores _stores = new() { Active = Version };
    private readonly MemoryReviews _reviews = new();
    private readonly MemoryNotices _notices = new();
    private readonly SegmentShelf _audit = new();
    private readonly ReviewOptions _options = new();
    private Ledger _ledger = null!;

    public async Task InitializeAsync()
    {
        _ledger = new Ledger(_audit, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await _ledger.StartAsync(Ct);
        await _stores.SaveClientAsync(Client("c1", "owner", "backup"), Ct);
        await _stores.SaveClientAsync(Client("c2", "other", null), Ct);
    }

    public async Task DisposeAsync()
    {
        await _ledger.StopAsync(Ct);
        _ledger.Dispose();
    }

    [Fact]
    public async Task AQuarter_AsksAboutEveryGrantThatLasts_Once()
    {
        await SaveAsync(Grant("c1", "a"), Grant("c1", "b") with { Requester = "owner" }, Grant("c2", "a") with { Requester = "OTHER" });
        await SaveAsync(Grant("c1", "denies") with { Effect = GrantEffect.Deny }, Grant("c1", "short") with { ExpiresAt = _time.Now.AddDays(20) });
        Assert.Equal(3, (await RunAsync()).Opened);
        Assert.Equal(
            ["c1|a: owner, backup", "c1|b: backup, administrators", "c2|a: administrators, administrators"],
            _reviews.Reviews.Select(r => $"{r.ClientId}|{r.GrantId}: {r.Reviewer}, {r.Backup}"));
        Assert.All(_reviews.Reviews, r => Assert.Equal(("2026-Q3", _time.Now.AddDays(21)), (r.Campaign, r.DueBy)));
        Assert.Equal(3, Notices(NoticeTypes.ReviewOpened).Count);
        Assert.Equal(new ReviewRun(0, 0, 0, true), await RunAsync());
        Assert.Single(Done("reviewsOpened"));
        Assert.Equal(2, Done("campaignOpened").Count);
    }

    [Fact]
    public async Task Reminders_ComeOnTheirDays_AndTheBackupIsAskedAWeekBeforeTheEnd()
    {
        await SaveAsync(Grant("c1", "a"), Grant("c1", "b"));
        for (var day = 0; day < 21; day++)
        {
            await RunAsync();
            await RunAsync();
            _time.Now = _time.Now.AddDays(1);
        }

        Assert.Equal(["In 14 days", "In 7 days", "In 3 days", "In a day"], Notices(NoticeTypes.ReviewReminder).Select(n => n.Summary[(n.Summary.IndexOf("). ", StringComparison.Ordinal) + 3)..n.Summary.IndexOf(", 2026", StringComparison.Ordinal)]));
        var escalated = Assert.Single(Notices(NoticeTypes.ReviewEscalated));
        Assert.Equal(["backup", "owner"], escalated.Concerns);
        Assert.Equal(new DateTimeOffset(2026, 7, 15, 6, 5, 0, TimeSpan.Zero), escalated.Time);
        Assert.Single(Notices(NoticeTypes.ReviewOpened));
        Assert.Empty(Done("grantRevoked"));
    }

    [Fact]
    public async Task WhatNobodyAnswersFor_IsTakenAway_OnRecordAndTold()
    {
        await SaveAsync(Grant("c1", "a"), Grant("c2", "b"));
        await RunAsync();
        _time.Now = _time.Now.AddDays(20);
        await RunAsync();
        Assert.Equal(2, _stores.Grants.Count());
        Assert.NotNull((await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Keep, null, "needed", null, Ct)).Value);
        _time.Now = _time.Now.AddDays(1);
        Assert.Equal(1, (await RunAsync()).Unanswered);
        Assert.Equal("a", Assert.Single(_stores.Grants).GrantId);
        Assert.Equal("timer", Assert.Single(Done("reviewOverdue")).GetProperty("event").GetString());
        Assert.Equal("b", Assert.Single(Done("reviewOverdue")).GetProperty("grantId").GetString());
        Assert.Equal("b", Assert.Single(Done("grantRevoked")).GetProperty("grantId").GetString());
        Assert.Equal("b", Assert.Single(Notices(NoticeTypes.ReviewUnanswered)).GrantId);
        Assert.Equal(["keep: Done", "none: Done"], _reviews.Reviews.Select(r => $"{r.Answer.ToString()!.ToLowerInvariant()}: {r.State}"));
        await RunAsync();
        Assert.NotNull(_reviews.Campaigns.Single(c => c.CampaignId == "2026-Q3").ClosedAt);
    }

    [Theory]
    [InlineData("pay", 30)]
    [InlineData("find", 90)]
    [InlineData("ping", 180)]
    public async Task AnAnswerToKeep_SetsTheNextReviewBySensitivity(string tool, int days)
    {
        await SaveAsync(Grant("c1", "a") with { Tools = [tool] });
        await RunAsync();
        _time.Now = _time.Now.AddDays(3);
        var outcome = await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Keep, null, "needed", null, Ct);
        Assert.Equal((ReviewState.Done, "owner", "needed"), (outcome.Value!.State, outcome.Value.AnsweredBy, outcome.Value.Reason));
        Assert.Equal(_time.Now.AddDays(days), _stores.Grants.Single().NextReview);
        Assert.Single(Done("reviewAnswered"));
        Assert.Single(Done("grantKept"));
        Assert.Single(Notices(NoticeTypes.ReviewAnswered));
        Assert.Equal(ChangeProblem.Invalid, (await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Revoke, null, "r", null, Ct)).Problem);
    }

    [Fact]
    public async Task AnAnswerToReduce_LeavesWhatWasUsed()
    {
        await SaveAsync(Grant("c1", "a") with { Tools = ["*"] });
        await UseAsync("allowed", "find", "find", "pay");
        await UseAsync(null, "ping");
        await RunAsync();
        var sheet = await Desk.ReadAsync(Place("c1", "a"), Ct);
        Assert.Equal((3, 1, true), (sheet!.Use!.Calls, sheet.Use.Refusals, sheet.Use.IsComplete));
        Assert.Equal(new Dictionary<string, int> { ["find"] = 2, ["pay"] = 1 }, sheet.Use.Tools);
        Assert.Equal(_time.Now, sheet.Use.Last);
        Assert.Equal(["ping"], sheet.Unused);
        Assert.Equal((ReviewAnswer.Reduce, "for payments"), (sheet.Suggested, sheet.Client!.Purpose));

        Assert.NotNull((await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Reduce, null, "less will do", sheet.ETag, Ct)).Value);
        Assert.Equal(["find", "pay"], _stores.Grants.Single().Tools);
        Assert.Equal(["*"], _reviews.Reviews.Single().Grant!.Tools);
        Assert.Equal(3, _reviews.Reviews.Single().Use!.Calls);
        Assert.Single(Done("grantReduced"));
    }

    [Fact]
    public async Task WhatIsLeft_IsNoMoreThanTheGrantAllowed_AndNotGuessedFromAPart()
    {
        await SaveAsync(Grant("c1", "a") with { Tools = ["f*"] }, Grant("c1", "idle"));
        await UseAsync("allowed", "find");
        await RunAsync();
        Assert.Equal(ChangeProblem.Invalid, (await Answers.AnswerAsync(Owner, Place("c1", "idle"), ReviewAnswer.Reduce, null, "r", null, Ct)).Problem);
        Assert.Equal(ReviewAnswer.Revoke, (await Desk.ReadAsync(Place("c1", "idle"), Ct))!.Suggested);
        Assert.Equal(ChangeProblem.Invalid, (await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Reduce, new ReducedGrant(["pay"], [], []), "r", null, Ct)).Problem);
        _options.MaxRecords = 1;
        Assert.Equal(ChangeProblem.Invalid, (await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Reduce, null, "r", null, Ct)).Problem);
        Assert.Null((await Desk.ReadAsync(Place("c1", "a"), Ct))!.Suggested);
        Assert.NotNull((await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Reduce, new ReducedGrant(["find"], [], []), "r", null, Ct)).Value);
        Assert.Equal(["find"], _stores.Grants.Single(g => g.GrantId == "a").Tools);
    }

    [Fact]
    public async Task OnlyThoseWhoAnswerForTheClientAnswer_AndNobodyKeepsWhatTheyAskedFor()
    {
        await SaveAsync(Grant("c1", "a") with { Requester = "owner" }, Grant("c1", "b") with { Requester = "admin" });
        await RunAsync();
        Assert.Equal(ChangeProblem.NotAllowed, (await AnswerAsync(new Actor("nobody", false, ["other-team"]), "a", ReviewAnswer.Revoke)).Problem);
        Assert.Equal(ChangeProblem.NotAllowed, (await AnswerAsync(Owner, "a", ReviewAnswer.Keep)).Problem);
        Assert.Equal(ChangeProblem.NotAllowed, (await AnswerAsync(Owner, "a", ReviewAnswer.Reduce)).Problem);
        Assert.Equal(ChangeProblem.NotAllowed, (await AnswerAsync(Admin, "b", ReviewAnswer.Keep)).Problem);
        Assert.Equal(ChangeProblem.Invalid, (await AnswerAsync(Owner, "a", ReviewAnswer.None)).Problem);
        Assert.Equal(ChangeProblem.NotFound, (await AnswerAsync(Owner, "c", ReviewAnswer.Keep)).Problem);
        Assert.Equal(ChangeProblem.Conflict, (await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Revoke, null, "r", "stale", Ct)).Problem);
        Assert.NotNull((await AnswerAsync(Owner, "a", ReviewAnswer.Revoke)).Value);
        Assert.NotNull((await AnswerAsync(new Actor("backup", false, []), "b", ReviewAnswer.Keep)).Value);
        Assert.Equal("b", Assert.Single(_stores.Grants).GrantId);
    }

    [Fact]
    public async Task OfAnAnswerAndTheEnd_WhicheverComesFirstCounts()
    {
        await SaveAsync(Grant("c1", "a"));
        await RunAsync();
        _time.Now = _time.Now.AddDays(22);
        var run = 0;
        _reviews.BeforeWrite = () =>
        {
            if (run++ > 0) return;
            Assert.NotNull(AnswerAsync(Owner, "a", ReviewAnswer.Keep).GetAwaiter().GetResult().Value);
        };
        await RunAsync();
        Assert.Single(_stores.Grants);
        Assert.Equal(ReviewAnswer.Keep, _reviews.Reviews.Single().Answer);
        Assert.Empty(Notices(NoticeTypes.ReviewUnanswered));
    }

    [Fact]
    public async Task AGrantWhoseOwnDateHasCome_IsAskedAboutInItsMonth_AndNotAgainByTheQuarter()
    {
        _time.Now = new DateTimeOffset(2026, 9, 20, 6, 5, 0, TimeSpan.Zero);
        await SaveAsync(Grant("c1", "a") with { NextReview = _time.Now.AddHours(-1) }, Grant("c1", "b") with { NextReview = _time.Now.AddDays(40) });
        Assert.Equal(1, (await RunAsync()).Opened);
        Assert.Equal(("due-2026-09", "a"), (_reviews.Reviews.Single().Campaign, _reviews.Reviews.Single().GrantId));
        Assert.NotNull((await Answers.AnswerAsync(Owner, new ReviewPlace("due-2026-09", "c1", "s", "a"), ReviewAnswer.Keep, null, "r", null, Ct)).Value);
        _time.Now = new DateTimeOffset(2026, 10, 1, 6, 5, 0, TimeSpan.Zero);
        Assert.Equal(1, (await RunAsync()).Opened);
        Assert.Equal(("2026-Q4", "b"), (_reviews.Reviews.Last(r => r.State == ReviewState.Open).Campaign, _reviews.Reviews.Last(r => r.State == ReviewState.Open).GrantId));
        Assert.NotNull(_reviews.Campaigns.Single(c => c.CampaignId == "due-2026-09").ClosedAt);
    }

    [Fact]
    public async Task ACampaignIsFilledInBoundedRuns_ThatGoOn()
    {
        for (var i = 0; i < 250; i++) await SaveAsync(Grant($"d{i / 10:D2}", $"g{i}"));
        _options.MaxPerRun = 100;
        var runs = new List<ReviewRun>();
        do runs.Add(await RunAsync());
        while (!runs[^1].IsComplete);
        Assert.Equal(2, runs.Count);
        Assert.Equal(250, runs.Sum(r => r.Opened));
        Assert.True(_reviews.Campaigns.Single(c => c.CampaignId == "2026-Q3").IsFilled);
    }

    [Fact]
    public async Task AGrantThatEndedOrIsGone_IsNotTakenAwayAgain()
    {
        await SaveAsync(Grant("c1", "gone"));
        await RunAsync();
        await _stores.DeleteGrantAsync(Grant("c1", "gone"), Ct);
        _time.Now = _time.Now.AddDays(22);
        Assert.Equal(0, (await RunAsync()).Unanswered);
        Assert.Equal(ReviewState.Lapsed, _reviews.Reviews.Single().State);
        Assert.Empty(Notices(NoticeTypes.ReviewUnanswered));
    }

    /// <summary>A quarter from its opening to its end, with every run cut off after so many writes, and again.</summary>
    [Fact]
    public async Task RunsThatDieBetweenAnyTwoWrites_EndAsThoseThatDoNot()
    {
        var rounds = 0;
        for (var survive = 0; survive < 40; survive++)
        {
            await DisposeAsync();
            var quarter = new ReviewTests();
            await quarter.InitializeAsync();
            if (!await quarter.CutOffAsync(survive)) rounds++;
            await quarter.DisposeAsync();
            if (rounds > 3) break;
        }

        Assert.InRange(rounds, 1, 4);
        await InitializeAsync();
    }

    private async Task<bool> CutOffAsync(int survive)
    {
        await SaveAsync(Grant("c1", "a"), Grant("c1", "b"), Grant("c2", "c"));
        var cut = false;
        for (var day = 0; day <= 24; day++)
        {
            // The days on which most is written.
            if (day is 0 or 7 or 21)
            {
                var left = survive;
                void Count()
                {
                    if (left-- > 0) return;
                    cut = true;
                    throw new StoreUnavailableException("died");
                }

                _reviews.BeforeWrite = Count;
                _stores.IsOut = _ => left-- <= 0 && (cut = true);
                _notices.BeforeWrite = Count;
                try
                {
                    await RunAsync();
                }
                catch (StoreUnavailableException)
                {
                    // The next one goes on.
                }

                (_reviews.BeforeWrite, _stores.IsOut, _notices.BeforeWrite) = (() => { }, _ => false, () => { });
            }

            await RunAsync();
            if (day == 8)
            {
                Assert.NotNull((await AnswerAsync(Owner, "a", ReviewAnswer.Keep)).Value);
            }

            _time.Now = _time.Now.AddDays(1);
        }

        Assert.Equal("a", Assert.Single(_stores.Grants).GrantId);
        Assert.Equal(["b", "c"], Notices(NoticeTypes.ReviewUnanswered).Select(n => n.GrantId!).Order(StringComparer.Ordinal));
        Assert.Equal(["other", "owner"], Notices(NoticeTypes.ReviewOpened).SelectMany(n => n.Concerns).Order(StringComparer.Ordinal));
        Assert.Equal(["b", "c"], Records("grantRevoked").Select(r => r.GetProperty("grantId").GetString()!).Distinct().Order(StringComparer.Ordinal));
        Assert.All(_reviews.Reviews, r => Assert.Equal(ReviewState.Done, r.State));
        return cut;
    }

    [Fact]
    public async Task AReport_HasEveryAnswerWithWhatItWasGivenOn_AndNoMarkupOfOthers()
    {
        await SaveAsync(Grant("c1", "a"), Grant("c1", "b"), Grant("c2", "c"));
        await UseAsync("allowed", "find");
        await RunAsync();
        await Answers.AnswerAsync(Owner, Place("c1", "a"), ReviewAnswer.Keep, null, "<script>alert(1)</script>", null, Ct);
        await Answers.AnswerAsync(Owner, Place("c1", "b"), ReviewAnswer.Revoke, null, "old", null, Ct);
        _time.Now = _time.Now.AddDays(22);
        await RunAsync();
        var report = await CampaignReport.MakeAsync(_reviews, "2026-Q3", _time.Now, Ct);
        Assert.Equal((1, 0, 1, 1, 0, 0), (report!.Counts["keep"], report.Counts["reduce"], report.Counts["revoke"], report.Counts["unanswered"], report.Counts["lapsed"], report.Counts["open"]));
        var html = report.ToHtml();
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
        Assert.Contains("1 calls, 0 refused", html, StringComparison.Ordinal);
        Assert.DoesNotContain("://", html, StringComparison.Ordinal);
        Assert.Null(await CampaignReport.MakeAsync(_reviews, "2026-Q9", _time.Now, Ct));
    }

    private ChangeRecords Changes => new(_ledger, _time, new NoticeBox(_notices, _time));

    private ReviewOutcomes Outcomes => new(_reviews, _stores, _stores, Changes, _time);

    private GrantUseSurvey Survey => new(_audit, Options.Create(_options), _time);

    private ReviewAnswers Answers => new(_reviews, _stores, Survey, Outcomes, Changes, Options.Create(_options), _time);

    private ReviewDesk Desk => new(_reviews, _stores, _stores, Survey);

    private Task<ReviewRun> RunAsync() => new ReviewCampaigns(
        _reviews, _stores, _stores, _stores, _stores, Outcomes, Changes, new NoticeBox(_notices, _time), Options.Create(_options), _time, NullLogger<ReviewCampaigns>.Instance).RunAsync(Ct);

    private Task<ChangeOutcome<Review>> AnswerAsync(Actor actor, string grant, ReviewAnswer answer) => Answers.AnswerAsync(actor, Place("c1", grant), answer, null, "r", null, Ct);

    private async Task SaveAsync(params Grant[] grants)
    {
        foreach (var grant in grants) await _stores.SaveGrantAsync(grant, Ct);
    }

    /// <summary>Calls of grant a of c1; of what is refused where the tool that is allowed is null.</summary>
    private async Task UseAsync(string? allowed, params string[] tools)
    {
        foreach (var tool in tools)
        {
            Assert.True(await _ledger.AppendAsync(
                new AuditRecord
                {
                    RecordId = Guid.NewGuid(),
                    RequestId = Guid.NewGuid(),
                    Time = _time.Now,
                    Event = AuditEvent.Outcome,
                    ClientId = "c1",
                    Server = "s",
                    Tool = tool,
                    Method = "tools/call",
                    Decision = allowed is null ? "refused" : "allowed",
                    GrantId = allowed is null ? null : "a",
                },
                Ct));
        }
    }

    private List<Notice> Notices(string type) => [.. _notices.Stored.Values.Select(s => s.Notice).Where(n => n.Type == type).OrderBy(n => n.Time)];

    private List<JsonElement> Records(string happening) =>
    [
        .. _audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement)
            .Where(r => r.TryGetProperty("details", out var d) && d.TryGetProperty("happening", out var h) && h.GetString() == happening),
    ];

    private List<JsonElement> Done(string happening) => [.. Records(happening).Where(r => r.GetProperty("details").GetProperty("ending").GetString() == "done")];

    private static ReviewPlace Place(string client, string grant) => new("2026-Q3", client, "s", grant);

    private Client Client(string id, string owner, string? backup) =>
        new() { TenantId = "t", ClientId = id, DisplayName = id, Owner = owner, BackupOwner = backup, Purpose = "for payments", State = ClientState.Active, ExpiresAt = _time.Now.AddDays(300) };

    private Grant Grant(string client, string id) => new() { GrantId = id, ClientId = client, Server = "s", Tools = ["find"], ExpiresAt = _time.Now.AddDays(200), Justification = "j", Approver = "a" };

    private static CatalogueVersion Version { get; } = new()
    {
        Number = 1,
        Upstreams = [new Upstream { Name = "u", Url = new Uri("https://u.example.org/mcp") }],
        Tools = [Tool("pay", Sensitivity.High), Tool("find", Sensitivity.Medium), Tool("ping", Sensitivity.Low)],
        Servers = [new VirtualServer { Name = "s", Tools = [new FeatureSelection { Upstream = "u", Names = ["*"] }] }],
    };

    private static ToolContract Tool(string name, Sensitivity sensitivity) => new()
    {
        Upstream = "u",
        Name = name,
        Definition = JsonDocument.Parse($$"""{"name":"{{name}}","inputSchema":{"type":"object"} }""").RootElement,
        Hash = "h",
        Version = "1",
        Team = "t",
        Sensitivity = sensitivity,
    };
}
