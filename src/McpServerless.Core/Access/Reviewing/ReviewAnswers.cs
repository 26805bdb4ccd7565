using System.Runtime.CompilerServices;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Publishing;
using Microsoft.Extensions.Options;

namespace McpServerless.Access.Reviewing;

/// <summary>Takes the answers of reviewers.</summary>
/// <remarks>
/// For the reviewer, the backup, whoever answers for the client, appointed reviewers, and administrators. Nobody says of a grant that they asked for themselves that it is
/// needed; to give it back is everybody's right who may answer.
/// </remarks>
public sealed class ReviewAnswers(IReviewStore store, IAccessEditor editor, GrantUseSurvey survey, ReviewOutcomes outcomes, ChangeRecords records, IOptions<ReviewOptions> options, TimeProvider time)
{
    /// <param name="left">What an answer to reduce leaves; null for what was used.</param>
    /// <param name="read">The ETag under which the caller read the review; null for as it is.</param>
    public Task<ChangeOutcome<Review>> AnswerAsync(Actor actor, ReviewPlace place, ReviewAnswer answer, ReducedGrant? left, string reason, string? read, CancellationToken ct) =>
        AnswerAsync(actor, place, answer, left, reason, read, async grant => (await survey.ReadAsync(place.ClientId, [grant], ct))[0], ct);

    /// <summary>The same answer for several reviews, one after another; each one stands for itself. The ledger is read once for each client.</summary>
    /// <param name="left">What an answer to reduce leaves of each; null for what was used.</param>
    public async IAsyncEnumerable<(ReviewPlace Place, ChangeOutcome<Review> Outcome)> AnswerAllAsync(
        Actor actor, IReadOnlyList<ReviewPlace> places, ReviewAnswer answer, ReducedGrant? left, string reason, [EnumeratorCancellation] CancellationToken ct)
    {
        var uses = new Dictionary<(string Client, string Server, string Grant), GrantUse>();
        foreach (var place in places) yield return (place, await AnswerAsync(actor, place, answer, left, reason, null, grant => UseOfAsync(grant, uses, ct), ct));
    }

    private async ValueTask<GrantUse> UseOfAsync(Grant grant, Dictionary<(string Client, string Server, string Grant), GrantUse> uses, CancellationToken ct)
    {
        if (!uses.ContainsKey(KeyOf(grant)))
        {
            IReadOnlyList<Grant> all = [.. (await editor.ReadGrantsAsync(grant.ClientId, ct)).Select(g => g.Value)];
            foreach (var (one, use) in all.Zip(await survey.ReadAsync(grant.ClientId, all, ct))) uses[KeyOf(one)] = use;
        }

        return uses.TryGetValue(KeyOf(grant), out var found) ? found : (await survey.ReadAsync(grant.ClientId, [grant], ct))[0];

        static (string, string, string) KeyOf(Grant grant) => (grant.ClientId, grant.Server, grant.GrantId);
    }

    private async Task<ChangeOutcome<Review>> AnswerAsync(
        Actor actor, ReviewPlace place, ReviewAnswer answer, ReducedGrant? left, string reason, string? read, Func<Grant, ValueTask<GrantUse>> useOf, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (answer == ReviewAnswer.None) return (ChangeProblem.Invalid, "Answer keep, reduce or revoke.");
        if (await store.FindReviewAsync(place, ct) is not { } found) return (ChangeProblem.NotFound, $"Campaign {place.Campaign} asks about no grant {place.GrantId} of client {place.ClientId} on {place.Server}.");
        var review = found.Value;
        if (review.State != ReviewState.Open) return (ChangeProblem.Invalid, review.State == ReviewState.Lapsed ? "The grant ended before anybody answered." : $"The review was answered by {review.AnsweredBy}.");
        var client = await editor.FindClientAsync(place.ClientId, ct);
        if (Judge(actor, review, client?.Value, answer) is { } notAllowed) return notAllowed;
        if (read is not null && read != found.ETag) return (ChangeProblem.Conflict, "Somebody else changed the review since it was read.");
        if (await editor.FindGrantAsync(place.ClientId, place.Server, place.GrantId, ct) is not { Value: var grant }) return (ChangeProblem.NotFound, "The grant is gone already.");

        var use = await useOf(grant);
        if (answer == ReviewAnswer.Reduce && Reduce(grant, use, left, out left) is { } cannot) return cannot;
        var decided = review with
        {
            State = ReviewState.Decided,
            Answer = answer,
            AnsweredBy = actor.Name,
            AnsweredAt = time.GetUtcNow(),
            Reason = reason,
            Reduction = answer == ReviewAnswer.Reduce ? left : null,
            Use = use,
            Grant = grant,
        };
        var subject = new ChangeSubject("reviewAnswered", actor, reason) { ClientId = place.ClientId, Server = place.Server, GrantId = place.GrantId };
        if (await records.AroundAsync(subject, review, decided, GovernanceJson.Default.Review, async token => await store.ReplaceReviewAsync(decided, found.ETag, token), ct) is { } met) return met;

        // The answer stands. Where this is cut off, the timer finishes it.
        return await outcomes.CarryOutAsync(decided, client?.Value, ct) ? decided with { State = ReviewState.Done } : decided;
    }

    private static (ChangeProblem, string)? Judge(Actor actor, Review review, Client? client, ReviewAnswer answer)
    {
        if (!actor.IsAdmin && !actor.IsReviewer && !review.IsFor(actor) && !(client is not null && actor.Owns(client)))
        {
            return (ChangeProblem.NotAllowed, $"This review is for {review.Reviewer}, {review.Backup}, whoever answers for the client, appointed reviewers, and administrators.");
        }

        return actor.MayBe(review.Requester) && answer != ReviewAnswer.Revoke ? (ChangeProblem.NotAllowed, "Nobody says of a grant that they asked for themselves that it is needed.") : null;
    }

    private (ChangeProblem, string)? Reduce(Grant grant, GrantUse use, ReducedGrant? asked, out ReducedGrant? left)
    {
        left = asked ?? use.Reduced();
        if (asked is null && !use.IsComplete) return (ChangeProblem.Invalid, $"More calls than are read were made in {options.Value.UseDays} days, so what was not used is not known. Name what is to be left.");
        if (left.IsEmpty) return (ChangeProblem.Invalid, "Nothing would be left: revoke it.");
        var rule = new GrantRule(grant);
        var foreign = left.Tools.FirstOrDefault(t => !rule.Covers(Catalogue.SubjectKind.Tool, t))
            ?? left.Prompts.FirstOrDefault(p => !rule.Covers(Catalogue.SubjectKind.Prompt, p))
            ?? left.Resources.FirstOrDefault(r => !grant.Resources.Contains(r, StringComparer.Ordinal) && !rule.Covers(Catalogue.SubjectKind.Resource, r));
        return foreign is null ? null : (ChangeProblem.Invalid, $"The grant does not allow '{foreign}', so it cannot be what is left of it.");
    }
}
