namespace McpServerless.Management;

/// <summary>App roles of the gateway's application that are about governing it (docs/entra.md).</summary>
[Flags]
public enum GovernanceRoles
{
    None = 0,

    /// <summary><c>Governance.Admin</c>: changes everything, but decides nothing for its own good.</summary>
    Admin = 1,

    /// <summary><c>Governance.Owner</c>: the clients and tools of its own teams.</summary>
    Owner = 2,

    /// <summary><c>Governance.Reviewer</c>: reads who may do what, and answers reviews.</summary>
    Reviewer = 4,

    /// <summary><c>Governance.Auditor</c>: reads everything, changes nothing.</summary>
    Auditor = 8,

    All = Admin | Owner | Reviewer | Auditor,
}

/// <summary>Roles by the names that tokens give them.</summary>
public static class GovernanceRoleNames
{
    private const string Prefix = "Governance.";

    public static IReadOnlyList<GovernanceRoles> Each { get; } = [GovernanceRoles.Admin, GovernanceRoles.Owner, GovernanceRoles.Reviewer, GovernanceRoles.Auditor];

    public static string NameOf(GovernanceRoles role) => Prefix + role;

    public static IEnumerable<string> NamesOf(GovernanceRoles roles) => Each.Where(r => roles.HasFlag(r)).Select(NameOf);

    /// <summary>The roles among a token's; names are compared as they are.</summary>
    public static GovernanceRoles Read(IReadOnlyList<string> names) =>
        Each.Where(r => names.Contains(NameOf(r), StringComparer.Ordinal)).Aggregate(GovernanceRoles.None, (all, one) => all | one);
}
