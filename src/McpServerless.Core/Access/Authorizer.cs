using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Sealing;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Options;

namespace McpServerless.Access;

/// <summary>May this caller enter the server, and may it use this tool, prompt or resource? The same rule filters lists and decides calls.</summary>
/// <remarks>
/// Refuses with <c>role_missing</c>, <c>insufficient_scope</c>, <c>client_unknown</c>, <c>client_suspended</c>, <c>client_expired</c>,
/// <c>server_unknown</c>, <c>session_unknown</c>, <c>state_unavailable</c>, <c>tool_unknown</c>, <c>prompt_unknown</c>, <c>resource_unknown</c>,
/// <c>grant_missing</c> or <c>grant_expired</c>.
/// </remarks>
public sealed class Authorizer(GovernanceState state, IOptions<AuthenticationOptions> options, TimeProvider time)
{
    /// <summary>Lets a caller into a virtual server: role or scope, registration, state, expiry; with a session only into its own.</summary>
    public async ValueTask<Outcome<Admission>> AdmitAsync(Caller caller, RequestContext context, CancellationToken ct)
    {
        if (RefuseKind(caller) is { } wrongKind) return wrongKind;
        if (!(await state.CurrentAsync(ct)).Succeeded(out var snapshot, out var refusal)) return refusal;
        if (!(await state.FindClientAsync(snapshot, caller.TenantId, caller.ClientId, ct)).Succeeded(out var access, out refusal)) return refusal;
        if (RefuseClient(access.Client) is { } inactive) return inactive;

        // Only registered clients learn which servers exist.
        if (snapshot.Catalogue.Find(context.Server) is not { } exposed) return new Refusal(RefusalCode.ServerUnknown, "There is no such server.");
        return context.Session is { } session && FindStranger(session, caller, context.Server) is { } stranger ? stranger : new Admission(caller, access, exposed) { Held = snapshot.Held };
    }

    /// <summary>Decides one tool, prompt or resource for an admitted caller.</summary>
    /// <remarks>What is unknown to the caller, whether or not there is such a thing, is answered with the nearest names that it may see.</remarks>
    public Outcome<CallGrant> Authorize(Admission admission, SubjectKind kind, string name)
    {
        var outcome = Decide(admission, kind, name);
        if (kind == SubjectKind.Resource || outcome.Succeeded(out _, out var refusal) || !refusal.Code.LooksUnknown) return outcome;
        var near = NearNames.Find(name, Visible(admission, kind));
        return near.Count == 0 ? outcome : refusal with { Detail = $"{refusal.Detail}. Did you mean {string.Join(", ", near)}?" };
    }

    private Outcome<CallGrant> Decide(Admission admission, SubjectKind kind, string name)
    {
        var feature = admission.Server.Find(kind, name);
        // A template's own text, by which it is listed and completed, is no URI; everything else has to be one that patterns can decide on.
        if (kind == SubjectKind.Resource && feature?.Name != name && !ResourceUri.IsAcceptable(name))
        {
            return new Refusal(RefusalCode.UnknownOf(kind), Unknown(kind, name)) { OperatorNote = "not a URI that is let through" };
        }

        return feature is null
            ? new Refusal(RefusalCode.UnknownOf(kind), Unknown(kind, name)) { OperatorNote = "there is none on this server" }
            : Authorize(admission, kind, name, feature);
    }

    private Outcome<CallGrant> Authorize(Admission admission, SubjectKind kind, string name, ExposedFeature feature)
    {
        var now = time.GetUtcNow();
        Refusal? refusal = null;
        foreach (var grant in admission.Access.On(admission.Server.Name))
        {
            if (!grant.Covers(kind, name)) continue;
            if (grant.ExpiresAt <= now)
            {
                refusal = new Refusal(RefusalCode.GrantExpired, Unknown(kind, name)) { OperatorNote = $"grant {grant.GrantId} ended {grant.ExpiresAt:O}" };
                continue;
            }

            if (MissingRole(admission.Caller, grant, feature.Contract) is { } role)
            {
                refusal = new Refusal(RefusalCode.RoleMissing, Unknown(kind, name)) { OperatorNote = $"grant {grant.GrantId} or the contract needs role {role}" };
                continue;
            }

            return new CallGrant(admission, grant, feature);
        }

        return refusal ?? new Refusal(RefusalCode.GrantMissing, Unknown(kind, name)) { OperatorNote = "no grant names it" };
    }

