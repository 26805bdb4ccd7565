using McpServerless.Access.Administration;

namespace McpServerless.Access.Reviewing;

/// <summary>Campaigns and their reviews.</summary>
public interface IReviewStore
{
    /// <summary>All campaigns, by their ids.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Versioned<ReviewCampaign>> ReadCampaignsAsync(CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Versioned<ReviewCampaign>?> FindCampaignAsync(string campaign, CancellationToken ct);

    /// <summary>False when there is one of that id.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> AddCampaignAsync(ReviewCampaign campaign, CancellationToken ct);

    /// <summary>False when the campaign is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> ReplaceCampaignAsync(ReviewCampaign campaign, string read, CancellationToken ct);

    /// <summary>Reviews of a campaign by client, server and grant; of one state, or all.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Versioned<Review>> ReadReviewsAsync(string campaign, ReviewState? state, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Versioned<Review>?> FindReviewAsync(ReviewPlace place, CancellationToken ct);

    /// <summary>False when the grant is asked about in that campaign already.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> AddReviewAsync(Review review, CancellationToken ct);

    /// <summary>False when the review is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> ReplaceReviewAsync(Review review, string read, CancellationToken ct);
}

/// <summary>Grants as reviews go through them.</summary>
public interface IReviewableGrants
{
    /// <summary>All grants, client by client, of clients behind one; from the beginning where it is empty.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Grant> ReadGrantsAfterAsync(string clientId, CancellationToken ct);

    /// <summary>Grants whose next review is at a moment or before it.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Grant> ReadGrantsToReviewAsync(DateTimeOffset moment, CancellationToken ct);
}
