using McpServerless.Management;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Who the caller is.</summary>
internal sealed class SelfOperations(TimeProvider time) : IManageOperations
{
    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "me", Id = "whoAmI", Summary = "Who the caller is by its token: roles, teams, and until when.", Roles = GovernanceRoles.All,
            Result = new ManageResult("Self", ManageSchemas.Of(ManageJson.Default.SelfAnswer)), RunAsync = GetAsync,
        },
    ];

    private Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct)
    {
        var caller = request.Caller.Caller;
        return Task.FromResult(ManageAnswer.Of(new SelfAnswer
        {
            ObjectId = caller.ObjectId,
            Application = caller.ClientId,
            ClaimedName = caller.ClaimedName,
            Roles = [.. GovernanceRoleNames.NamesOf(request.Caller.Roles)],
            Teams = request.Actor.Teams,
            GroupsOmitted = caller.HasMoreGroups,
            TokenExpiresAt = caller.ExpiresAt,
            Now = time.GetUtcNow(),
        }, ManageJson.Default.SelfAnswer));
    }
}
