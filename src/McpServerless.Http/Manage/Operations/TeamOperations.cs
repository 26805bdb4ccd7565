using System.Text.Json.Nodes;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Who speaks for which team.</summary>
internal sealed class TeamOperations(ITeamStore teams, TeamAdministration administration) : IManageOperations
{
    private const GovernanceRoles Readers = GovernanceRoles.Admin | GovernanceRoles.Reviewer | GovernanceRoles.Auditor;

    private static readonly ManageResult One = new("Team", ManageSchemas.Of(GovernanceJson.Default.Team)) { IsTagged = true };

    public IEnumerable<ManageOperation> All =>
    [
        new() { Method = "GET", Path = "teams", Id = "listTeams", Summary = "Teams, by name.", Roles = Readers, Query = Parameters.Paging, Result = One with { IsPage = true, IsTagged = false }, RunAsync = ListAsync },
        new() { Method = "GET", Path = "teams/{team}", Id = "getTeam", Summary = "One team.", Roles = Readers, Result = One, RunAsync = GetAsync },
        new()
        {
            Method = "PUT", Path = "teams/{team}", Id = "putTeam", Summary = "Says who speaks for a team.", Remark = "nobody adds themselves", Roles = GovernanceRoles.Admin, Precondition = Precondition.RequiredIfExists,
            Body = ManageSchemas.Of(ManageJson.Default.TeamBody),
            Example = new JsonObject { ["members"] = new JsonArray("66666666-6666-6666-6666-666666666666"), ["groups"] = new JsonArray(), ["reason"] = "New in the team." },
            Result = One with { Statuses = [200, 201] }, RunAsync = PutAsync,
        },
        new()
        {
            Method = "POST", Path = "teams/{team}/remove", Id = "removeTeam", Summary = "Takes a team away: nobody speaks for it any more.", Roles = GovernanceRoles.Admin, Precondition = Precondition.Required,
            Body = ManageSchemas.Of(ManageJson.Default.ReasonBody), Example = new JsonObject { ["reason"] = "The team was dissolved." },
            Result = One with { IsTagged = false }, RunAsync = RemoveAsync,
        },
    ];

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct) =>
        Pages.Of(request, (await teams.ReadTeamsAsync(ct)).Select(t => t.Value).OrderBy(t => t.Name, StringComparer.Ordinal), t => t.Name, GovernanceJson.Default.Team);

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await teams.FindTeamAsync(request.Path["team"], ct) is { } found ? ManageAnswer.Of(found.Value, GovernanceJson.Default.Team, found.ETag) : ManageProblem.Absent;

    private async Task<ManageAnswer> PutAsync(ManageRequest request, CancellationToken ct)
    {
        var found = await teams.FindTeamAsync(request.Path["team"], ct);
        if (request.Judge(found?.ETag, Precondition.RequiredIfExists) is { } stale) return stale;
        var body = request.Read(ManageJson.Default.TeamBody);
        var outcome = await administration.PutAsync(request.Actor, new Team(request.Path["team"], body.Members, body.Groups), request.Caller.Caller.Groups, body.Reason, found?.ETag, ct);
        if (outcome.Value is not { } team) return ManageAnswer.Of(outcome, t => ManageAnswer.Of(t, GovernanceJson.Default.Team));
        var now = await teams.FindTeamAsync(team.Name, ct);
        return ManageAnswer.Of(team, GovernanceJson.Default.Team, now?.ETag) with { Status = found is null ? StatusCodes.Status201Created : StatusCodes.Status200OK };
    }

    private async Task<ManageAnswer> RemoveAsync(ManageRequest request, CancellationToken ct)
    {
        if (await teams.FindTeamAsync(request.Path["team"], ct) is not { } found) return ManageProblem.Absent;
        if (request.Judge(found.ETag, Precondition.Required) is { } stale) return stale;
        return ManageAnswer.Of(await administration.RemoveAsync(request.Actor, found.Value.Name, request.Read(ManageJson.Default.ReasonBody).Reason, found.ETag, ct), t => ManageAnswer.Of(t, GovernanceJson.Default.Team));
    }
}
