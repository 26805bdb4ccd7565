using McpServerless.Access.Administration;
using McpServerless.Authentication;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Options;

namespace McpServerless.Management;

/// <summary>A caller of the management API: what its token proves, and for whom it speaks.</summary>
public sealed record GovernanceCaller(Caller Caller, GovernanceRoles Roles, Actor Actor);

/// <summary>Turns what a token proves into who may change what.</summary>
/// <remarks>
/// Roles come from the token, teams from the state (<see cref="ITeamStore"/>): no claim of a caller's own choosing makes it a team's. Refuses with
/// <c>insufficient_scope</c>.
/// </remarks>
public sealed class GovernanceCallers(ITeamStore teams, IOptions<ManagementOptions> options, IOptions<AuthenticationOptions> authentication)
{
    /// <exception cref="StoreUnavailableException">The teams could not be read.</exception>
    public async ValueTask<Outcome<GovernanceCaller>> IdentifyAsync(Caller caller, CancellationToken ct)
    {
        // The roles of a delegated token are the user's. Without a scope of its own every agent that acts for an administrator would be one.
        var scope = options.Value.RequiredScope;
        if (caller.Kind == CallerKind.Delegated && !caller.Scopes.Contains(scope, StringComparer.Ordinal))
        {
            return new Refusal(RefusalCode.InsufficientScope, $"A user's token needs the scope {scope}.") { RequiredScopes = [authentication.Value.QualifiedScope(scope)] };
        }

        var roles = GovernanceRoleNames.Read(caller.Roles);
        var own = roles.HasFlag(GovernanceRoles.Owner) || roles.HasFlag(GovernanceRoles.Admin)
            ? (await teams.ReadTeamsAsync(ct)).Where(t => t.Value.Has(caller.ObjectId, caller.Groups)).Select(t => t.Value.Name).ToList()
            : [];
        return new GovernanceCaller(caller, roles, new Actor(caller.ObjectId, roles.HasFlag(GovernanceRoles.Admin), own)
        {
            ClaimedName = caller.ClaimedName,
            Application = caller.ClientId,
            TokenId = caller.TokenId,
            IsReader = (roles & (GovernanceRoles.Reviewer | GovernanceRoles.Auditor)) != 0,
            IsReviewer = roles.HasFlag(GovernanceRoles.Reviewer),
        });
    }
}
