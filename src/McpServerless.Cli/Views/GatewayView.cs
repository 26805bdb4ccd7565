using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Gateway;
using McpServerless.Notifying;

namespace McpServerless.Cli.Views;

/// <summary>What the gateway's management API tells whoever is signed in.</summary>
internal sealed class GatewayView(GatewayClient gateway) : IGovernanceView
{
    public IAsyncEnumerable<Client> ReadClientsAsync(CancellationToken ct) => ReadAsync("clients", [], GovernanceJson.Default.Client, ct);

    public async Task<Client?> FindClientAsync(string clientId, CancellationToken ct) => (await FindAsync($"clients/{GatewayCall.Segment(clientId)}", GovernanceJson.Default.Client, ct))?.Value;

    public async Task<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct) => await ReadAsync(GrantsOf(clientId), [], GovernanceJson.Default.Grant, ct).ToListAsync(ct);

    public async Task<IReadOnlyList<Versioned<Grant>>> FindGrantsAsync(string clientId, string grantId, CancellationToken ct)
    {
        var found = new List<Versioned<Grant>>();
        foreach (var grant in (await ReadGrantsAsync(clientId, ct)).Where(g => g.GrantId == grantId))
        {
            // A list has no tags of what is in it.
            if (await FindAsync($"{GrantsOf(clientId)}/{GatewayCall.Segment(grant.Server)}/{GatewayCall.Segment(grantId)}", GovernanceJson.Default.Grant, ct) is { } tagged) found.Add(tagged);
        }

        return found;
    }

    public async Task<PageView?> ReadBudgetsAsync(Client client, CancellationToken ct)
    {
        var answer = await gateway.SendAsync(new GatewayCall("GET", $"clients/{GatewayCall.Segment(client.ClientId)}/budgets"), ct);
        if (IsAbsent(answer)) return null;
        return new PageView(
            [.. Items("counters").Select(c => new CounterView(Text(c, "counter"), Enum.Parse<LimitKind>(Text(c, "kind"), ignoreCase: true), c.GetProperty("used").GetInt64(), c.TryGetProperty("until", out var until) ? until.GetDateTimeOffset() : null))],
            [.. Items("extras").Select(e => (Text(e, "counter"), new ExtraGrant(e.GetProperty("amount").GetInt64(), e.GetProperty("until").GetDateTimeOffset(), Text(e, "reason"), Text(e, "by"))))],
            [.. Items("pauses").Select(p => (Text(p, "tool"), new RunawayPause(p.GetProperty("until").GetDateTimeOffset(), Level: 0, Text(p, "reason"))))]);

        IEnumerable<JsonElement> Items(string name) => answer.Body.GetProperty(name).EnumerateArray();
    }

    public IAsyncEnumerable<GrantRequest> ReadRequestsAsync(CancellationToken ct) => ReadAsync("requests", [], GovernanceJson.Default.GrantRequest, ct);

    public IAsyncEnumerable<Review> ReadReviewsAsync(string? campaign, string? reviewer, ReviewState? state, CancellationToken ct) =>
        ReadAsync("reviews", [("campaign", campaign), ("reviewer", reviewer), ("state", state?.ToString().ToLowerInvariant())], GovernanceJson.Default.Review, ct);

    public async Task<ReviewSheet?> FindReviewAsync(ReviewPlace place, CancellationToken ct) => (await FindAsync(PathOf(place), GovernanceJson.Default.ReviewSheet, ct))?.Value;

    public async Task<CampaignReport?> FindReportAsync(string campaign, CancellationToken ct) => (await FindAsync($"campaigns/{GatewayCall.Segment(campaign)}/report", GovernanceJson.Default.CampaignReport, ct))?.Value;

    public IAsyncEnumerable<StoredNotice> ReadNoticesAsync(NoticeState? state, CancellationToken ct) => ReadAsync("notices", [("state", state?.ToString().ToLowerInvariant())], NoticeJson.Default.StoredNotice, ct);

    public async Task<IReadOnlyList<GoneEndpoint>> ReadGoneAsync(CancellationToken ct) => await ReadAsync("notice-endpoints", [], NoticeJson.Default.GoneEndpoint, ct).ToListAsync(ct);

    public async Task<StoredNotice?> FindNoticeAsync(string noticeId, CancellationToken ct) => (await FindAsync($"notices/{GatewayCall.Segment(noticeId)}", NoticeJson.Default.StoredNotice, ct))?.Value;

    public ValueTask DisposeAsync()
    {
        gateway.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Where a review is, below the management API.</summary>
    public static string PathOf(ReviewPlace place) =>
        $"campaigns/{GatewayCall.Segment(place.Campaign)}/reviews/{GatewayCall.Segment(place.ClientId)}/{GatewayCall.Segment(place.Server)}/{GatewayCall.Segment(place.GrantId)}";

    private static string GrantsOf(string clientId) => $"clients/{GatewayCall.Segment(clientId)}/grants";

    private async IAsyncEnumerable<T> ReadAsync<T>(string path, (string Name, string? Value)[] parameters, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var item in GatewayPages.ReadAsync(gateway, path, parameters.Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Name, p.Value!)), page: 200, ct)) yield return Read(item, type); // those without a value are left out
    }

    private async Task<Versioned<T>?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        var answer = await gateway.SendAsync(new GatewayCall("GET", path), ct);
        return IsAbsent(answer) ? null : new Versioned<T>(Read(answer.Body, type), answer.ETag ?? "");
    }

    /// <exception cref="UsageException">The gateway refuses for another reason.</exception>
    private static bool IsAbsent(GatewayAnswer answer) => answer.Succeeded ? false : answer.Status == 404 ? true : throw new UsageException(string.Join(' ', answer.Problem()));

    private static T Read<T>(JsonElement item, JsonTypeInfo<T> type)
    {
        try
        {
            return item.Deserialize(type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new UsageException($"the gateway answered what this version of mcpgov does not know: {e.Message}");
        }
    }

    private static string Text(JsonElement item, string name) => JsonMembers.Text(item, name) ?? "";
}
