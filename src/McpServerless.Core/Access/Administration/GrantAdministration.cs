using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Notifying;

namespace McpServerless.Access.Administration;

/// <summary>Gives grants and takes them away.</summary>
/// <remarks>What allows is taken away by whoever answers for the client, by the teams of all tools that it names, and by administrators. What denies only by administrators: without it more would be allowed.</remarks>
public sealed class GrantAdministration(IAccessEditor editor, IAccessStore access, ICatalogueStore catalogues, ChangeRecords records, TimeProvider time)
{
    /// <param name="read">The ETag under which the caller read the grant; null to take it away as it is.</param>
    public Task<ChangeOutcome<Grant>> RevokeAsync(Actor actor, string clientId, string grantId, string reason, string? read, CancellationToken ct) =>
        RevokeAsync(actor, clientId, null, grantId, reason, read, ct);

    /// <summary>Gives a client a grant, or changes one.</summary>
    /// <remarks>What is highly sensitive takes two persons who are proven: one asks for it (<see cref="GrantRequests"/>), another approves.</remarks>
    /// <param name="wanted">What it is to be, as it passed the checks of files; its approver is whoever changes it.</param>
    /// <param name="read">The ETag under which the caller read it; null for a new one.</param>
    public async Task<ChangeOutcome<Grant>> PutAsync(Actor actor, Grant wanted, string? read, CancellationToken ct)
    {
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only an administrator gives grants; ask for one with a request.");
        if (await editor.FindClientAsync(wanted.ClientId, ct) is not { Value: var client }) return (ChangeProblem.NotFound, $"No client {wanted.ClientId} is registered.");
        if (actor.GainsFrom(client)) return (ChangeProblem.NotAllowed, "Nobody changes the grants of a client of their own; another administrator does.");
        if (client.State == ClientState.Deprovisioned) return (ChangeProblem.Invalid, "The client was deprovisioned, which is for good.");
        if (await catalogues.ReadActiveAsync(ct) is not { } version) return (ChangeProblem.Invalid, "No catalogue is published.");
        if (version.Servers.All(s => s.Name != wanted.Server)) return (ChangeProblem.Invalid, $"There is no virtual server {wanted.Server}.");
        if (wanted.Effect == GrantEffect.Allow && ReviewSchedule.SensitivityOf(wanted, version) == Sensitivity.High)
            return (ChangeProblem.NotAllowed, "It allows something of high sensitivity, which takes two persons: one makes a request, another approves it.");
        var found = await editor.FindGrantAsync(wanted.ClientId, wanted.Server, wanted.GrantId, ct);
        if (read != found?.ETag) return (ChangeProblem.Conflict, found is null ? "There is no such grant any more." : "Somebody else changed the grant since it was read.");
        var after = wanted with { Approver = actor.Name, NextReview = wanted.NextReview ?? found?.Value.NextReview ?? ReviewSchedule.First(wanted, version, time.GetUtcNow()) };
        var subject = new ChangeSubject(found is null ? "grantGiven" : "grantChanged", actor, wanted.Justification) { ClientId = wanted.ClientId, Server = wanted.Server, GrantId = wanted.GrantId };
        var met = await records.AroundAsync(subject, found?.Value, after, GovernanceJson.Default.Grant, async token =>
        {
            if (!(found is null ? await editor.AddGrantAsync(after, token) : await editor.ReplaceGrantAsync(after, found.ETag, token))) return false;
            await access.BumpEpochAsync(token);
            return true;
        }, ct);
        return met is { } problem ? problem : after;
    }

    /// <param name="server">The virtual server of the grant; null where the client has only one grant of that id.</param>
    public async Task<ChangeOutcome<Grant>> RevokeAsync(Actor actor, string clientId, string? server, string grantId, string reason, string? read, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        var grants = await editor.ReadGrantsAsync(clientId, ct);
        var named = grants.Where(g => g.Value.GrantId == grantId && (server is null || g.Value.Server == server)).ToList();
        if (named.Count == 0) return (ChangeProblem.NotFound, $"Client {clientId} has no grant {grantId}.");
        if (named.Count > 1) return (ChangeProblem.Invalid, $"Client {clientId} has a grant {grantId} on each of {string.Join(", ", named.Select(g => g.Value.Server))}; take them away in their files.");
        var (grant, etag) = named[0];
        var client = await editor.FindClientAsync(grant.ClientId, ct);
        if (await JudgeAsync(actor, grant, client?.Value, ct) is { } notAllowed) return notAllowed;
        if (read is not null && read != etag) return (ChangeProblem.Conflict, "Somebody else changed the grant since it was read.");
        var subject = new ChangeSubject("grantRevoked", actor, reason)
        {
            ClientId = grant.ClientId,
            Server = grant.Server,
            GrantId = grant.GrantId,
            Notice = AccessNotices.GrantRevoked(grant, client?.Value, actor.Name, reason, etag, time.GetUtcNow()),
            Proof = AccessNotices.Gone(grant),
        };
        if (await records.AroundAsync(subject, grant, null, GovernanceJson.Default.Grant, RemoveAsync, ct) is { } met) return met;
        return grant;

        async Task<bool> RemoveAsync(CancellationToken token)
        {
            if (!await editor.RemoveGrantAsync(grant, etag, token)) return false;
            await access.BumpEpochAsync(token);
            return true;
        }
    }

    /// <summary>Whether somebody may take a grant away.</summary>
    public async Task<bool> MayRevokeAsync(Actor actor, Grant grant, Client? client, CancellationToken ct) => await JudgeAsync(actor, grant, client, ct) is null;

    private async Task<(ChangeProblem, string)?> JudgeAsync(Actor actor, Grant grant, Client? client, CancellationToken ct)
    {
        if (actor.IsAdmin) return null;
        if (grant.Effect == GrantEffect.Deny) return (ChangeProblem.NotAllowed, "Only an administrator takes away what denies.");
        if (client is not null && actor.Owns(client)) return null;
        var version = await catalogues.ReadActiveAsync(ct);
        var teams = version is null ? [] : NamedTools.Of(version, grant.Server, grant.Tools).Select(t => t.Contract.Team).Distinct(StringComparer.Ordinal).ToList();
        return teams.Count > 0 && teams.TrueForAll(actor.SpeaksFor) && grant.Prompts.Count + grant.Resources.Count == 0
            ? null
            : (ChangeProblem.NotAllowed, "Only the client's owners, the teams of all that the grant names, and administrators take it away.");
    }
}

/// <summary>The tools of a catalogue version that patterns name on a virtual server.</summary>
internal static class NamedTools
{
    public static IReadOnlyList<(string Name, ToolContract Contract)> Of(CatalogueVersion version, string server, IReadOnlyList<string> patterns) =>
        version.Servers.FirstOrDefault(s => s.Name == server) is not { } definition ? []
        :
        [
            .. ActiveCatalogue.Select(definition.Tools, version.Tools)
                .Where(t => !ActiveCatalogue.NeedsTasks(t.Contract) && patterns.Any(p => NamePattern.Matches(p, t.Name)))
                .DistinctBy(t => t.Name, StringComparer.Ordinal),
        ];
}
