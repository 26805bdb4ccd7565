using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Budgets;
using McpServerless.Notifying;

namespace McpServerless.Cli.Views;

/// <summary>What commands show of who may do what: as the gateway tells whoever is signed in, or as it stands in the storage account.</summary>
/// <remarks>What is not there, and what the gateway does not let the caller know of, is null or missing.</remarks>
internal interface IGovernanceView : IAsyncDisposable
{
    IAsyncEnumerable<Client> ReadClientsAsync(CancellationToken ct);

    Task<Client?> FindClientAsync(string clientId, CancellationToken ct);

    Task<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct);

    /// <summary>A client's grants of a name, on whichever server, with the ETags for changes by the same way.</summary>
    Task<IReadOnlyList<Versioned<Grant>>> FindGrantsAsync(string clientId, string grantId, CancellationToken ct);

    /// <summary>A client's counters and pauses; null for none.</summary>
    Task<PageView?> ReadBudgetsAsync(Client client, CancellationToken ct);

    IAsyncEnumerable<GrantRequest> ReadRequestsAsync(CancellationToken ct);

    IAsyncEnumerable<Review> ReadReviewsAsync(string? campaign, string? reviewer, ReviewState? state, CancellationToken ct);

    Task<ReviewSheet?> FindReviewAsync(ReviewPlace place, CancellationToken ct);

    Task<CampaignReport?> FindReportAsync(string campaign, CancellationToken ct);

    IAsyncEnumerable<StoredNotice> ReadNoticesAsync(NoticeState? state, CancellationToken ct);

    /// <summary>Endpoints that said that they are gone, and get nothing since.</summary>
    Task<IReadOnlyList<GoneEndpoint>> ReadGoneAsync(CancellationToken ct);

    Task<StoredNotice?> FindNoticeAsync(string noticeId, CancellationToken ct);
}
