using McpServerless.Catalogue.Publishing;

namespace McpServerless.Access.Administration;

/// <summary>Writes down who speaks for which team. For administrators, and nobody adds themselves.</summary>
public sealed class TeamAdministration(ITeamStore teams, ChangeRecords records)
{
    /// <param name="own">The groups that the actor's token names.</param>
    /// <param name="read">The ETag under which the caller read the team; null for a new one.</param>
    public async Task<ChangeOutcome<Team>> PutAsync(Actor actor, Team wanted, IReadOnlyList<string> own, string reason, string? read, CancellationToken ct)
    {
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only an administrator says who speaks for a team.");
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        var found = await teams.FindTeamAsync(wanted.Name, ct);
        if (read != found?.ETag) return (ChangeProblem.Conflict, found is null ? "There is no such team any more." : "Somebody else changed the team since it was read.");
        if (wanted.Has(actor.Name, own) && found?.Value.Has(actor.Name, own) != true) return (ChangeProblem.NotAllowed, "Nobody makes themselves speak for a team; another administrator does.");
        var met = await records.AroundAsync(new ChangeSubject(found is null ? "teamAdded" : "teamChanged", actor, reason), found?.Value, wanted, GovernanceJson.Default.Team, async token => await teams.SaveTeamAsync(wanted, read, token), ct);
        return met is { } problem ? problem : wanted;
    }

    public async Task<ChangeOutcome<Team>> RemoveAsync(Actor actor, string name, string reason, string? read, CancellationToken ct)
    {
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only an administrator says who speaks for a team.");
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (await teams.FindTeamAsync(name, ct) is not { } found) return (ChangeProblem.NotFound, $"There is no team {name}.");
        if (read is not null && read != found.ETag) return (ChangeProblem.Conflict, "Somebody else changed the team since it was read.");
        var met = await records.AroundAsync(new ChangeSubject("teamRemoved", actor, reason), found.Value, null, GovernanceJson.Default.Team, async token => await teams.RemoveTeamAsync(name, found.ETag, token), ct);
        return met is { } problem ? problem : found.Value;
    }
}
