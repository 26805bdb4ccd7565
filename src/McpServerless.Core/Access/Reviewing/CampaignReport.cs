using System.Globalization;
using System.Net;
using System.Text;
using McpServerless.Notifying;

namespace McpServerless.Access.Reviewing;

/// <summary>A campaign with all its answers and what they were given on: evidence for whoever audits it.</summary>
/// <param name="Campaign">Which.</param>
/// <param name="MadeAt">When the report was made.</param>
/// <param name="Counts">How many reviews ended how: <c>keep</c>, <c>reduce</c>, <c>revoke</c>, <c>unanswered</c>, <c>lapsed</c>, <c>open</c>.</param>
/// <param name="Reviews">All of them, by client, server and grant.</param>
public sealed record CampaignReport(ReviewCampaign Campaign, DateTimeOffset MadeAt, IReadOnlyDictionary<string, int> Counts, IReadOnlyList<Review> Reviews)
{
    private static readonly string[] Outcomes = ["keep", "reduce", "revoke", "unanswered", "lapsed", "open"];

    /// <summary>Null when there is no such campaign.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    public static async Task<CampaignReport?> MakeAsync(IReviewStore store, string campaign, DateTimeOffset now, CancellationToken ct)
    {
        if (await store.FindCampaignAsync(campaign, ct) is not { } found) return null;
        var reviews = await store.ReadReviewsAsync(campaign, null, ct).Select(r => r.Value).ToListAsync(ct);
        return new CampaignReport(found.Value, now, Outcomes.ToDictionary(o => o, o => reviews.Count(r => OutcomeOf(r) == o)), reviews);
    }

    /// <summary>One page that needs nothing else, for screen and paper.</summary>
    public string ToHtml()
    {
        var page = new StringBuilder("""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>Access review
            """);
        page.Append(' ').Append(Text(Campaign.CampaignId)).Append("""
            </title><style>
            body { font: 10pt/1.4 system-ui, sans-serif; margin: 2rem; color: #111 }
            table { border-collapse: collapse; width: 100% } th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
            thead { display: table-header-group } tr { break-inside: avoid } th { background: #eee }
            @page { size: A4 landscape; margin: 12mm } @media print { body { margin: 0 } }
            </style></head><body>
            """);
        page.Append(CultureInfo.InvariantCulture, $"<h1>Access review {Text(Campaign.CampaignId)}</h1><p>Opened {AccessNotices.Minute(Campaign.OpenedAt)}; {(Campaign.ClosedAt is { } closed ? $"closed {AccessNotices.Minute(closed)}" : "not closed")}. Report of {AccessNotices.Minute(MadeAt)}. {Reviews.Count} grants: ");
        page.AppendJoin(", ", Counts.Where(c => c.Value > 0).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value} {c.Key}"))).Append(".</p>");
        page.Append("<table><thead><tr><th>Client<th>Server, grant<th>Sensitivity<th>Reviewer<th>Outcome<th>By, at<th>Reason<th>Use<th>Allowed<th>Left</tr></thead><tbody>\n");
        foreach (var review in Reviews)
        {
            page.Append("<tr>");
            foreach (var cell in CellsOf(review)) page.Append("<td>").Append(Text(cell));
            page.Append("</tr>\n");
        }

        return page.Append("</tbody></table><p>Each answer stands in the ledger as <code>reviewAnswered</code> or <code>reviewOverdue</code>, and what followed as <code>grantKept</code>, <code>grantReduced</code> or <code>grantRevoked</code>.</p></body></html>\n").ToString();
    }

    private static IEnumerable<string> CellsOf(Review review) =>
    [
        review.ClientId,
        $"{review.Server}, {review.GrantId}",
        review.Sensitivity.ToString().ToLowerInvariant(),
        $"{review.Reviewer} ({review.Backup})",
        OutcomeOf(review) + (review.State == ReviewState.Decided ? " (being done)" : ""),
        review.AnsweredAt is { } at ? $"{review.AnsweredBy}, {AccessNotices.Minute(at)}" : "",
        review.Reason ?? "",
        review.Use is { } use
            ? string.Create(CultureInfo.InvariantCulture, $"{use.Calls} calls, {use.Refusals} refused since {use.From:yyyy-MM-dd}{(use.Last is { } last ? $", last {AccessNotices.Minute(last)}" : "")}{(use.IsComplete ? "" : " (not all read)")}")
            : "",
        review.Grant is { } grant ? string.Join(", ", grant.Tools.Concat(grant.Prompts).Concat(grant.Resources)) : "",
        review.Reduction is { } left ? string.Join(", ", left.Tools.Concat(left.Prompts).Concat(left.Resources)) : "",
    ];

    private static string OutcomeOf(Review review) => review switch
    {
        { State: ReviewState.Lapsed } => "lapsed",
        { Answer: ReviewAnswer.None } => "unanswered",
        { Answer: { } answer } => answer.ToString().ToLowerInvariant(),
        _ => "open",
    };

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
