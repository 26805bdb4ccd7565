using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Options;

namespace McpServerless.Access;

/// <summary>May this caller enter the server, and may it use this tool? The same rule filters lists and decides calls.</summary>
/// <remarks>
/// Refuses with <c>role_missing</c>, <c>insufficient_scope</c>, <c>client_unknown</c>, <c>client_suspended</c>, <c>client_expired</c>,
/// <c>server_unknown</c>, <c>state_unavailable</c>, <c>tool_unknown</c>, <c>grant_missing</c> or <c>grant_expired</c>.
/// </remarks>
public sealed class Authorizer(GovernanceState state, IOptions<AuthenticationOptions> options, TimeProvider time)
{
    /// <summary>Lets a caller into a virtual server: role or scope, registration, state, expiry.</summary>
    public async ValueTask<Outcome<Admission>> AdmitAsync(Caller caller, string server, CancellationToken ct)
    {
        if (RefuseKind(caller) is { } wrongKind) return wrongKind;
        if (!(await state.CurrentAsync(ct)).Succeeded(out var snapshot, out var refusal)) return refusal;
        if (!(await state.FindClientAsync(snapshot, caller.TenantId, caller.ClientId, ct)).Succeeded(out var access, out refusal)) return refusal;
        if (RefuseClient(access.Client) is { } inactive) return inactive;

        // Only registered clients learn which servers exist.
        return snapshot.Catalogue.Find(server) is { } exposed
            ? new Admission(caller, access, exposed)
            : new Refusal(RefusalCode.ServerUnknown, "There is no such server.");
    }

    /// <summary>Decides one tool for an admitted caller.</summary>
    public Outcome<ToolGrant> Authorize(Admission admission, string toolName)
    {
        if (admission.Server.Find(toolName) is not { } tool)
        {
            return new Refusal(RefusalCode.ToolUnknown, UnknownTool(toolName)) { OperatorNote = "no such tool on this server" };
        }

        var now = time.GetUtcNow();
        Refusal refusal = new(RefusalCode.GrantMissing, UnknownTool(toolName)) { OperatorNote = "no grant names this tool" };
        foreach (var grant in admission.Access.On(admission.Server.Name))
        {
            if (!grant.Covers(toolName)) continue;
            if (grant.ExpiresAt <= now)
            {
                refusal = new Refusal(RefusalCode.GrantExpired, UnknownTool(toolName)) { OperatorNote = $"grant {grant.GrantId} ended {grant.ExpiresAt:O}" };
                continue;
            }

            if (MissingRole(admission.Caller, grant, tool.Contract) is { } role)
            {
                refusal = new Refusal(RefusalCode.RoleMissing, UnknownTool(toolName)) { OperatorNote = $"grant {grant.GrantId} or the tool needs role {role}" };
                continue;
            }

            return new ToolGrant(admission, grant, tool);
        }

        return refusal;
    }

    /// <summary>Decides what an authorised call needs beyond the grant: a scope that the client could still ask for, and a tool that is served.</summary>
    public Outcome<ToolGrant> Confirm(ToolGrant grant)
    {
        var contract = grant.Tool.Contract;
        var caller = grant.Admission.Caller;
        if (contract.RequiredScope is { } scope && caller.Kind == CallerKind.Delegated && !caller.Scopes.Contains(scope, StringComparer.Ordinal))
        {
            return new Refusal(RefusalCode.InsufficientScope, "This tool needs a further scope.")
            {
                RequiredScopes = [options.Value.QualifiedScope(options.Value.RequiredScope), options.Value.QualifiedScope(scope)],
            };
        }

        var retired = contract.State == ToolState.Retired || (contract.State == ToolState.Deprecated && contract.Sunset <= time.GetUtcNow());
        return (retired, contract.State) switch
        {
            (true, _) => new Refusal(RefusalCode.ToolRetired, "This tool has been retired; use another one."),
            (_, ToolState.Quarantined) => new Refusal(RefusalCode.ContractQuarantined, "This tool is held back until its owner has looked at a change; try again later."),
            _ => grant,
        };
    }

    /// <summary>The tools that the caller may call, in the catalogue's order.</summary>
    public IReadOnlyList<ExposedTool> VisibleTools(Admission admission)
    {
        var visible = new List<ExposedTool>();
        foreach (var tool in admission.Server.Tools)
        {
            if (tool.Contract.State is ToolState.Retired or ToolState.Quarantined) continue;
            if (Authorize(admission, tool.Name).Succeeded(out var grant, out _) && Confirm(grant).Succeeded(out _, out _)) visible.Add(tool);
        }

        return visible;
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

    private static string? MissingRole(Caller caller, Grant grant, ToolContract contract)
    {
        if (contract.RequiredRole is { } role && !caller.Roles.Contains(role, StringComparer.Ordinal)) return role;
        return grant.RequiredUserRole is { } userRole && caller.Kind == CallerKind.Delegated && !caller.Roles.Contains(userRole, StringComparer.Ordinal)
            ? userRole
            : null;
    }

    private static string UnknownTool(string name) => $"Unknown tool: {(name.Length <= 128 ? name : name[..128])}";
}