    /// <summary>Decides what an authorised call needs beyond the grant: a scope that the client could still ask for, and a tool that is served.</summary>
    public Outcome<CallGrant> Confirm(CallGrant grant)
    {
        var contract = grant.Feature.Contract;
        var caller = grant.Admission.Caller;
        if (contract.RequiredScope is { } scope && caller.Kind == CallerKind.Delegated && !caller.Scopes.Contains(scope, StringComparer.Ordinal))
        {
            return new Refusal(RefusalCode.InsufficientScope, "This needs a further scope.")
            {
                RequiredScopes = [options.Value.QualifiedScope(options.Value.RequiredScope), options.Value.QualifiedScope(scope)],
            };
        }

        var retired = contract.State == ToolState.Retired || (contract.State == ToolState.Deprecated && contract.Sunset <= time.GetUtcNow());
        var held = contract.State == ToolState.Quarantined || grant.Admission.Held.Holds(contract);
        return (retired, held) switch
        {
            (true, _) => new Refusal(RefusalCode.ToolRetired, "This has been retired; use another one."),
            (_, true) => new Refusal(RefusalCode.ContractQuarantined, "This is held back until its owner has looked at a change; try again later."),
            _ => grant,
        };
    }

    /// <summary>What the caller may use of one kind, in the catalogue's order, by the rule that decides calls.</summary>
    /// <param name="admission">The caller.</param>
    /// <param name="kind">Tools, prompts or resources.</param>
    /// <param name="after">Only what comes after this name; empty for all.</param>
    /// <returns>Decided one by one as it is read, so that a page costs what it shows and not what the list holds.</returns>
    public IEnumerable<ExposedFeature> Visible(Admission admission, SubjectKind kind, string after = "")
    {
        foreach (var feature in admission.Server.Of(kind, after))
        {
            if (feature.Contract.State is ToolState.Retired or ToolState.Quarantined) continue;
            if (Authorize(admission, kind, feature.Name, feature).Succeeded(out var grant, out _) && Confirm(grant).Succeeded(out _, out _)) yield return feature;
        }
    }

    /// <summary>A session is never proof of anything: it only counts together with the token of the caller that opened it (MCP, Security Best Practices).</summary>
    private Refusal? FindStranger(SealedSession session, Caller caller, string server)
    {
        var note = session.Server != server ? "the session is of another server"
            : session.Principal != caller.Principal ? "the session is another caller's"
            : session.ExpiresAt <= time.GetUtcNow() ? "the session is past its end"
            : null;
        return note is null ? null : new Refusal(RefusalCode.SessionUnknown, "There is no such session; open a new one.") { OperatorNote = note };
    }

    private Refusal? RefuseKind(Caller caller)
    {
        if (caller.Kind == CallerKind.Application)
        {
            return caller.Roles.Contains(options.Value.RequiredRole, StringComparer.Ordinal)
                ? null
                : new Refusal(RefusalCode.RoleMissingAtGateway, "The application has no app role for this gateway.") { OperatorNote = $"needs app role {options.Value.RequiredRole}" };
        }

        return caller.Scopes.Contains(options.Value.RequiredScope, StringComparer.Ordinal)
            ? null
            : new Refusal(RefusalCode.InsufficientScope, "The access token lacks the gateway's scope.")
            {
                RequiredScopes = [options.Value.QualifiedScope(options.Value.RequiredScope)],
            };
    }

    private Refusal? RefuseClient(Client client)
    {
        if (client.State == ClientState.Expired || client.ExpiresAt <= time.GetUtcNow())
        {
            return new Refusal(RefusalCode.ClientExpired, "The client's registration has expired.");
        }

        return client.State == ClientState.Active
            ? null
            : new Refusal(RefusalCode.ClientSuspended, "The client is not active.") { OperatorNote = $"state {client.State}" };
    }

    private static string? MissingRole(Caller caller, Grant grant, Contract contract)
    {
        if (contract.RequiredRole is { } role && !caller.Roles.Contains(role, StringComparer.Ordinal)) return role;
        return grant.RequiredUserRole is { } userRole && caller.Kind == CallerKind.Delegated && !caller.Roles.Contains(userRole, StringComparer.Ordinal)
            ? userRole
            : null;
    }

    private static string Unknown(SubjectKind kind, string name)
    {
        var shown = name.Length <= 128 ? name : name[..128];
        return kind switch
        {
            SubjectKind.Tool => $"Unknown tool: {shown}",
            SubjectKind.Prompt => $"Unknown prompt: {shown}",
            _ => $"Resource not found: {shown}",
        };
    }
}
