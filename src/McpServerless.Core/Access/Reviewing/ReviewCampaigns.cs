using System.Globalization;
using McpServerless.Access.Administration;
using McpServerless.Access.Expiring;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Access.Reviewing;

/// <summary>What one run did.</summary>
/// <param name="Opened">Reviews that were opened.</param>
/// <param name="Unanswered">Grants that were taken away because nobody answered.</param>
/// <param name="Told">Notices that were posted now.</param>
/// <param name="IsComplete">False when it stopped at a bound; the next run goes on.</param>
public sealed record ReviewRun(int Opened, int Unanswered, int Told, bool IsComplete);

/// <summary>Opens reviews, reminds of them, asks the backup, and takes away what nobody answered for.</summary>
/// <remarks>
/// What is due is worked out from the rows and the clock, each step can be done again, and how far a campaign is filled stands in its row. So a run that is cut off
/// anywhere is gone on with by the next one, two at once do everything once, and a run that comes late does what is due by then.
/// </remarks>
public sealed partial class ReviewCampaigns(
    IReviewStore store,
    IReviewableGrants grants,
    IClientDirectory directory,
    IAccessEditor editor,
    ICatalogueStore catalogues,
    ReviewOutcomes outcomes,
    ChangeRecords records,
    NoticeBox notices,
    IOptions<ReviewOptions> options,
    TimeProvider time,
    ILogger<ReviewCampaigns> logger)
{
    internal const string By = "reviews";

    /// <summary>Grants of one step while a campaign is filled; their records fit into the ledger, and a crash repeats no more.</summary>
    private const int Batch = 100;

    /// <summary>A quarter whose first days have passed without a run waits for nobody: what is due by its own date is asked for all the same.</summary>
    private const int LatestOpeningDay = 45;

    /// <summary>A grant that was answered for so recently is not asked about again by a quarter's campaign.</summary>
    private const int RecentDays = 30;

    private static readonly int[] Reminders = [1, 3, 7, 14];

    private readonly ReviewOptions _options = options.Value;

    /// <exception cref="StoreUnavailableException">The store cannot be used, or the ledger not be written; the next run goes on.</exception>
    public async Task<ReviewRun> RunAsync(CancellationToken ct)
    {
        if (!_options.Enabled) return new ReviewRun(0, 0, 0, true);
        var turn = new ReviewTurn(time.GetUtcNow(), await catalogues.ReadActiveAsync(ct));
        await BeginAsync(turn.Now, ct);
        var campaigns = await store.ReadCampaignsAsync(ct).Where(c => c.Value.ClosedAt is null).ToListAsync(ct);
        foreach (var campaign in campaigns) await LookThroughAsync(campaign.Value, turn, ct);
        foreach (var (campaign, etag) in campaigns.Where(c => c.Value is { Kind: CampaignKind.Quarter, IsFilled: false })) await FillAsync(campaign, etag, turn, ct);
        await AskForDueAsync(campaigns.Find(c => c.Value.CampaignId == MonthOf(turn.Now))?.Value, turn, ct);
        foreach (var (campaign, etag) in campaigns.Where(c => turn.IsOver(c.Value))) await CloseAsync(campaign, etag, turn, ct);
        Log.Ran(logger, turn.Opened, turn.Unanswered, turn.Told, turn.IsComplete);
        return new ReviewRun(turn.Opened, turn.Unanswered, turn.Told, turn.IsComplete);
    }

    /// <summary>Opens a quarter's campaign at once, whatever the date.</summary>
    /// <param name="campaign">Its id, of 1 to 32 of <c>a-z A-Z 0-9 -</c>.</param>
    public async Task<ChangeOutcome<ReviewCampaign>> OpenAsync(Actor actor, string campaign, string reason, CancellationToken ct)
    {
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only an administrator opens a campaign.");
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (campaign.Length is < 1 or > 32 || !campaign.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || campaign.StartsWith(MonthPrefix, StringComparison.Ordinal))
        {
            return (ChangeProblem.Invalid, $"A campaign's name is 1 to 32 letters, digits and -, and does not begin with {MonthPrefix}.");
        }

        if (await store.FindCampaignAsync(campaign, ct) is not null) return (ChangeProblem.Conflict, $"There is a campaign {campaign} already.");
        var opened = new ReviewCampaign { CampaignId = campaign, Kind = CampaignKind.Quarter, OpenedAt = time.GetUtcNow() };
        var met = await records.AroundAsync(new ChangeSubject("campaignOpened", actor, reason), null, opened, GovernanceJson.Default.ReviewCampaign, async token => await store.AddCampaignAsync(opened, token), ct);
        return met is { } problem ? problem : opened;
    }

    private async Task BeginAsync(DateTimeOffset now, CancellationToken ct)
    {
        var quarter = (now.Month - 1) / 3;
        var began = new DateTimeOffset(now.Year, (quarter * 3) + 1, 1, 0, 0, 0, TimeSpan.Zero);
        if (now < began.AddDays(LatestOpeningDay)) await BeginAsync(string.Create(CultureInfo.InvariantCulture, $"{now.Year}-Q{quarter + 1}"), CampaignKind.Quarter, now, ct);
        await BeginAsync(MonthOf(now), CampaignKind.Due, now, ct);
    }

    private async Task BeginAsync(string id, CampaignKind kind, DateTimeOffset now, CancellationToken ct)
    {
        if (await store.FindCampaignAsync(id, ct) is not null) return;
        var campaign = new ReviewCampaign { CampaignId = id, Kind = kind, OpenedAt = now, IsFilled = kind == CampaignKind.Due };
        var met = await records.AroundAsync(Subject("campaignOpened", "Its time has come."), null, campaign, GovernanceJson.Default.ReviewCampaign, async token => await store.AddCampaignAsync(campaign, token), ct);
        ThrowIfNotRecorded(met);
    }

    /// <summary>Finishes what was decided, decides what is overdue, and reminds of the rest.</summary>
    private async Task LookThroughAsync(ReviewCampaign campaign, ReviewTurn turn, CancellationToken ct)
    {
        await foreach (var (review, _) in store.ReadReviewsAsync(campaign.CampaignId, ReviewState.Decided, ct))
        {
            // An answer whose consequence died on its way, or is on its way at this moment: it is done once, whoever does it.
            turn.Ask(review);
            await outcomes.CarryOutAsync(review, await ClientOfAsync(review.ClientId, turn, ct), ct);
        }

        var waiting = new List<Review>();
        await foreach (var (review, etag) in store.ReadReviewsAsync(campaign.CampaignId, ReviewState.Open, ct))
        {
            turn.Ask(review);
            turn.Waits(campaign);
            if (review.DueBy > turn.Now) waiting.Add(review);
            else if (turn.Overdue++ < _options.MaxPerRun) await DecideAsync(review, etag, turn, ct);
            else turn.IsComplete = false;
        }

        await RemindAsync(waiting, turn, ct);
    }

    private async Task DecideAsync(Review review, string etag, ReviewTurn turn, CancellationToken ct)
    {
        var found = await editor.FindGrantAsync(review.ClientId, review.Server, review.GrantId, ct);
        if (found is null || found.Value.ExpiresAt <= turn.Now)
        {
            await LapseAsync(review, etag, ct);
            return;
        }

        var decided = review with
        {
            State = ReviewState.Decided,
            Answer = ReviewAnswer.None,
            AnsweredBy = By,
            AnsweredAt = turn.Now,
            Reason = $"Neither {review.Reviewer} nor {review.Backup} answered by {AccessNotices.Minute(review.DueBy)}.",
            Grant = found.Value,
        };
        var subject = Subject("reviewOverdue", decided.Reason) with { ClientId = review.ClientId, Server = review.Server, GrantId = review.GrantId };
        var met = await records.AroundAsync(subject, review, decided, GovernanceJson.Default.Review, async token => await store.ReplaceReviewAsync(decided, etag, token), ct);
        ThrowIfNotRecorded(met);

        // Somebody answered at the last moment.
        if (met is not null) return;
        await outcomes.CarryOutAsync(decided, await ClientOfAsync(review.ClientId, turn, ct), ct);
        turn.Unanswered++;
    }

    private async Task LapseAsync(Review review, string etag, CancellationToken ct)
    {
        var lapsed = review with { State = ReviewState.Lapsed };
        var subject = Subject("reviewLapsed", "The grant ended, or was taken away, before anybody answered.") with { ClientId = review.ClientId, Server = review.Server, GrantId = review.GrantId };
        ThrowIfNotRecorded(await records.AroundAsync(subject, review, lapsed, GovernanceJson.Default.Review, async token => await store.ReplaceReviewAsync(lapsed, etag, token), ct));
    }

    private async Task RemindAsync(List<Review> waiting, ReviewTurn turn, CancellationToken ct)
    {
        // A run that died after it opened reviews has not told of them.
        foreach (var group in waiting.Where(r => r.OpenedAt > turn.Now.AddDays(-3)).GroupBy(r => (r.Campaign, r.Reviewer, r.OpenedAt.UtcDateTime.Date)))
        {
            var first = group.First();
            await TellAsync(ReviewNotices.Opened(first.Campaign, first.Reviewer, first.OpenedAt, group.Min(r => r.DueBy), turn.Now), turn, ct);
        }

        foreach (var group in waiting.Where(r => r.DueBy <= turn.Now.AddDays(Reminders[^1])).GroupBy(r => (r.Campaign, r.Reviewer, Day: r.DueBy.UtcDateTime.Date, Stage: EndsAhead.StageOf(Reminders, r.DueBy, turn.Now))))
        {
            await TellAsync(ReviewNotices.Reminder(group.Key.Campaign, group.Key.Reviewer, group.Min(r => r.DueBy), group.Key.Stage, turn.Now), turn, ct);
        }

        foreach (var group in waiting.Where(r => r.DueBy <= turn.Now.AddDays(_options.EscalateDays)).GroupBy(r => (r.Campaign, r.Reviewer, r.Backup, Day: r.DueBy.UtcDateTime.Date)))
        {
            await TellAsync(ReviewNotices.Escalated(group.Key.Campaign, group.Key.Reviewer, group.Key.Backup, group.Min(r => r.DueBy), turn.Now), turn, ct);
        }
    }

    /// <summary>Asks about all grants, client by client, from where the campaign stands.</summary>
    private async Task FillAsync(ReviewCampaign campaign, string etag, ReviewTurn turn, CancellationToken ct)
    {
        await ReadRecentAsync(turn, ct);
        var batch = new List<Grant>();
        var last = campaign.FilledTo ?? "";
        await foreach (var grant in grants.ReadGrantsAfterAsync(last, ct))
        {
            // Only between clients: the place says which were asked about as a whole.
            if (grant.ClientId != last && batch.Count >= Batch)
            {
                if (turn.Opened >= _options.MaxPerRun)
                {
                    turn.IsComplete = false;
                    return;
                }

                if (await AskAsync(campaign.CampaignId, batch, campaign with { FilledTo = last }, etag, turn, ct) is not { } next) return;
                (campaign, etag) = next;
                batch.Clear();
            }

            last = grant.ClientId;
            if (turn.IsAskedAbout(grant, _options.DaysToAnswer)) batch.Add(grant);
        }

        await AskAsync(campaign.CampaignId, batch, campaign with { FilledTo = null, IsFilled = true }, etag, turn, ct);
        turn.Waits(campaign);
    }

    /// <summary>Asks about grants whose own date has come.</summary>
    private async Task AskForDueAsync(ReviewCampaign? month, ReviewTurn turn, CancellationToken ct)
    {
        if (month is null) return;
        var due = new List<Grant>();
        await foreach (var grant in grants.ReadGrantsToReviewAsync(turn.Now, ct))
        {
            if (!turn.IsAskedAbout(grant, _options.DaysToAnswer)) continue;
            if (turn.Opened + due.Count >= _options.MaxPerRun)
            {
                turn.IsComplete = false;
                break;
            }

            due.Add(grant);
        }

        foreach (var batch in due.Chunk(Batch)) await AskAsync(month.CampaignId, batch, null, "", turn, ct);
        if (due.Count > 0) turn.Waits(month);
    }

    /// <param name="after">How the campaign stands afterwards; null where that is not kept.</param>
    /// <returns>The campaign as it is then; null where another run was faster, or nothing is kept.</returns>
    private async Task<(ReviewCampaign Campaign, string ETag)?> AskAsync(string campaign, IReadOnlyList<Grant> batch, ReviewCampaign? after, string etag, ReviewTurn turn, CancellationToken ct)
    {
        var reviews = new List<Review>(batch.Count);
        foreach (var grant in batch) reviews.Add(ReviewOf(campaign, grant, await ClientOfAsync(grant.ClientId, turn, ct), turn));
        if (reviews.Count > 0)
        {
            IReadOnlyList<ReviewPlace> places = [.. reviews.Select(r => r.Place())];
            var met = await records.AroundAsync(Subject("reviewsOpened", $"Campaign {campaign}."), null, places, GovernanceJson.Default.IReadOnlyListReviewPlace, async token =>
            {
                var added = 0;
                await Parallel.ForEachAsync(reviews, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = token }, async (review, each) =>
                {
                    if (await store.AddReviewAsync(review, each)) Interlocked.Increment(ref added);
                });
                turn.Opened += added;
                foreach (var review in reviews) turn.Ask(review);
                foreach (var group in reviews.GroupBy(r => r.Reviewer, StringComparer.OrdinalIgnoreCase)) await TellAsync(ReviewNotices.Opened(campaign, group.Key, turn.Now, group.Min(r => r.DueBy), turn.Now), turn, token);
                return true;
            }, ct);
            ThrowIfNotRecorded(met);
        }

        if (after is null || !await store.ReplaceCampaignAsync(after, etag, ct) || await store.FindCampaignAsync(campaign, ct) is not { } found) return null;
        return (found.Value, found.ETag);
    }

    private Review ReviewOf(string campaign, Grant grant, Client? client, ReviewTurn turn)
    {
        var (reviewer, backup) = ReviewersOf(grant, client);
        return new Review
        {
            Campaign = campaign,
            ClientId = grant.ClientId,
            Server = grant.Server,
            GrantId = grant.GrantId,
            OpenedAt = turn.Now,
            DueBy = turn.Now.AddDays(_options.DaysToAnswer),
            Reviewer = reviewer,
            Backup = backup,
            Requester = grant.Requester,
            Sensitivity = turn.SensitivityOf(grant),
        };
    }

    /// <summary>The client's owner, then its backup, then administrators; never who asked for the grant.</summary>
    internal static (string Reviewer, string Backup) ReviewersOf(Grant grant, Client? client)
    {
        List<string> people = [.. ((string?[])[client?.Owner, client?.BackupOwner]).OfType<string>().Where(p => !string.Equals(p, grant.Requester, StringComparison.OrdinalIgnoreCase)), ReviewNotices.Administrators];
        return (people[0], people.Count > 1 ? people[1] : people[0]);
    }

    private async Task CloseAsync(ReviewCampaign campaign, string etag, ReviewTurn turn, CancellationToken ct)
    {
        var closed = campaign with { ClosedAt = turn.Now };
        ThrowIfNotRecorded(await records.AroundAsync(Subject("campaignClosed", "Every review of it is done with."), campaign, closed, GovernanceJson.Default.ReviewCampaign, async token => await store.ReplaceCampaignAsync(closed, etag, token), ct));
    }

    /// <summary>Which grants somebody answered for a short while ago.</summary>
    private async Task ReadRecentAsync(ReviewTurn turn, CancellationToken ct)
    {
        await foreach (var (campaign, _) in store.ReadCampaignsAsync(ct))
        {
            if (campaign.OpenedAt < turn.Now.AddDays(-RecentDays - 31 - _options.DaysToAnswer)) continue;
            await foreach (var (review, _) in store.ReadReviewsAsync(campaign.CampaignId, ReviewState.Done, ct))
            {
                if (review.AnsweredAt > turn.Now.AddDays(-RecentDays)) turn.Ask(review);
            }
        }
    }

    private async ValueTask<Client?> ClientOfAsync(string clientId, ReviewTurn turn, CancellationToken ct) => (turn.Clients ??= await directory.ReadClientsByIdAsync(ct)).GetValueOrDefault(clientId);

    private async ValueTask TellAsync(Notice notice, ReviewTurn turn, CancellationToken ct)
    {
        if (await notices.PostAsync(notice, ct)) turn.Told++;
    }

    private const string MonthPrefix = "due-";

    private static string MonthOf(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{MonthPrefix}{now:yyyy-MM}");

    private static ChangeSubject Subject(string happening, string reason) => new(happening, By, reason) { Event = AuditEvent.Timer };

    private static void ThrowIfNotRecorded((ChangeProblem Problem, string Message)? met)
    {
        if (met is { Problem: ChangeProblem.NotRecorded }) throw new StoreUnavailableException("A review could not be recorded.");
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Information, "Reviews: {Opened} opened, {Unanswered} grants taken away unanswered, {Told} notices; complete: {Complete}")]
        public static partial void Ran(ILogger logger, int opened, int unanswered, int told, bool complete);
    }

    /// <summary>What one run knows.</summary>
    private sealed class ReviewTurn(DateTimeOffset now, CatalogueVersion? catalogue)
    {
        private readonly HashSet<(string Client, string Server, string Grant)> _asked = [];
        private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);

        public DateTimeOffset Now => now;

        public Dictionary<string, Client>? Clients { get; set; }

        public int Opened { get; set; }

        public int Overdue { get; set; }

        public int Unanswered { get; set; }

        public int Told { get; set; }

        public bool IsComplete { get; set; } = true;

        public void Ask(Review review) => _asked.Add((review.ClientId, review.Server, review.GrantId));

        public void Waits(ReviewCampaign campaign) => _waiting.Add(campaign.CampaignId);

        /// <summary>What denies needs no review, what ends before one could be answered ends by itself, and nothing is asked about twice.</summary>
        public bool IsAskedAbout(Grant grant, int days) =>
            grant.Effect == GrantEffect.Allow && grant.ExpiresAt > now.AddDays(days) && !_asked.Contains((grant.ClientId, grant.Server, grant.GrantId));

        public bool IsOver(ReviewCampaign campaign) => campaign.IsFilled && !_waiting.Contains(campaign.CampaignId) && (campaign.Kind == CampaignKind.Quarter || campaign.CampaignId != MonthOf(now));

        public Sensitivity SensitivityOf(Grant grant) => catalogue is null ? Sensitivity.Medium : ReviewSchedule.SensitivityOf(grant, catalogue);
    }
}
