using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Notifying;

namespace McpServerless.Access.Administration;

/// <summary>Takes grants away.</summary>
/// <remarks>What allows is taken away by whoever answers for the client, by the teams of all tools that it names, and by administrators. What denies only by administrators: without it more would be allowed.</remarks>
public sealed class GrantAdministration(IAccessEditor editor, IAccessStore access, ICatalogueStore catalogues, ChangeRecords records, TimeProvider time)
{
    /// <param name="read">The ETag under which the caller read the grant; null to take it away as it is.</param>
    public async Task<ChangeOutcome<Grant>> RevokeAsync(Actor actor, string clientId, string grantId, string reason, string? read, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        var grants = await editor.ReadGrantsAsync(clientId, ct);
        var named = grants.Where(g => g.Value.GrantId == grantId).ToList();
        if (named.Count == 0) return (ChangeProblem.NotFound, $"Client {clientId} has no grant {grantId}.");
        if (named.Count > 1) return (ChangeProblem.Invalid, $"Client {clientId} has a grant {grantId} on each of {string.Join(", ", named.Select(g => g.Value.Server))}; take them away in their files.");
        var (grant, etag) = named[0];
        var client = await editor.FindClientAsync(grant.ClientId, ct);
        if (await JudgeAsync(actor, grant, client?.Value, ct) is { } notAllowed) return notAllowed;
        if (read is not null && read != etag) return (ChangeProblem.Conflict, "Somebody else changed the grant since it was read.");
        var subject = new ChangeSubject("grantRevoked", actor.Name, reason)
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
