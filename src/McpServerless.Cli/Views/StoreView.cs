using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Budgets;
using McpServerless.Cli.Stores;
using McpServerless.Notifying;
using Microsoft.Extensions.Options;

namespace McpServerless.Cli.Views;

/// <summary>What stands in the storage account.</summary>
internal sealed class StoreView(GovernanceStores stores, TimeProvider time) : IGovernanceView
{
    private readonly ReviewDesk _desk = new(stores.Reviews, stores.Editor, stores.Catalogues, new GrantUseSurvey(stores.Audit, Options.Create(new ReviewOptions()), time));

    public IAsyncEnumerable<Client> ReadClientsAsync(CancellationToken ct) => stores.Clients.ReadClientsAsync(ct);

    public async Task<Client?> FindClientAsync(string clientId, CancellationToken ct) => (await stores.Editor.FindClientAsync(clientId, ct))?.Value;

    public async Task<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct) => await stores.Access.ReadGrantsAsync(clientId, ct);

    public async Task<IReadOnlyList<Versioned<Grant>>> FindGrantsAsync(string clientId, string grantId, CancellationToken ct) => [.. (await stores.Editor.ReadGrantsAsync(clientId, ct)).Where(g => g.Value.GrantId == grantId)];

    public async Task<PageView?> ReadBudgetsAsync(Client client, CancellationToken ct) => await new BudgetOperations(stores.Budgets, time).ShowAsync(new BudgetPageKey(client.TenantId, client.ClientId), ct);

    public IAsyncEnumerable<GrantRequest> ReadRequestsAsync(CancellationToken ct) => stores.Editor.ReadRequestsAsync(ct).Select(r => r.Value);

    public async IAsyncEnumerable<Review> ReadReviewsAsync(string? campaign, string? reviewer, ReviewState? state, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var review in await _desk.ListAsync(campaign, reviewer, state, ct)) yield return review.Value;
    }

    public Task<ReviewSheet?> FindReviewAsync(ReviewPlace place, CancellationToken ct) => _desk.ReadAsync(place, ct);

    public Task<CampaignReport?> FindReportAsync(string campaign, CancellationToken ct) => CampaignReport.MakeAsync(stores.Reviews, campaign, time.GetUtcNow(), ct);

    public IAsyncEnumerable<StoredNotice> ReadNoticesAsync(NoticeState? state, CancellationToken ct) => stores.Notices.ReadAsync(state, ct);

    public async Task<IReadOnlyList<GoneEndpoint>> ReadGoneAsync(CancellationToken ct) => await stores.Notices.ReadGoneAsync(ct);

    public async Task<StoredNotice?> FindNoticeAsync(string noticeId, CancellationToken ct) => await stores.Notices.FindWithDeliveriesAsync(noticeId, ct);

    public ValueTask DisposeAsync() => stores.DisposeAsync();
}
