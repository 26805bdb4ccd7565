using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Data.Tables;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue.Publishing;

namespace McpServerless.Azure.Access;

/// <summary>Campaigns and reviews in Table Storage: a partition of campaigns, and one for the reviews of each.</summary>
internal sealed class TableReviewStore(TableSet tables) : IReviewStore
{
    private const string CampaignsKey = "campaigns";

    public async IAsyncEnumerable<Versioned<ReviewCampaign>> ReadCampaignsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Reviews.ReadPartitionAsync(CampaignsKey, rowsPerPage: null, ct)) yield return Of(entity, GovernanceJson.Default.ReviewCampaign);
    }

    public async ValueTask<Versioned<ReviewCampaign>?> FindCampaignAsync(string campaign, CancellationToken ct) =>
        await tables.Reviews.FindAsync(CampaignsKey, TableKey.Of(campaign), ct) is { } entity ? Of(entity, GovernanceJson.Default.ReviewCampaign) : null;

    public ValueTask<bool> AddCampaignAsync(ReviewCampaign campaign, CancellationToken ct) => tables.Reviews.AddAsync(EntityOf(campaign), ct);

    public ValueTask<bool> ReplaceCampaignAsync(ReviewCampaign campaign, string read, CancellationToken ct) => tables.Reviews.ReplaceAsync(EntityOf(campaign), new ETag(read), ct);

    public async IAsyncEnumerable<Versioned<Review>> ReadReviewsAsync(string campaign, ReviewState? state, [EnumeratorCancellation] CancellationToken ct)
    {
        var partition = PartitionOf(campaign);
        var rows = state is { } wanted ? tables.Reviews.ReadWithAsync(partition, "State", wanted.ToString(), ct) : tables.Reviews.ReadPartitionAsync(partition, rowsPerPage: null, ct);
        await foreach (var entity in rows) yield return Of(entity, GovernanceJson.Default.Review);
    }

    public async ValueTask<Versioned<Review>?> FindReviewAsync(ReviewPlace place, CancellationToken ct) =>
        await tables.Reviews.FindAsync(PartitionOf(place.Campaign), TableKey.Of(place.ClientId, place.Server, place.GrantId), ct) is { } entity ? Of(entity, GovernanceJson.Default.Review) : null;

    public ValueTask<bool> AddReviewAsync(Review review, CancellationToken ct) => tables.Reviews.AddAsync(EntityOf(review), ct);

    public ValueTask<bool> ReplaceReviewAsync(Review review, string read, CancellationToken ct) => tables.Reviews.ReplaceAsync(EntityOf(review), new ETag(read), ct);

    private static TableEntity EntityOf(ReviewCampaign campaign)
    {
        var entity = new TableEntity(CampaignsKey, TableKey.Of(campaign.CampaignId));
        ChunkedText.Write(entity, JsonSerializer.Serialize(campaign, GovernanceJson.Default.ReviewCampaign));
        return entity;
    }

    private static TableEntity EntityOf(Review review)
    {
        var entity = new TableEntity(PartitionOf(review.Campaign), TableKey.Of(review.ClientId, review.Server, review.GrantId)) { ["State"] = review.State.ToString() };
        ChunkedText.Write(entity, JsonSerializer.Serialize(review, GovernanceJson.Default.Review));
        return entity;
    }

    private static string PartitionOf(string campaign) => TableKey.Of("campaign", campaign);

    private Versioned<T> Of<T>(TableEntity entity, JsonTypeInfo<T> type)
        where T : class
    {
        var row = new Row(tables.Reviews, entity);
        try
        {
            return new Versioned<T>(JsonSerializer.Deserialize(ChunkedText.Read(row), type) ?? throw row.Unreadable("it is null"), entity.ETag.ToString());
        }
        catch (JsonException e)
        {
            throw row.Unreadable("it is neither campaign nor review", e);
        }
    }
}
