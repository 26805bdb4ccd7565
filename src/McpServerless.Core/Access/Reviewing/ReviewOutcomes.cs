using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Catalogue.Publishing;

namespace McpServerless.Access.Reviewing;

/// <summary>Does what follows from an answer, or from none. The answer stands in the review's row first: whoever finds it there finishes it.</summary>
/// <remarks>The notice comes before the grant is touched, and only then the review is done. So none of the three is missing, whatever dies in between.</remarks>
public sealed class ReviewOutcomes(IReviewStore store, IAccessEditor editor, IAccessStore access, ChangeRecords records, TimeProvider time)
{
    /// <summary>Others may change the grant at the same time; the decision stands all the same.</summary>
    private const int Tries = 5;

    /// <returns>False when others changed the grant again and again; the next run goes on.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be used, or the ledger not be written.</exception>
    public async Task<bool> CarryOutAsync(Review review, Client? client, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var found = await editor.FindGrantAsync(review.ClientId, review.Server, review.GrantId, ct);
            if (found is null) return await CloseAsync(review, ct);
            var (grant, etag) = found;
            var after = After(review, grant);
            if (ReferenceEquals(after, grant)) return await CloseAsync(review, ct);
            var subject = SubjectOf(review) with { Notice = ReviewNotices.Outcome(review, grant, client, time.GetUtcNow()) };
            var met = await records.AroundAsync(subject, grant, after, GovernanceJson.Default.Grant, async token =>
            {
                if (!(after is null ? await editor.RemoveGrantAsync(grant, etag, token) : await editor.ReplaceGrantAsync(after, etag, token))) return false;
                await access.BumpEpochAsync(token);
                return true;
            }, ct);
            if (met is { Problem: ChangeProblem.NotRecorded }) throw new StoreUnavailableException("The outcome of a review could not be recorded.");
            if (met is null) return await CloseAsync(review, ct);
        }

        return false;
    }

    /// <summary>The grant as the answer leaves it: null when it is taken away, the same one when nothing is left to do.</summary>
    private static Grant? After(Review review, Grant grant)
    {
        if (review.Answer is ReviewAnswer.Revoke or ReviewAnswer.None) return null;
        var next = ReviewSchedule.After(review.Sensitivity, review.AnsweredAt ?? review.OpenedAt);
        if (grant.NextReview == next) return grant;
        return review is { Answer: ReviewAnswer.Reduce, Reduction: { } left }
            ? grant with { Tools = left.Tools, Prompts = left.Prompts, Resources = left.Resources, NextReview = next }
            : grant with { NextReview = next };
    }

    private async Task<bool> CloseAsync(Review review, CancellationToken ct)
    {
        if (await store.FindReviewAsync(review.Place(), ct) is not { Value.State: ReviewState.Decided } found) return true;
        var done = found.Value with { State = ReviewState.Done };
        var met = await records.AroundAsync(SubjectOf(review) with { Happening = "reviewDone" }, found.Value, done, GovernanceJson.Default.Review, async token => await store.ReplaceReviewAsync(done, found.ETag, token), ct);
        if (met is { Problem: ChangeProblem.NotRecorded }) throw new StoreUnavailableException("The outcome of a review could not be recorded.");
        return true;
    }

    private static ChangeSubject SubjectOf(Review review) => new(
        review.Answer switch { ReviewAnswer.Keep => "grantKept", ReviewAnswer.Reduce => "grantReduced", _ => "grantRevoked" },
        review.AnsweredBy ?? ReviewCampaigns.By,
        review.Reason ?? "")
    {
        ClientId = review.ClientId,
        Server = review.Server,
        GrantId = review.GrantId,
        Event = review.Answer == ReviewAnswer.None ? AuditEvent.Timer : AuditEvent.Administration,
    };
}
