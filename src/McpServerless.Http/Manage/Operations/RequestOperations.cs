using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Access just in time: asked for by a client's owner, decided by the team of the tools.</summary>
internal sealed class RequestOperations(IAccessEditor editor, GrantRequests requests, ICatalogueStore catalogues, TimeProvider time) : IManageOperations
{
    private static readonly ManageResult One = new("GrantRequest", ManageSchemas.Of(GovernanceJson.Default.GrantRequest)) { IsTagged = true };

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "requests", Id = "listRequests", Summary = "Requests for grants, the oldest first.", Remark = "Owner: about the own teams' clients or tools", Roles = GovernanceRoles.All,
            Query = [Parameters.OneOf("state", "Only those in a state.", "pending", "approved", "rejected"), Parameters.Of("clientId", "Only those for a client.", "33333333-3333-3333-3333-333333333333", Patterns.Guid), .. Parameters.Paging],
            Result = One with { IsPage = true, IsTagged = false }, RunAsync = ListAsync,
        },
        new()
        {
            Method = "POST", Path = "requests", Id = "createRequest", Summary = "Asks for a grant of some tools for a time.", Remark = "Owner: for the own teams' clients", Roles = GovernanceRoles.Admin | GovernanceRoles.Owner,
            Body = ManageSchemas.Of(ManageJson.Default.WishBody),
            Example = new JsonObject { ["clientId"] = "33333333-3333-3333-3333-333333333333", ["server"] = "demo", ["tools"] = new JsonArray("refund"), ["minutes"] = 60, ["justification"] = "Refunds of incident 4711." },
            Result = One with { Statuses = [201] }, RunAsync = CreateAsync,
        },
        new() { Method = "GET", Path = "requests/{requestId}", Id = "getRequest", Summary = "One request.", Remark = "Owner: about the own teams' clients or tools", Roles = GovernanceRoles.All, Result = One, RunAsync = GetAsync },
        Decide("approve", "approveRequest", "Gives what a request asks for, from now on and for its time.", "Owner: of all its tools' teams; nobody their own request, nor one for a client of their own", requests.ApproveAsync),
        Decide("reject", "rejectRequest", "Rejects a request.", "Owner: of one of its tools' teams, or whoever asked", requests.RejectAsync),
    ];

    private ManageOperation Decide(string verb, string id, string summary, string remark, Func<Actor, string, string, CancellationToken, Task<ChangeOutcome<GrantRequest>>> decide) => new()
    {
        Method = "POST",
        Path = $"requests/{{requestId}}/{verb}",
        Id = id,
        Summary = summary,
        Remark = remark,
        Roles = GovernanceRoles.Admin | GovernanceRoles.Owner,
        Precondition = Precondition.Required,
        Body = ManageSchemas.Of(ManageJson.Default.ReasonBody),
        Example = new JsonObject { ["reason"] = "As agreed in the incident." },
        Result = One,
        RunAsync = async (request, ct) =>
        {
            if (await FindVisibleAsync(request, ct) is not { } found) return ManageProblem.Absent;
            if (request.Judge(found.ETag, Precondition.Required) is { } stale) return stale;
            return await AnswerAsync(await decide(request.Actor, found.Value.RequestId, request.Read(ManageJson.Default.ReasonBody).Reason, ct), 200, ct);
        },
    };

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        var version = await catalogues.ReadActiveAsync(ct);
        var clients = new Dictionary<string, Client?>(StringComparer.Ordinal);
        var seen = new List<GrantRequest>();
        await foreach (var (wish, _) in editor.ReadRequestsAsync(ct))
        {
            if (request.Ask("state") is { } state && !string.Equals(state, wish.State.ToString(), StringComparison.OrdinalIgnoreCase)) continue;
            if (request.Ask("clientId") is { } clientId && !string.Equals(clientId, wish.ClientId, StringComparison.OrdinalIgnoreCase)) continue;
            if (!clients.TryGetValue(wish.ClientId, out var client)) clients[wish.ClientId] = client = (await editor.FindClientAsync(wish.ClientId, ct))?.Value;
            if (GrantRequests.Sees(request.Actor, wish, client, version)) seen.Add(wish);
        }

        return Pages.Of(request, seen, r => r.RequestId, GovernanceJson.Default.GrantRequest);
    }

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await FindVisibleAsync(request, ct) is { } found ? ManageAnswer.Of(found.Value, GovernanceJson.Default.GrantRequest, found.ETag) : ManageProblem.Absent;

    private async Task<ManageAnswer> CreateAsync(ManageRequest request, CancellationToken ct)
    {
        var body = request.Read(ManageJson.Default.WishBody);
        if (await editor.FindClientAsync(body.ClientId, ct) is not { Value: var client } || !request.Actor.Sees(client)) return ManageProblem.Absent;
        var wish = new GrantRequest
        {
            RequestId = "",
            ClientId = client.ClientId,
            Server = body.Server,
            Tools = body.Tools,
            Constraints = [.. body.Constraints.Select(c => new ArgumentConstraint(c.Tools, c.Arguments))],
            Minutes = body.Minutes,
            Justification = body.Justification,
            Ticket = body.Ticket,
            Requester = request.Actor.Name,
            RequestedAt = time.GetUtcNow(),
        };
        var answer = await AnswerAsync(await requests.RequestAsync(request.Actor, wish, ct), StatusCodes.Status201Created, ct);
        return answer;
    }

    private async Task<ManageAnswer> AnswerAsync(ChangeOutcome<GrantRequest> outcome, int status, CancellationToken ct)
    {
        if (outcome.Value is not { } made) return ManageAnswer.Of(outcome, r => ManageAnswer.Of(r, GovernanceJson.Default.GrantRequest));
        var now = await editor.FindRequestAsync(made.RequestId, ct);
        var answer = ManageAnswer.Of(now?.Value ?? made, GovernanceJson.Default.GrantRequest, now?.ETag) with { Status = status };
        return status == StatusCodes.Status201Created ? answer with { Headers = new Dictionary<string, string>(answer.Headers) { ["Location"] = $"/manage/requests/{made.RequestId}" } } : answer;
    }

    private async Task<Versioned<GrantRequest>?> FindVisibleAsync(ManageRequest request, CancellationToken ct) =>
        await editor.FindRequestAsync(request.Path["requestId"], ct) is { } found
        && GrantRequests.Sees(request.Actor, found.Value, (await editor.FindClientAsync(found.Value.ClientId, ct))?.Value, await catalogues.ReadActiveAsync(ct))
            ? found
            : null;
}
