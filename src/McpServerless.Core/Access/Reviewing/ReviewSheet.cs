using McpServerless.Access.Administration;
using McpServerless.Catalogue;

namespace McpServerless.Access.Reviewing;

/// <summary>What a reviewer sees of one review.</summary>
/// <param name="Review">The question, and the answer where there is one.</param>
/// <param name="ETag">For an answer to exactly this.</param>
/// <param name="Client">Whose grant it is; null when the client is gone.</param>
/// <param name="Grant">The grant as it is; null when it is gone.</param>
/// <param name="Use">How it was used; null when the grant is gone.</param>
/// <param name="Unused">Tools that it names and that nobody called.</param>
/// <param name="Suggested">What the use suggests; null where it suggests nothing.</param>
/// <param name="Why">Why, for people.</param>
public sealed record ReviewSheet(Review Review, string ETag, Client? Client, Grant? Grant, GrantUse? Use, IReadOnlyList<string> Unused, ReviewAnswer? Suggested, string Why);

/// <summary>Reads reviews for people: which there are, and what there is to know about each.</summary>
public sealed class ReviewDesk(IReviewStore store, IAccessEditor editor, ICatalogueStore catalogues, GrantUseSurvey survey)
{
    /// <summary>Reviews of one campaign, or of all that are not closed.</summary>
    /// <param name="reviewer">Only those for this person, as reviewer or backup; null for all.</param>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    public async Task<IReadOnlyList<Versioned<Review>>> ListAsync(string? campaign, string? reviewer, ReviewState? state, CancellationToken ct)
    {
        var campaigns = campaign is not null ? [campaign] : await store.ReadCampaignsAsync(ct).Where(c => c.Value.ClosedAt is null).Select(c => c.Value.CampaignId).ToListAsync(ct);
        var reviews = new List<Versioned<Review>>();
        foreach (var id in campaigns)
        {
            await foreach (var review in store.ReadReviewsAsync(id, state, ct))
            {
                if (reviewer is null || Is(reviewer, review.Value.Reviewer) || Is(reviewer, review.Value.Backup)) reviews.Add(review);
            }
        }

        return reviews;
    }

    /// <summary>What there is to know about one review; null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">Store or ledger could not be read.</exception>
    public async Task<ReviewSheet?> ReadAsync(ReviewPlace place, CancellationToken ct)
    {
        if (await store.FindReviewAsync(place, ct) is not { } found) return null;
        var client = (await editor.FindClientAsync(place.ClientId, ct))?.Value;
        var grant = (await editor.FindGrantAsync(place.ClientId, place.Server, place.GrantId, ct))?.Value;
        if (grant is null) return new ReviewSheet(found.Value, found.ETag, client, null, null, [], null, "The grant is gone.");
        var use = (await survey.ReadAsync(place.ClientId, [grant], ct))[0];
        var version = await catalogues.ReadActiveAsync(ct);
        IReadOnlyList<string> unused = version is null ? [] : [.. NamedTools.Of(version, grant.Server, grant.Tools).Select(t => t.Name).Where(name => !use.Tools.ContainsKey(name)).Order(StringComparer.Ordinal)];
        var (suggested, why) = Suggest(use, unused);
        return new ReviewSheet(found.Value, found.ETag, client, grant, use, unused, suggested, why);
    }

    private static (ReviewAnswer?, string) Suggest(GrantUse use, IReadOnlyList<string> unused) => (use, unused) switch
    {
        ({ IsComplete: false }, _) => (null, "There are more calls than are read, so what was not used is not known."),
        ({ Calls: 0 }, _) => (ReviewAnswer.Revoke, $"It was not used since {use.From:yyyy-MM-dd}."),
        (_, { Count: > 0 }) => (ReviewAnswer.Reduce, $"Not used since {use.From:yyyy-MM-dd}: {string.Join(", ", unused)}."),
        _ => (ReviewAnswer.Keep, "All of it was used."),
    };

    /// <summary>Whether somebody may know of a review of a client's grant.</summary>
    public static bool Sees(Actor actor, Review review, Client? client) => actor.IsAdmin || actor.IsReader || review.IsFor(actor) || (client is not null && actor.Owns(client));

    private static bool Is(string wanted, string name) => string.Equals(wanted, name, StringComparison.OrdinalIgnoreCase);
}
