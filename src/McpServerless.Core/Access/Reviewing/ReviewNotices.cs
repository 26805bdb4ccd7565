using System.Globalization;
using McpServerless.Notifying;

namespace McpServerless.Access.Reviewing;

/// <summary>What notices of reviews say. Those to reviewers are about a campaign and a day, not about each grant; how many wait is what the command shows.</summary>
internal static class ReviewNotices
{
    /// <summary>Who is asked where nobody else can be.</summary>
    public const string Administrators = "administrators";

    /// <param name="opened">When the reviews were opened.</param>
    public static Notice Opened(string campaign, string reviewer, DateTimeOffset opened, DateTimeOffset due, DateTimeOffset now) => OfCampaign(NoticeTypes.ReviewOpened, campaign, now, [reviewer, Day(opened)], reviewer) with
    {
        Summary = $"{reviewer} is asked which grants are still needed (campaign {campaign}), by {AccessNotices.Minute(due)}. What nobody answers for is taken away.",
        ToDo = "Look at each grant and how it was used, and answer keep, reduce or revoke.",
        Command = ListCommand(campaign, reviewer),
    };

    public static Notice Reminder(string campaign, string reviewer, DateTimeOffset due, int days, DateTimeOffset now) => OfCampaign(NoticeTypes.ReviewReminder, campaign, now, [reviewer, Day(due), AccessNotices.Number(days)], reviewer) with
    {
        Summary = $"Grants still wait for an answer of {reviewer} (campaign {campaign}). In {AccessNotices.Days(days)}, {AccessNotices.Minute(due)}, those that nobody answered for are taken away.",
        ToDo = "Answer keep, reduce or revoke.",
        Command = ListCommand(campaign, reviewer),
    };

    public static Notice Escalated(string campaign, string reviewer, string backup, DateTimeOffset due, DateTimeOffset now) => OfCampaign(NoticeTypes.ReviewEscalated, campaign, now, [reviewer, backup, Day(due)], backup, reviewer) with
    {
        Summary = $"{reviewer} has not answered for all grants (campaign {campaign}); {backup} is asked in their place. Those that nobody answers for by {AccessNotices.Minute(due)} are taken away.",
        ToDo = "Answer keep, reduce or revoke, or have it answered.",
        Command = ListCommand(campaign, reviewer),
    };

    /// <summary>What followed from the answer to one review, or from none.</summary>
    public static Notice Outcome(Review review, Grant grant, Client? client, DateTimeOffset now)
    {
        var type = review.Answer switch { ReviewAnswer.None => NoticeTypes.ReviewUnanswered, ReviewAnswer.Revoke => NoticeTypes.GrantRevoked, _ => NoticeTypes.ReviewAnswered };
        var notice = AccessNotices.OfGrant(type, grant, client, now, [review.Campaign]);
        var what = $"grant {grant.GrantId} of {client?.DisplayName ?? grant.ClientId} on {grant.Server}";
        return review.Answer switch
        {
            ReviewAnswer.Keep => notice with { Summary = $"{review.AnsweredBy} keeps {what}: {review.Reason}", ToDo = $"Nothing until the next review, {AccessNotices.Minute(ReviewSchedule.After(review.Sensitivity, review.AnsweredAt ?? now))}." },
            ReviewAnswer.Reduce => notice with
            {
                Summary = $"{review.AnsweredBy} reduced {what} to {string.Join(", ", Left(review.Reduction))}: {review.Reason}",
                ToDo = "Where a file describes the grant, reduce it there too, or the next apply gives the rest again.",
                Command = $"mcpgov grant show {grant.ClientId} {grant.GrantId}",
            },
            _ => notice with
            {
                Summary = review.Answer == ReviewAnswer.None ? $"Nobody answered in time whether {what} is still needed, so it was taken away." : $"{review.AnsweredBy} revoked {what} in its review: {review.Reason}",
                ToDo = "Where a file describes the grant, take it out there too, or the next apply gives it again. If it is needed, ask for it anew.",
                Command = AccessNotices.RequestAgain(grant),
            },
        };
    }

    private static IEnumerable<string> Left(ReducedGrant? reduction) => reduction is null ? [] : reduction.Tools.Concat(reduction.Prompts).Concat(reduction.Resources);

    private static Notice OfCampaign(string type, string campaign, DateTimeOffset now, ReadOnlySpan<string> about, params IReadOnlyList<string> concerns) => new()
    {
        NoticeId = Notice.IdOf(type, [campaign, .. about]),
        Type = type,
        Subject = $"reviews/{campaign}",
        Time = now,
        Summary = "",
        ToDo = "",
        Concerns = [.. concerns.Distinct(StringComparer.OrdinalIgnoreCase)],
    };

    private static string ListCommand(string campaign, string reviewer) => $"mcpgov review list --campaign {campaign} --reviewer '{reviewer}'";

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
