using McpServerless.Catalogue.Publishing;
using McpServerless.Notifying;

namespace McpServerless.Access.Administration;

/// <summary>Changes the state of clients.</summary>
/// <remarks>To stop a client is for whoever answers for it; to let it go on only for administrators, so that nobody lifts what was laid on them.</remarks>
public sealed class ClientAdministration(IAccessEditor editor, IAccessStore access, ChangeRecords records, TimeProvider time)
{
    public Task<ChangeOutcome<Client>> SuspendAsync(Actor actor, string clientId, string reason, string? read, CancellationToken ct) =>
        ChangeAsync(actor, clientId, ClientState.Suspended, "clientSuspended", reason, read, client => Stops(actor, client) ?? From(client, ClientState.Active, ClientState.Pending), ct);

    public Task<ChangeOutcome<Client>> ResumeAsync(Actor actor, string clientId, string reason, string? read, CancellationToken ct) =>
        ChangeAsync(actor, clientId, ClientState.Active, "clientResumed", reason, read, client =>
            !actor.IsAdmin ? (ChangeProblem.NotAllowed, "Only an administrator lets a client go on.")
            : client.ExpiresAt <= time.GetUtcNow() ? (ChangeProblem.Invalid, $"The client's registration ended {client.ExpiresAt:yyyy-MM-dd}; renew it first.")
            : From(client, ClientState.Suspended, ClientState.Pending), ct);

    /// <summary>For good: its grants are taken away with it.</summary>
    public async Task<ChangeOutcome<Client>> DeprovisionAsync(Actor actor, string clientId, string reason, string? read, CancellationToken ct)
    {
        var outcome = await ChangeAsync(actor, clientId, ClientState.Deprovisioned, "clientDeprovisioned", reason, read, client => Stops(actor, client) ?? From(client, ClientState.Active, ClientState.Pending, ClientState.Suspended, ClientState.Expired, ClientState.Deprovisioned), ct);
        if (outcome.Value is null) return outcome;

        // The client is refused already; what goes on here can be cut off and done again. What denies stays: it can do no harm.
        foreach (var grant in await editor.ReadGrantsAsync(outcome.Value.ClientId, ct))
        {
            if (grant.Value.Effect == GrantEffect.Deny) continue;
            var subject = new ChangeSubject("grantRevoked", actor.Name, reason)
            {
                ClientId = grant.Value.ClientId,
                Server = grant.Value.Server,
                GrantId = grant.Value.GrantId,
                Notice = AccessNotices.GrantRevoked(grant.Value, outcome.Value, actor.Name, reason, grant.ETag, time.GetUtcNow()),
                Proof = AccessNotices.Gone(grant.Value),
            };
            var problem = await records.AroundAsync(subject, grant.Value, null, GovernanceJson.Default.Grant, async token => await editor.RemoveGrantAsync(grant.Value, grant.ETag, token), ct);
            if (problem is { } met) return met;
        }

        await access.BumpEpochAsync(ct);
        return outcome;
    }

    private async Task<ChangeOutcome<Client>> ChangeAsync(
        Actor actor, string clientId, ClientState state, string happening, string reason, string? read, Func<Client, (ChangeProblem, string)?> judge, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (await editor.FindClientAsync(clientId, ct) is not { } found) return (ChangeProblem.NotFound, $"No client {clientId} is registered.");
        if (judge(found.Value) is { } problem) return problem;
        if (read is not null && read != found.ETag) return (ChangeProblem.Conflict, "Somebody else changed the client since it was read.");
        var after = found.Value.In(state, time.GetUtcNow(), actor.Name, reason);
        var subject = new ChangeSubject(happening, actor.Name, reason)
        {
            ClientId = found.Value.ClientId,
            Notice = AccessNotices.ClientState(after, actor.Name, reason, found.ETag, time.GetUtcNow()),
            Proof = AccessNotices.Became(after),
        };
        if (await records.AroundAsync(subject, found.Value, after, GovernanceJson.Default.Client, ReplaceAsync, ct) is { } met) return met;
        return after;

        async Task<bool> ReplaceAsync(CancellationToken token)
        {
            if (!await editor.ReplaceClientAsync(after, found.ETag, token)) return false;
            await access.BumpEpochAsync(token);
            return true;
        }
    }

    private static (ChangeProblem, string)? Stops(Actor actor, Client client) =>
        actor.IsAdmin || actor.Owns(client) ? null : (ChangeProblem.NotAllowed, "Only the client's owners, its team and administrators stop it.");

    private static (ChangeProblem, string)? From(Client client, params ReadOnlySpan<ClientState> states) =>
        states.Contains(client.State) ? null : (ChangeProblem.Invalid, $"The client is {client.State.ToString().ToLowerInvariant()}.");
}
