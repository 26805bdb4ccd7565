using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Which grants are still needed: campaigns, their reviews, and the answers.</summary>
internal sealed class ReviewOperations(IReviewStore store, ReviewDesk desk, ReviewAnswers answers, ReviewCampaigns campaigns, IClientDirectory directory, IAccessEditor editor, TimeProvider time) : IManageOperations
{
    private const string Path = "campaigns/{campaign}/reviews/{clientId}/{server}/{grantId}";
    private const string Own = "Owner: those asked of them, and about the own teams' clients";
    private const GovernanceRoles Answerers = GovernanceRoles.Admin | GovernanceRoles.Owner | GovernanceRoles.Reviewer;

    private static readonly ManageResult Campaign = new("ReviewCampaign", ManageSchemas.Of(GovernanceJson.Default.ReviewCampaign));
    private static readonly ManageResult One = new("Review", ManageSchemas.Of(GovernanceJson.Default.Review));

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "campaigns", Id = "listCampaigns", Summary = "Campaigns of reviews, by name.", Roles = GovernanceRoles.All,
            Query = [Parameters.Flag("open", "Only those that are not closed, or only those that are."), .. Parameters.Paging], Result = Campaign with { IsPage = true }, RunAsync = ListCampaignsAsync,
        },
        new() { Method = "GET", Path = "campaigns/{campaign}", Id = "getCampaign", Summary = "One campaign.", Roles = GovernanceRoles.All, Result = Campaign, RunAsync = GetCampaignAsync },
        new()
        {
            Method = "POST", Path = "campaigns", Id = "openCampaign", Summary = "Opens a campaign about all grants now; within the hour it asks about every one that nobody is asked about already.", Roles = GovernanceRoles.Admin,
            Body = ManageSchemas.Of(ManageJson.Default.CampaignBody), Example = new JsonObject { ["campaign"] = "incident-4711", ["reason"] = "After the incident every grant is looked at." },
            Result = Campaign with { Statuses = [201] }, RunAsync = OpenAsync,
        },
        new()
        {
            Method = "GET", Path = "campaigns/{campaign}/report", Id = "getCampaignReport", Summary = "A campaign with all its answers and what they were given on: evidence for whoever audits it.",
            Roles = GovernanceRoles.Admin | GovernanceRoles.Reviewer | GovernanceRoles.Auditor, Result = new ManageResult("CampaignReport", ManageSchemas.Of(GovernanceJson.Default.CampaignReport)), RunAsync = ReportAsync,
        },
        new()
        {
            Method = "GET", Path = "reviews", Id = "listReviews", Summary = "Reviews of all campaigns that are not closed, or of one, by campaign, client, server and grant.", Remark = Own, Roles = GovernanceRoles.All,
            Query =
            [
                Parameters.Of("campaign", "Only those of a campaign, also of a closed one.", "2026-Q4", Patterns.Campaign),
                Parameters.OneOf("state", "Only those in a state.", "open", "decided", "done", "lapsed"),
                Parameters.Of("reviewer", "Only those for a person, as reviewer or backup.", "66666666-6666-6666-6666-666666666666"),
                .. Parameters.Paging,
            ],
            Result = One with { IsPage = true }, RunAsync = ListAsync,
        },
        new()
        {
            Method = "GET", Path = Path, Id = "getReview", Summary = "What there is to know for an answer: whose grant, what for, how it was used, and what the use suggests.", Remark = Own, Roles = GovernanceRoles.All,
            Result = new ManageResult("ReviewSheet", ManageSchemas.Of(GovernanceJson.Default.ReviewSheet)) { IsTagged = true }, RunAsync = GetAsync,
        },
        new()
        {
            Method = "POST", Path = Path + "/answer", Id = "answerReview", Summary = "Answers a review. The first answer counts, and what follows from it is done at once.", Remark = $"{Own}; nobody keeps what they asked for", Roles = Answerers,
            Precondition = Precondition.Required, Body = ManageSchemas.Of(ManageJson.Default.ReviewAnswerBody), Example = new JsonObject { ["answer"] = "keep", ["reason"] = "Still pays refunds." }, Result = One, RunAsync = AnswerAsync,
        },
        new()
        {
            Method = "POST", Path = "campaigns/{campaign}/answers", Id = "answerReviews", Summary = "Gives the same answer to several reviews; each one stands for itself.", Remark = $"{Own}; nobody keeps what they asked for", Roles = Answerers,
            Body = ManageSchemas.Of(ManageJson.Default.ReviewAnswersBody),
            Example = new JsonObject
            {
                ["answer"] = "revoke", ["reason"] = "The agent is gone.",
                ["reviews"] = new JsonArray(new JsonObject { ["clientId"] = "33333333-3333-3333-3333-333333333333", ["server"] = "demo", ["grantId"] = "support-refunds" }),
            },
            Result = new ManageResult("ReviewOutcomes", ManageSchemas.Of(ManageJson.Default.ReviewOutcomesBody)), RunAsync = AnswerAllAsync,
        },
    ];

    private async Task<ManageAnswer> ListCampaignsAsync(ManageRequest request, CancellationToken ct)
    {
        var found = await store.ReadCampaignsAsync(ct).Select(c => c.Value).Where(c => request.Ask("open") is not { } open || (open == "true") == (c.ClosedAt is null)).ToListAsync(ct);
        return Pages.Of(request, found.OrderBy(c => c.CampaignId, StringComparer.Ordinal), c => c.CampaignId, GovernanceJson.Default.ReviewCampaign);
    }

    private async Task<ManageAnswer> GetCampaignAsync(ManageRequest request, CancellationToken ct) =>
        await store.FindCampaignAsync(request.Path["campaign"], ct) is { } found ? ManageAnswer.Of(found.Value, GovernanceJson.Default.ReviewCampaign) : ManageProblem.Absent;

    private async Task<ManageAnswer> OpenAsync(ManageRequest request, CancellationToken ct)
    {
        var body = request.Read(ManageJson.Default.CampaignBody);
        return ManageAnswer.Of(await campaigns.OpenAsync(request.Actor, body.Campaign, body.Reason, ct), opened => ManageAnswer.Of(opened, GovernanceJson.Default.ReviewCampaign) with
        {
            Status = StatusCodes.Status201Created,
            Headers = new Dictionary<string, string> { ["Location"] = $"/manage/campaigns/{opened.CampaignId}" },
        });
    }

    private async Task<ManageAnswer> ReportAsync(ManageRequest request, CancellationToken ct) =>
        await CampaignReport.MakeAsync(store, request.Path["campaign"], time.GetUtcNow(), ct) is { } report ? ManageAnswer.Of(report, GovernanceJson.Default.CampaignReport) : ManageProblem.Absent;

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        var state = request.Ask("state") is { } text ? Enum.Parse<ReviewState>(text, ignoreCase: true) : (ReviewState?)null;
        var reviews = (await desk.ListAsync(request.Ask("campaign"), request.Ask("reviewer"), state, ct)).Select(r => r.Value).ToList();
        if (request.Actor is { IsAdmin: false, IsReader: false })
        {
            var clients = await directory.ReadClientsByIdAsync(ct);
            reviews.RemoveAll(r => !ReviewDesk.Sees(request.Actor, r, clients.GetValueOrDefault(r.ClientId)));
        }

        return Pages.Of(request, reviews.OrderBy(KeyOf, StringComparer.Ordinal), KeyOf, GovernanceJson.Default.Review);

        static string KeyOf(Review review) => $"{review.Campaign}/{review.ClientId}/{review.Server}/{review.GrantId}";
    }

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await FindVisibleAsync(request, PlaceOf(request), ct) is not null && await desk.ReadAsync(PlaceOf(request), ct) is { } sheet
            ? ManageAnswer.Of(sheet with { ETag = ManageRequest.TagOf(sheet.ETag) }, GovernanceJson.Default.ReviewSheet, sheet.ETag)
            : ManageProblem.Absent;

    private async Task<ManageAnswer> AnswerAsync(ManageRequest request, CancellationToken ct)
    {
        var place = PlaceOf(request);
        if (await FindVisibleAsync(request, place, ct) is not { } found) return ManageProblem.Absent;
        if (request.Judge(found.ETag, Precondition.Required) is { } stale) return stale;
        var body = request.Read(ManageJson.Default.ReviewAnswerBody);
        var left = body.Leave is { } leave ? new ReducedGrant(leave.Tools, leave.Prompts, leave.Resources) : null;
        var outcome = await answers.AnswerAsync(request.Actor, place, Meant(body.Answer), left, body.Reason, found.ETag, ct);
        return ManageAnswer.Of(outcome, review => ManageAnswer.Of(review, GovernanceJson.Default.Review));
    }

    private async Task<ManageAnswer> AnswerAllAsync(ManageRequest request, CancellationToken ct)
    {
        var body = request.Read(ManageJson.Default.ReviewAnswersBody);
        var places = body.Reviews.Select(r => new ReviewPlace(request.Path["campaign"], r.ClientId.ToLowerInvariant(), r.Server, r.GrantId)).ToList();
        var clients = await directory.ReadClientsByIdAsync(ct);
        var visible = new List<ReviewPlace>();
        foreach (var place in places.Distinct())
        {
            if (await store.FindReviewAsync(place, ct) is { } found && ReviewDesk.Sees(request.Actor, found.Value, clients.GetValueOrDefault(place.ClientId))) visible.Add(place);
        }

        var outcomes = await answers.AnswerAllAsync(request.Actor, visible, Meant(body.Answer), null, body.Reason, ct).ToDictionaryAsync(o => o.Place, o => o.Outcome, cancellationToken: ct);
        return ManageAnswer.Of(new ReviewOutcomesBody { Outcomes = [.. places.Select(p => Told(p, outcomes.GetValueOrDefault(p)))] }, ManageJson.Default.ReviewOutcomesBody);
    }

    private static ReviewOutcomeBody Told(ReviewPlace place, ChangeOutcome<Review>? outcome)
    {
        var told = new ReviewOutcomeBody { ClientId = place.ClientId, Server = place.Server, GrantId = place.GrantId };
        return outcome switch
        {
            { Value: { } review } => told with { State = review.State == ReviewState.Done ? "done" : "decided" },
            { } met => told with { Code = ManageProblemCode.Of(met.Problem).Name, Detail = met.Message },
            null => told with { Code = ManageProblem.Absent.Code.Name, Detail = ManageProblem.Absent.Detail },
        };
    }

    private async Task<Versioned<Review>?> FindVisibleAsync(ManageRequest request, ReviewPlace place, CancellationToken ct) =>
        await store.FindReviewAsync(place, ct) is { } found && ReviewDesk.Sees(request.Actor, found.Value, (await editor.FindClientAsync(place.ClientId, ct))?.Value) ? found : null;

    private static ReviewAnswer Meant(ReviewAnswerName name) => name switch { ReviewAnswerName.Keep => ReviewAnswer.Keep, ReviewAnswerName.Reduce => ReviewAnswer.Reduce, _ => ReviewAnswer.Revoke };

    private static ReviewPlace PlaceOf(ManageRequest request) => new(request.Path["campaign"], request.Path["clientId"].ToLowerInvariant(), request.Path["server"], request.Path["grantId"]);
}
