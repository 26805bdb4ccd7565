using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Manage.Operations;

/// <summary>What clients may do.</summary>
internal sealed class GrantOperations(IAccessEditor editor, GrantAdministration administration, ICatalogueStore catalogues, TimeProvider time) : IManageOperations
{
    private const string Path = "clients/{clientId}/grants/{server}/{grantId}";

    private static readonly ManageResult One = new("Grant", ManageSchemas.Of(GovernanceJson.Default.Grant)) { IsTagged = true };

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "clients/{clientId}/grants", Id = "listGrants", Summary = "A client's grants, by server and name.", Remark = "Owner: of the own teams' clients", Roles = GovernanceRoles.All,
            Query = [Parameters.Of("server", "Only those on a virtual server.", "demo", Patterns.Name), .. Parameters.Paging],
            Result = One with { IsPage = true, IsTagged = false }, RunAsync = ListAsync,
        },
        new() { Method = "GET", Path = Path, Id = "getGrant", Summary = "One grant.", Remark = "Owner: of the own teams' clients", Roles = GovernanceRoles.All, Result = One, RunAsync = GetAsync },
        new()
        {
            Method = "PUT", Path = Path, Id = "putGrant",
            Summary = "Gives a grant, or changes one. The caller is its approver. What is highly sensitive takes two persons, hence a request and its approval.",
            Remark = "not for a client of one's own", Roles = GovernanceRoles.Admin, Precondition = Precondition.RequiredIfExists,
            Body = ManageSchemas.OfFile(DeclaredAccess.GrantSchema, withReason: false, "$schema", "kind", "grantId", "clientId", "server", "approver"),
            Example = new JsonObject { ["tools"] = new JsonArray("find-order"), ["justification"] = "Support looks orders up.", ["expiresIn"] = "P30D" },
            Result = One with { Statuses = [200, 201] }, RunAsync = PutAsync,
        },
        new()
        {
            Method = "POST", Path = Path + "/revoke", Id = "revokeGrant", Summary = "Takes a grant away.", Remark = "Owner: of the own teams' clients, or of all tools that it names; a denial only Admin",
            Roles = GovernanceRoles.Admin | GovernanceRoles.Owner, Precondition = Precondition.Required,
            Body = ManageSchemas.Of(ManageJson.Default.ReasonBody), Example = new JsonObject { ["reason"] = "No longer needed." },
            Result = One with { IsTagged = false }, RunAsync = RevokeAsync,
        },
    ];

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        if (await ClientOperations.FindVisibleAsync(editor, request, ct) is not { } client) return ManageProblem.Absent;
        var grants = (await editor.ReadGrantsAsync(client.Value.ClientId, ct)).Select(g => g.Value)
            .Where(g => request.Ask("server") is not { } server || g.Server == server)
            .OrderBy(KeyOf, StringComparer.Ordinal);
        return Pages.Of(request, grants, KeyOf, GovernanceJson.Default.Grant);

        static string KeyOf(Grant grant) => $"{grant.Server}/{grant.GrantId}";
    }

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await ClientOperations.FindVisibleAsync(editor, request, ct) is { } client && await FindAsync(request, client.Value, ct) is { } found
            ? ManageAnswer.Of(found.Value, GovernanceJson.Default.Grant, found.ETag)
            : ManageProblem.Absent;

    private async Task<ManageAnswer> PutAsync(ManageRequest request, CancellationToken ct)
    {
        if (await ClientOperations.FindVisibleAsync(editor, request, ct) is not { Value: var client }) return ManageProblem.Absent;
        var found = await FindAsync(request, client, ct);
        if (request.Judge(found?.ETag, Precondition.RequiredIfExists) is { } stale) return stale;
        if (await catalogues.ReadActiveAsync(ct) is not { } version) return new ManageProblem(ManageProblemCode.ChangeInvalid, "No catalogue is published.");
        var (grant, faults) = DeclaredAccess.ReadGrant(client, request.Path["server"], request.Path["grantId"], request.Actor.Name, request.Body, version, time.GetUtcNow());
        if (grant is null) return new ManageProblem(ManageProblemCode.BodyInvalid, "The grant cannot be given so.") { Errors = faults };
        var outcome = await administration.PutAsync(request.Actor, grant, found?.ETag, ct);
        if (outcome.Value is not { } given) return ManageAnswer.Of(outcome, g => ManageAnswer.Of(g, GovernanceJson.Default.Grant));
        var now = await FindAsync(request, client, ct);
        return ManageAnswer.Of(given, GovernanceJson.Default.Grant, now?.ETag) with { Status = found is null ? StatusCodes.Status201Created : StatusCodes.Status200OK };
    }

    private async Task<ManageAnswer> RevokeAsync(ManageRequest request, CancellationToken ct)
    {
        // The teams of the tools may take a grant away whose client is not theirs to look at, so what they may not is told by the change itself.
        if (await editor.FindClientAsync(request.Path["clientId"], ct) is not { Value: var client } || await FindAsync(request, client, ct) is not { } found) return ManageProblem.Absent;
        if (!request.Actor.Sees(client) && !await administration.MayRevokeAsync(request.Actor, found.Value, client, ct)) return ManageProblem.Absent;
        if (request.Judge(found.ETag, Precondition.Required) is { } stale) return stale;
        var outcome = await administration.RevokeAsync(request.Actor, client.ClientId, found.Value.Server, found.Value.GrantId, request.Read(ManageJson.Default.ReasonBody).Reason, found.ETag, ct);
        return ManageAnswer.Of(outcome, grant => ManageAnswer.Of(grant, GovernanceJson.Default.Grant));
    }

    private ValueTask<Versioned<Grant>?> FindAsync(ManageRequest request, Client client, CancellationToken ct) =>
        editor.FindGrantAsync(client.ClientId, request.Path["server"], request.Path["grantId"], ct);
}
