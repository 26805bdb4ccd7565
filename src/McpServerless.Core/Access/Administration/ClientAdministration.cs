using McpServerless.Catalogue.Publishing;
using McpServerless.Notifying;

namespace McpServerless.Access.Administration;

/// <summary>Registers clients and changes them and their state.</summary>
/// <remarks>To stop a client is for whoever answers for it; to let it go on only for administrators, so that nobody lifts what was laid on them.</remarks>
public sealed class ClientAdministration(IAccessEditor editor, IAccessStore access, ChangeRecords records, TimeProvider time)
{
    public Task<ChangeOutcome<Client>> SuspendAsync(Actor actor, string clientId, string reason, string? read, CancellationToken ct) =>
        ChangeAsync(actor, clientId, ClientState.Suspended, "clientSuspended", reason, read, client => Stops(actor, client) ?? From(client, ClientState.Active, ClientState.Pending), ct);

    public Task<ChangeOutcome<Client>> ResumeAsync(Actor actor, string clientId, string reason, string? read, CancellationToken ct) =>
        ChangeAsync(actor, clientId, ClientState.Active, "clientResumed", reason, read, client =>
            !actor.IsAdmin ? (ChangeProblem.NotAllowed, "Only an administrator lets a client go on.")
            : actor.GainsFrom(client) ? (ChangeProblem.NotAllowed, "Nobody lets a client of their own go on; another administrator does.")
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
            var subject = new ChangeSubject("grantRevoked", actor, reason)
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

    /// <summary>Registers a client, or changes what is registered of it. Its state and its history stay.</summary>
    /// <param name="wanted">What it is to be, as it passed the checks of files.</param>
    /// <param name="read">The ETag under which the caller read it; null to register a new one.</param>
    public async Task<ChangeOutcome<Client>> PutAsync(Actor actor, Client wanted, string reason, string? read, CancellationToken ct)
    {
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only an administrator registers clients and changes what is registered.");
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        var found = await editor.FindClientAsync(wanted.ClientId, ct);
        if (found is null) return await RegisterAsync(actor, wanted, reason, read, ct);
        if (actor.GainsFrom(found.Value)) return (ChangeProblem.NotAllowed, "Nobody changes a client of their own; another administrator does.");
        if (read != found.ETag) return (ChangeProblem.Conflict, "Somebody else changed the client since it was read.");
        if (wanted.TenantId != found.Value.TenantId) return (ChangeProblem.Invalid, $"The client is registered for the tenant {found.Value.TenantId}.");
        if (found.Value.State == ClientState.Deprovisioned) return (ChangeProblem.Invalid, "The client was deprovisioned, which is for good.");
        var after = wanted with { State = found.Value.State, History = found.Value.History };

        // What ran out goes on when it is given more time; whatever else stopped it does not.
        if (after is { State: ClientState.Expired } && after.ExpiresAt > time.GetUtcNow()) after = after.In(ClientState.Active, time.GetUtcNow(), actor.Name, reason);
        return await WriteAsync(new ChangeSubject("clientChanged", actor, reason), found.Value, after, token => editor.ReplaceClientAsync(after, found.ETag, token), ct);
    }

    /// <summary>Registers another model for a client.</summary>
    /// <remarks>Where a grant is for some models alone, another model can be more access: that is for administrators.</remarks>
    public async Task<ChangeOutcome<Client>> SetModelAsync(Actor actor, string clientId, string model, string reason, string? read, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (await editor.FindClientAsync(clientId, ct) is not { } found) return (ChangeProblem.NotFound, $"No client {clientId} is registered.");
        if (!actor.IsAdmin && !actor.Owns(found.Value)) return (ChangeProblem.NotAllowed, "Only the client's owners, its team and administrators change its model.");
        if (read is not null && read != found.ETag) return (ChangeProblem.Conflict, "Somebody else changed the client since it was read.");
        if (actor.GainsFrom(found.Value) && (await editor.ReadGrantsAsync(found.Value.ClientId, ct)).Any(g => g.Value.ModelIds.Count > 0))
            return (ChangeProblem.NotAllowed, "A grant of the client is for some models alone, so an administrator changes its model who does not own it.");
        var after = found.Value with { ModelId = model };
        return await WriteAsync(new ChangeSubject("clientModelChanged", actor, reason), found.Value, after, token => editor.ReplaceClientAsync(after, found.ETag, token), ct);
    }

    private async Task<ChangeOutcome<Client>> RegisterAsync(Actor actor, Client wanted, string reason, string? read, CancellationToken ct)
    {
        if (read is not null) return (ChangeProblem.Conflict, "There is no such client any more.");
        var after = (wanted with { History = [] }).In(wanted.State, time.GetUtcNow(), actor.Name, reason);
        return await WriteAsync(new ChangeSubject("clientRegistered", actor, reason), null, after, token => editor.AddClientAsync(after, token), ct);
    }

    private async Task<ChangeOutcome<Client>> WriteAsync(ChangeSubject subject, Client? before, Client after, Func<CancellationToken, ValueTask<bool>> write, CancellationToken ct)
    {
        var met = await records.AroundAsync(subject with { ClientId = after.ClientId }, before, after, GovernanceJson.Default.Client, async token =>
        {
            if (!await write(token)) return false;
            await access.BumpEpochAsync(token);
            return true;
        }, ct);
        return met is { } problem ? problem : after;
    }

    private async Task<ChangeOutcome<Client>> ChangeAsync(
        Actor actor, string clientId, ClientState state, string happening, string reason, string? read, Func<Client, (ChangeProblem, string)?> judge, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (await editor.FindClientAsync(clientId, ct) is not { } found) return (ChangeProblem.NotFound, $"No client {clientId} is registered.");
        if (judge(found.Value) is { } problem) return problem;
        if (read is not null && read != found.ETag) return (ChangeProblem.Conflict, "Somebody else changed the client since it was read.");
        var after = found.Value.In(state, time.GetUtcNow(), actor.Name, reason);
        var subject = new ChangeSubject(happening, actor, reason)
        {
            ClientId = found.Value.ClientId,
            Notice = AccessNotices.ClientState(after, actor.Name, reason, found.ETag, time.GetUtcNow()),
            Proof = AccessNotices.Became(after),
        };
        return await WriteAsync(subject, found.Value, after, token => editor.ReplaceClientAsync(after, found.ETag, token), ct);
    }

    private static (ChangeProblem, string)? Stops(Actor actor, Client client) =>
        actor.IsAdmin || actor.Owns(client) ? null : (ChangeProblem.NotAllowed, "Only the client's owners, its team and administrators stop it.");

    private static (ChangeProblem, string)? From(Client client, params ReadOnlySpan<ClientState> states) =>
        states.Contains(client.State) ? null : (ChangeProblem.Invalid, $"The client is {client.State.ToString().ToLowerInvariant()}.");
}
