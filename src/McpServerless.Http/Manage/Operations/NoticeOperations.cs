using System.Text.Json.Nodes;
using McpServerless.Management;
using McpServerless.Notifying;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Notices, and what is done with those that did not arrive.</summary>
internal sealed class NoticeOperations(INoticeStore notices, NoticeAdministration administration) : IManageOperations
{
    private const GovernanceRoles Readers = GovernanceRoles.Admin | GovernanceRoles.Auditor;

    private static readonly ManageResult One = new("Notice", ManageSchemas.Of(NoticeJson.Default.StoredNotice));

    private static readonly ManageResult Gone = new("GoneEndpoint", ManageSchemas.Of(NoticeJson.Default.GoneEndpoint));

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "notices", Id = "listNotices", Summary = "Notices and how they were delivered, by id.", Roles = Readers,
            Query = [Parameters.OneOf("state", "Only those in a state.", "waiting", "delivered", "dead", "dropped"), .. Parameters.Paging],
            Result = One with { IsPage = true }, RunAsync = ListAsync,
        },
        new() { Method = "GET", Path = "notices/{noticeId}", Id = "getNotice", Summary = "One notice.", Roles = Readers, Result = One, RunAsync = GetAsync },
        new()
        {
            Method = "POST", Path = "notices/{noticeId}/replay", Id = "replayNotice", Summary = "Sends a closed notice again, under its id, to the endpoints that do not have it.", Roles = GovernanceRoles.Admin,
            Body = ManageSchemas.Of(ManageJson.Default.ReplayBody), Example = new JsonObject { ["reason"] = "The webhook is repaired." }, Result = One, RunAsync = ReplayAsync,
        },
        new()
        {
            Method = "POST", Path = "notices/{noticeId}/drop", Id = "dropNotice", Summary = "Gives a notice up.", Roles = GovernanceRoles.Admin,
            Body = ManageSchemas.Of(ManageJson.Default.ReasonBody), Example = new JsonObject { ["reason"] = "Known already." }, Result = One, RunAsync = DropAsync,
        },
        new()
        {
            Method = "GET", Path = "notice-endpoints", Id = "listGoneEndpoints", Summary = "Endpoints that answered 410 and get nothing since, by name.", Roles = Readers, Query = Parameters.Paging, Result = Gone with { IsPage = true }, RunAsync = ListGoneAsync,
        },
        new()
        {
            Method = "POST", Path = "notice-endpoints/{endpoint}/enable", Id = "enableEndpoint", Summary = "Lets an endpoint that answered 410 have notices again.", Roles = GovernanceRoles.Admin,
            Body = ManageSchemas.Of(ManageJson.Default.ReasonBody), Example = new JsonObject { ["reason"] = "It moved back." }, Result = Gone, RunAsync = EnableAsync,
        },
    ];

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        var state = request.Ask("state") is { } text ? Enum.Parse<NoticeState>(text, ignoreCase: true) : (NoticeState?)null;
        var found = (await notices.ReadAsync(state, ct).ToListAsync(ct)).OrderBy(n => n.Notice.NoticeId, StringComparer.Ordinal);
        return Pages.Of(request, found, n => n.Notice.NoticeId, NoticeJson.Default.StoredNotice);
    }

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await notices.FindWithDeliveriesAsync(request.Path["noticeId"], ct) is { } found ? ManageAnswer.Of(found, NoticeJson.Default.StoredNotice) : ManageProblem.Absent;

    private async Task<ManageAnswer> ListGoneAsync(ManageRequest request, CancellationToken ct) =>
        Pages.Of(request, (await notices.ReadGoneAsync(ct)).OrderBy(e => e.Name, StringComparer.Ordinal), e => e.Name, NoticeJson.Default.GoneEndpoint);

    private async Task<ManageAnswer> EnableAsync(ManageRequest request, CancellationToken ct) =>
        ManageAnswer.Of(await administration.EnableAsync(request.Actor, request.Path["endpoint"], request.Read(ManageJson.Default.ReasonBody).Reason, ct), e => ManageAnswer.Of(e, NoticeJson.Default.GoneEndpoint));

    private async Task<ManageAnswer> ReplayAsync(ManageRequest request, CancellationToken ct)
    {
        var body = request.Read(ManageJson.Default.ReplayBody);
        return ManageAnswer.Of(await administration.ReplayAsync(request.Actor, request.Path["noticeId"], body.ToAll, body.Reason, ct), n => ManageAnswer.Of(n, NoticeJson.Default.StoredNotice));
    }

    private async Task<ManageAnswer> DropAsync(ManageRequest request, CancellationToken ct) =>
        ManageAnswer.Of(await administration.DropAsync(request.Actor, request.Path["noticeId"], request.Read(ManageJson.Default.ReasonBody).Reason, ct), n => ManageAnswer.Of(n, NoticeJson.Default.StoredNotice));
}
