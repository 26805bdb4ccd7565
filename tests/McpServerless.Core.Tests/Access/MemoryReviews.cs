using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;

namespace McpServerless.Core.Tests.Access;

/// <summary>Campaigns and reviews, in memory.</summary>
internal sealed class MemoryReviews : IReviewStore
{
    private readonly SortedDictionary<string, Versioned<ReviewCampaign>> _campaigns = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Versioned<Review>> _reviews = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _mark;

    /// <summary>Asked before each write; it may throw.</summary>
    public Action BeforeWrite { get; set; } = () => { };

    public IEnumerable<Review> Reviews => _reviews.Values.Select(r => r.Value);

    public IEnumerable<ReviewCampaign> Campaigns => _campaigns.Values.Select(c => c.Value);

    public IAsyncEnumerable<Versioned<ReviewCampaign>> ReadCampaignsAsync(CancellationToken ct) => _campaigns.Values.ToList().ToAsyncEnumerable();

    public ValueTask<Versioned<ReviewCampaign>?> FindCampaignAsync(string campaign, CancellationToken ct) => new(_campaigns.GetValueOrDefault(campaign));

    public ValueTask<bool> AddCampaignAsync(ReviewCampaign campaign, CancellationToken ct) => new(Write(_campaigns, campaign.CampaignId, campaign, read: null));

    public ValueTask<bool> ReplaceCampaignAsync(ReviewCampaign campaign, string read, CancellationToken ct) => new(Write(_campaigns, campaign.CampaignId, campaign, read));

    public IAsyncEnumerable<Versioned<Review>> ReadReviewsAsync(string campaign, ReviewState? state, CancellationToken ct) =>
        _reviews.Values.Where(r => r.Value.Campaign == campaign && (state is null || r.Value.State == state)).ToList().ToAsyncEnumerable();

    public ValueTask<Versioned<Review>?> FindReviewAsync(ReviewPlace place, CancellationToken ct) => new(_reviews.GetValueOrDefault(KeyOf(place)));

    public ValueTask<bool> AddReviewAsync(Review review, CancellationToken ct) => new(Write(_reviews, KeyOf(review.Place()), review, read: null));

    public ValueTask<bool> ReplaceReviewAsync(Review review, string read, CancellationToken ct) => new(Write(_reviews, KeyOf(review.Place()), review, read));

    private static string KeyOf(ReviewPlace place) => $"{place.Campaign}|{place.ClientId}|{place.Server}|{place.GrantId}";

    private bool Write<T>(SortedDictionary<string, Versioned<T>> rows, string key, T value, string? read)
    {
        BeforeWrite();
        lock (_gate)
        {
            if (rows.GetValueOrDefault(key)?.ETag != read) return false;
            rows[key] = new Versioned<T>(value, $"{++_mark}");
            return true;
        }
    }
}
