using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Credentials;
using McpServerless.Access.Expiring;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Azure.Access;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Catalogue;
using McpServerless.Azure.Notifying;
using McpServerless.Azure.Storage;
using McpServerless.Azure.Tests.Notifying;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Notifying;
using McpServerless.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit.Abstractions;

namespace McpServerless.Azure.Tests.Access;

/// <summary>
/// A year of all timers of access on an emulator, every day with a process that dies at a random write, and often with two at once. At its end nobody has what ended or what nobody answered for, every
/// revocation has its record and its notice, and no notice came with two contents.
/// </summary>
/// <remarks><c>MCPSERVERLESS_YEAR_CLIENTS</c> says how many clients there are, each with five grants; above 100 a process dies before each run of each timer. <c>MCPSERVERLESS_YEAR_LOG</c> is a file that grows by a line every ten days, since a runner of tests shows nothing of one that goes on.</remarks>
public sealed class YearOfTimersTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int GrantsPerClient = 5;

    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly int Clients = int.Parse(Environment.GetEnvironmentVariable("MCPSERVERLESS_YEAR_CLIENTS") ?? "8", CultureInfo.InvariantCulture);

    private static readonly bool EveryRunDies = Clients > 100;

    private readonly FixedTime _time = new(new DateTimeOffset(2026, 1, 1, 4, 30, 0, TimeSpan.Zero));
    private readonly Random _random = new(20260101);
    private readonly UpstreamHttp _http = new(new NoCredentials(), TimeProvider.System);
    private readonly NoticeOptions _noticeOptions = new() { MaxPerRun = 10_000 };
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, int>> _contents = new();
    private readonly Dictionary<string, int> _writes = [];
    private readonly Dictionary<(string Client, string Grant), DateTimeOffset> _given = [];
    private Testing.Azurite _azurite = null!;
    private Account _account = null!;
    private WebhookReceiver _receiver = null!;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Dictionary<string, TimeSpan> _took = [];
    private int _deaths;
    private int _runs;
    private int _answers;
    private int _replayed;

    public async Task InitializeAsync()
    {
        _azurite = await Testing.Azurite.StartAsync();
        _account = new Account(_azurite.ConnectionString);
        _receiver = await WebhookReceiver.StartAsync();
        _receiver.Answer = context =>
        {
            // Down for a week in spring, and else now and then.
            var isDown = _time.Now is { Month: 4, Day: > 6 and < 14 } || Random.Shared.Next(20) == 0;
            context.Response.StatusCode = isDown ? 503 : 204;
            return Task.CompletedTask;
        };
        _noticeOptions.Endpoints.Add(new NoticeEndpoint { Name = "ops", Address = _receiver.Url, Secret = WebhookReceiver.Secret(1) });
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _azurite.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task AYearOfTimersThatDie_LeavesNoAccessThatEnded_NoRevocationWithoutRecordAndNotice_AndNoIdWithTwoContents()
    {
        await PrepareAsync();
        for (var day = 0; day < 365; day++)
        {
            var counter = new DyingProcess(int.MaxValue, false);
            await using (var process = await Process.StartAsync(this, counter, lives: true))
            {
                await TimeAsync("people", () => ActAsync(process, day));
                var dies = _random.Next(Timers.Length);
                for (var i = 0; i < Timers.Length; i++)
                {
                    var timer = Timers[i];
                    if (EveryRunDies || i == dies) await TimeAsync("deaths", () => DieAsync(timer));
                    var before = counter.Writes;
                    var isTwice = _random.Next(10) == 0;
                    await TimeAsync(timer.Name, () => isTwice ? Task.WhenAll(RunAsync(timer, process), RunAloneAsync(timer)) : RunAsync(timer, process));
                    _writes[timer.Name] = Math.Max(6, Math.Max(counter.Writes - before, _writes.GetValueOrDefault(timer.Name) / 2));
                }
            }

            TakeDeliveries();
            await TimeAsync("checks", CheckTodayAsync);
            if (day % 10 == 0) ShowProgress(day);
            _time.Now = _time.Now.AddDays(1);
        }

        await CheckYearAsync();
    }

    private async Task TimeAsync(string what, Func<Task> act)
    {
        var start = _watch.Elapsed;
        await act();
        _took[what] = _took.GetValueOrDefault(what) + _watch.Elapsed - start;
    }

    private void ShowProgress(int day)
    {
        if (Environment.GetEnvironmentVariable("MCPSERVERLESS_YEAR_LOG") is { } file) File.AppendAllText(file, string.Create(CultureInfo.InvariantCulture, $"day {day} after {_watch.Elapsed:hh\\:mm\\:ss}: {_runs} runs, {_deaths} deaths, {_answers} answers; {string.Join(", ", _took.Select(t => $"{t.Key} {t.Value.TotalSeconds:F0} s"))}\n"));
    }

    /// <summary>A process that dies at some write, before or after the store has it.</summary>
    private async Task DieAsync((string Name, Func<Process, Task<bool>> Run) timer)
    {
        var fault = new DyingProcess(_random, Math.Max(6, _writes.GetValueOrDefault(timer.Name)));
        try
        {
            await using var process = await Process.StartAsync(this, fault);
            await RunAsync(timer, process);
        }
        catch (StoreUnavailableException)
        {
            // The next one goes on.
        }

        if (fault.IsDead) _deaths++;
    }

    private async Task RunAloneAsync((string Name, Func<Process, Task<bool>> Run) timer)
    {
        await using var process = await Process.StartAsync(this, null);
        await RunAsync(timer, process);
    }

    private async Task RunAsync((string Name, Func<Process, Task<bool>> Run) timer, Process process)
    {
        Interlocked.Increment(ref _runs);
        while (!await timer.Run(process))
        {
            // Bounded runs, one after another.
        }
    }

    private static (string Name, Func<Process, Task<bool>> Run)[] Timers { get; } =
    [
        ("expireAccess", async p => (await p.Expiry.ExpireAsync(Ct)).IsComplete),
        ("announceEnds", async p => await p.Ends.AnnounceAsync(Ct) >= 0),
        ("runReviews", async p => (await p.Campaigns.RunAsync(Ct)).IsComplete),
        ("watchCredentials", async p => (await p.Watch.RunAsync(Ct)).IsComplete),
        ("notices", async p => (await p.Dispatch.RunAsync(Ct)).IsComplete),
        ("purgeExpired", async p => (await p.Expiry.PurgeAsync(Ct)).IsComplete),
    ];

    private async Task PrepareAsync()
    {
        await using var process = await Process.StartAsync(this, null);
        await process.Catalogues.PublishAsync(Version, 0, Ct);
        for (var i = 0; i < Clients; i++)
        {
            await process.Access.SaveClientAsync(
                new Client
                {
                    TenantId = "t",
                    ClientId = $"c{i:D4}",
                    DisplayName = $"agent {i}",
                    Owner = $"owner{i % Math.Max(1, Clients / 4)}",
                    BackupOwner = i % 3 == 0 ? null : $"backup{i % 7}",
                    Purpose = "p",
                    State = ClientState.Active,
                    ExpiresAt = _time.Now.AddDays(_random.Next(40, 366)),
                },
                Ct);
            for (var g = 0; g < GrantsPerClient; g++)
            {
                await GiveAsync(process, new Grant
                {
                    GrantId = $"g{g}",
                    ClientId = $"c{i:D4}",
                    Server = "s",
                    Tools = [new[] { "pay", "find", "ping" }[_random.Next(3)]],
                    Requester = g == 0 ? $"owner{i % Math.Max(1, Clients / 4)}" : null,
                    Effect = g == 4 && i % 10 == 0 ? GrantEffect.Deny : GrantEffect.Allow,
                    ExpiresAt = _time.Now.AddDays(_random.Next(20, 366)),
                    NextReview = _time.Now.AddDays(new[] { 30, 90, 180 }[_random.Next(3)]),
                    Justification = "j",
                    Approver = "a",
                });
            }
        }
    }

    /// <summary>What people do on a day: renew some of what ends, answer some reviews, take something away.</summary>
    private async Task ActAsync(Process process, int day)
    {
        await foreach (var client in process.Access.ReadClientsAsync(Ct))
        {
            if (client.State == ClientState.Active && client.ExpiresAt < _time.Now.AddDays(3) && client.ExpiresAt > _time.Now && _random.Next(2) == 0) await process.Access.SaveClientAsync(client with { ExpiresAt = _time.Now.AddDays(200) }, Ct);
        }

        await foreach (var (grant, _) in process.Access.ReadEndedGrantsAsync(_time.Now.AddDays(2), Ct))
        {
            if (grant.ExpiresAt > _time.Now && _random.Next(2) == 0) await GiveAsync(process, grant with { ExpiresAt = _time.Now.AddDays(150) });
        }

        // A fifth is never answered; the others within twenty days, some by a process that dies.
        var fates = (await process.Desk.ListAsync(null, null, ReviewState.Open, Ct)).Select(r => (Review: r.Value, Fate: FateOf(r.Value), DiesAt: _random.Next(4) > 0 ? 0 : _random.Next(1, 13)));
        var answered = fates.Where(r => r.Fate % 5 != 0 && (_time.Now - r.Review.OpenedAt).TotalDays >= r.Fate % 20).ToList();
        await Parallel.ForEachAsync(answered, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (r, _) => await AnswerAsync(process, r.Review, r.Fate % 5 == 1 ? ReviewAnswer.Revoke : ReviewAnswer.Keep, r.DiesAt));

        // Once a week an operator sends again what the webhook did not take in all its days.
        if (day % 7 == 6) await ReplayAsync(process);

        if (day % 5 != 0) return;
        var victim = $"c{_random.Next(Clients):D4}";
        if ((await ((IAccessEditor)process.Access).ReadGrantsAsync(victim, Ct)).FirstOrDefault(g => g.Value.Effect == GrantEffect.Allow && !g.Value.EndRecorded) is not { } taken) return;
        var cut = new DyingProcess(_random, 10);
        await using var admin = await Process.StartAsync(this, cut);
        try
        {
            await admin.Grants.RevokeAsync(new Actor("admin", true, []), victim, taken.Value.GrantId, "no longer", null, Ct);
        }
        catch (StoreUnavailableException)
        {
            _deaths++;
        }
    }

    private async Task ReplayAsync(Process process)
    {
        var dead = await process.Notices.ReadAsync(NoticeState.Dead, Ct).ToListAsync(Ct);
        await Parallel.ForEachAsync(dead, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (notice, _) =>
        {
            var outcome = await process.Letters.ReplayAsync(new Actor("admin", true, []), notice.Notice.NoticeId, toAll: false, "The webhook is up again.", Ct);
            Assert.True(outcome.Value is not null, outcome.Message);
            Interlocked.Increment(ref _replayed);
        });
    }

    private static byte FateOf(Review review) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{review.Campaign}{review.ClientId}{review.GrantId}"))[0];

    /// <param name="diesAt">The write at which the process of this answer dies; 0 for one that lives.</param>
    private async Task AnswerAsync(Process process, Review review, ReviewAnswer answer, int diesAt)
    {
        if (diesAt == 0)
        {
            var outcome = await process.Answers.AnswerAsync(Reviewer(review), review.Place(), answer, null, "r", null, Ct);

            // The grant may have ended meanwhile, or an administrator took it away.
            Assert.True(outcome.Value is not null || outcome.Problem == ChangeProblem.NotFound, outcome.Message);
            Interlocked.Increment(ref _answers);
            return;
        }

        await using var dying = await Process.StartAsync(this, new DyingProcess(diesAt, answerIsLost: diesAt % 2 == 0));
        try
        {
            await dying.Answers.AnswerAsync(Reviewer(review), review.Place(), answer, null, "r", null, Ct);
        }
        catch (StoreUnavailableException)
        {
            Interlocked.Increment(ref _deaths);
        }
    }

    private static Actor Reviewer(Review review) => review.Reviewer == "administrators" ? new Actor("admin", true, []) : new Actor(review.Reviewer, false, []);

    private async Task GiveAsync(Process process, Grant grant)
    {
        _given[(grant.ClientId, grant.GrantId)] = grant.ExpiresAt;
        await process.Access.SaveGrantAsync(grant with { EndRecorded = false }, Ct);
    }

    private void TakeDeliveries()
    {
        while (_receiver.Received.TryDequeue(out var received)) _contents.GetOrAdd(received.Id, _ => new()).AddOrUpdate(Convert.ToHexString(SHA256.HashData(received.Body)), 1, (_, n) => n + 1);
    }

    /// <summary>After the timers of a day nothing is left that was due.</summary>
    private async Task CheckTodayAsync()
    {
        var tables = _account.Open();
        var access = new TableAccessStore(tables, _time);
        await foreach (var (client, _) in access.ReadEndedClientsAsync(_time.Now, Ct)) Assert.NotEqual(ClientState.Active, client.State);
        await foreach (var (grant, _) in access.ReadEndedGrantsAsync(_time.Now, Ct)) Assert.True(grant.EndRecorded, $"{grant.ClientId}/{grant.GrantId} ended and is not on record");
        var reviews = new TableReviewStore(tables);
        await foreach (var (campaign, _) in reviews.ReadCampaignsAsync(Ct))
        {
            if (campaign.ClosedAt is not null) continue;
            await foreach (var (review, _) in reviews.ReadReviewsAsync(campaign.CampaignId, ReviewState.Open, Ct)) Assert.True(review.DueBy > _time.Now, $"{review.Place()} is overdue");
            Assert.Empty(await reviews.ReadReviewsAsync(campaign.CampaignId, ReviewState.Decided, Ct).ToListAsync(Ct));
        }
    }

    private async Task CheckYearAsync()
    {
        // What waits is delivered.
        for (var round = 0; round < 20; round++)
        {
            await using (var process = await Process.StartAsync(this, null)) await ReplayAsync(process);
            _time.Now = _time.Now.AddHours(13);
            await RunAloneAsync(Timers.Single(t => t.Name == "notices"));
        }

        TakeDeliveries();
        var tables = _account.Open();
        var notices = await new TableNoticeStore(tables).ReadAsync(null, Ct).ToListAsync(Ct);
        Assert.All(notices, n => Assert.Equal(NoticeState.Delivered, n.State));
        Assert.All(_contents, c => Assert.True(c.Value.Count == 1, $"{c.Key} came with {c.Value.Count} contents"));
        Assert.Empty(notices.Select(n => n.Notice.NoticeId).Except(_contents.Keys));

        var revoked = await ReadRecordsAsync(new TableAuditStore(tables));
        var told = notices.Select(n => n.Notice).Where(n => n.Type is NoticeTypes.GrantRevoked or NoticeTypes.ReviewUnanswered).ToLookup(n => (n.ClientId!, n.GrantId!));
        var reviews = new TableReviewStore(tables);
        var (unanswered, kept) = (0, 0);
        var access = new TableAccessStore(tables, _time);
        await foreach (var (campaign, _) in reviews.ReadCampaignsAsync(Ct))
        {
            await foreach (var (review, _) in reviews.ReadReviewsAsync(campaign.CampaignId, null, Ct))
            {
                if (review.Answer is not (ReviewAnswer.None or ReviewAnswer.Revoke))
                {
                    kept++;
                    continue;
                }

                unanswered++;
                var place = (review.ClientId, review.GrantId);
                Assert.Null(await access.FindGrantAsync(review.ClientId, review.Server, review.GrantId, Ct));
                Assert.True(revoked.Contains(place), $"{review.Place()} was taken away without a record");
                Assert.True(told[place].Any(), $"{review.Place()} was taken away without a notice");
            }
        }

        // Every grant that is gone ended by its date, or has a record and a notice.
        foreach (var ((client, grant), end) in _given)
        {
            if (await access.FindGrantAsync(client, "s", grant, Ct) is { } there)
            {
                Assert.True(there.Value.ExpiresAt > _time.Now || there.Value.EndRecorded || there.Value.ExpiresAt > _time.Now.AddDays(-12), $"{client}/{grant} ended unseen");
                continue;
            }

            Assert.True(end < _time.Now.AddDays(-25) || (revoked.Contains((client, grant)) && told[(client, grant)].Any()), $"{client}/{grant} is gone without a record or a notice");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Clients} clients, {Clients * GrantsPerClient} grants: {_runs} runs of timers, {_deaths} of all processes died at a write; {_answers} answers, {unanswered} grants taken away by reviews, {kept} kept or lapsed; {notices.Count} notices, {_replayed} sent again from dead letters, {_contents.Sum(c => c.Value.Values.Sum())} tries of deliveries"));
    }

    private async Task<HashSet<(string, string)>> ReadRecordsAsync(TableAuditStore audit)
    {
        var revoked = new HashSet<(string, string)>();
        for (var day = new DateTime(2026, 1, 1); day <= _time.Now.UtcDateTime; day = day.AddDays(1))
        {
            var name = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
            await foreach (var client in audit.ReadClientsAsync(name, Ct))
            {
                await foreach (var segment in audit.ReadAsync(name, client, Ct))
                {
                    foreach (var json in segment.Records)
                    {
                        using var document = JsonDocument.Parse(json);
                        var record = document.RootElement;
                        if (record.TryGetProperty("details", out var details) && details.TryGetProperty("happening", out var happening) && happening.ValueEquals("grantRevoked")) revoked.Add((record.GetProperty("clientId").GetString()!, record.GetProperty("grantId").GetString()!));
                    }
                }
            }
        }

        return revoked;
    }

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
        Hash = new string('a', 64),
        Version = "1",
        Team = "t",
        Sensitivity = sensitivity,
    };

    /// <summary>One process with all timers, on its own connection and with its own chain in the ledger.</summary>
    private sealed class Process : IAsyncDisposable
    {
        private readonly Ledger _ledger;
        private readonly bool _dies;

        private Process(YearOfTimersTests year, TableSet tables, bool dies)
        {
            _dies = dies;
            var time = year._time;
            _ledger = new Ledger(new TableAuditStore(tables), Options.Create(new AuditOptions { HoldMilliseconds = 0, WaitMilliseconds = dies ? 200 : 20_000 }), time, NullLogger<Ledger>.Instance);
            Access = new TableAccessStore(tables, time);
            Catalogues = new TableCatalogueStore(tables, time);
            var notices = new TableNoticeStore(tables);
            var box = new NoticeBox(notices, time);
            var records = new ChangeRecords(_ledger, time, box);
            var reviews = new TableReviewStore(tables);
            var reviewOptions = Options.Create(new ReviewOptions());
            var audit = new TableAuditStore(tables);
            var survey = new GrantUseSurvey(new EmptyLedger(), reviewOptions, time);
            var outcomes = new ReviewOutcomes(reviews, Access, Access, records, time);
            Expiry = new AccessExpiry(Access, Access, Access, Access, records, Options.Create(new AccessOptions()), time, NullLogger<AccessExpiry>.Instance);
            Ends = new EndsAhead(Access, Access, box, time, NullLogger<EndsAhead>.Instance);
            Campaigns = new ReviewCampaigns(reviews, Access, Access, Access, Catalogues, outcomes, records, box, reviewOptions, time, NullLogger<ReviewCampaigns>.Instance);
            Answers = new ReviewAnswers(reviews, Access, survey, outcomes, records, reviewOptions, time);
            Desk = new ReviewDesk(reviews, Access, Catalogues, survey);
            Grants = new GrantAdministration(Access, Access, Catalogues, records, time);
            Watch = new CredentialWatch(
                new YearlySecrets(time), new TableCredentialStore(tables), Access, new ClientAdministration(Access, Access, records, time), audit, _ledger, box, Options.Create(new CredentialWatchOptions { Watch = true, MaxPerRun = 10_000 }), time, NullLogger<CredentialWatch>.Instance);
            Notices = notices;
            Letters = new NoticeAdministration(notices, records, time);
            Dispatch = new NoticeDispatch(notices, new TableOutboxStore(tables), Access, new Webhook(year._http, time), _ledger, Options.Create(year._noticeOptions), time, NullLogger<NoticeDispatch>.Instance);
        }

        public TableAccessStore Access { get; }

        public TableCatalogueStore Catalogues { get; }

        public AccessExpiry Expiry { get; }

        public EndsAhead Ends { get; }

        public ReviewCampaigns Campaigns { get; }

        public ReviewAnswers Answers { get; }

        public ReviewDesk Desk { get; }

        public GrantAdministration Grants { get; }

        public CredentialWatch Watch { get; }

        public NoticeDispatch Dispatch { get; }

        public TableNoticeStore Notices { get; }

        public NoticeAdministration Letters { get; }

        /// <param name="lives">Whether the fault only counts.</param>
        public static async Task<Process> StartAsync(YearOfTimersTests year, DyingProcess? fault, bool lives = false)
        {
            // One that dies need not wait long for a ledger that it will not reach.
            var tables = fault is null ? year._account.Open() : lives ? year._account.Open(fault) : year._account.OpenWithoutRetries(fault);
            var process = new Process(year, tables, dies: fault is not null && !lives);
            await process._ledger.StartAsync(Ct);
            return process;
        }

        public async ValueTask DisposeAsync()
        {
            // One that dies may do so at the records of its end, which it would else try to write for ever.
            using var limit = new CancellationTokenSource(_dies ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(60), TimeProvider.System);
            await _ledger.StopAsync(limit.Token);
            _ledger.Dispose();
        }
    }

    /// <summary>Nobody's use: what is asked of it is tested elsewhere.</summary>
    private sealed class EmptyLedger : IAuditReader
    {
        public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) => AsyncEnumerable.Empty<AuditSegment>();

        public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) => AsyncEnumerable.Empty<string>();
    }

    /// <summary>A directory in which every application has a secret for a year, and every owner is there.</summary>
    private sealed class YearlySecrets(TimeProvider time) : IDirectory
    {
        private readonly DateTimeOffset _now = time.GetUtcNow();

        public ValueTask<DirectoryApplication?> FindApplicationAsync(string clientId, CancellationToken ct)
        {
            var begins = new DateTimeOffset(2025, 12, 1, 0, 0, 0, TimeSpan.Zero).AddDays(int.Parse(clientId.AsSpan(1), CultureInfo.InvariantCulture) % 300);
            return new(new DirectoryApplication(clientId, clientId, false, [new DirectoryCredential(CredentialKind.Secret, $"k{begins:yyMMdd}", null, begins, begins.AddDays(_now > begins ? 90 : 180))], [], [new DirectoryUser("o", "o", true)]));
        }

        public ValueTask<DirectoryUser?> FindUserAsync(string name, CancellationToken ct) => new(new DirectoryUser(name, name, true));
    }
}
