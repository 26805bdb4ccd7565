using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Infra.Bicep;

namespace McpServerless.Infra.Rules;

/// <summary>Who may do what, and where: only roles of the table, only at the kind of resource that the table names.</summary>
internal static partial class RoleRules
{
    private sealed record Role(string Name, IReadOnlyList<string> At, string Named);

    private static readonly Dictionary<string, Role> Roles = Read();

    /// <summary>What the gateway cannot do without; a role that was taken away shows only when it runs.</summary>
    private static readonly (string Role, string At)[] Needed =
    [
        ("Storage Blob Data Owner", "Microsoft.Storage/storageAccounts"),
        ("Storage Table Data Contributor", "Microsoft.Storage/storageAccounts"),
        ("Storage Blob Data Contributor", "Microsoft.Storage/storageAccounts/blobServices/containers"),
        ("Key Vault Crypto User", "Microsoft.KeyVault/vaults/keys"),
        ("Key Vault Secrets User", "Microsoft.KeyVault/vaults"),
        ("Monitoring Metrics Publisher", "Microsoft.Insights/components"),
        ("Monitoring Metrics Publisher", "Microsoft.Insights/dataCollectionRules"),
    ];

    public static IEnumerable<Finding> Check(Deployment deployment)
    {
        HashSet<(string, string)> given = [];
        foreach (var assignment in deployment.OfType("Microsoft.Authorization/roleAssignments"))
        {
            var id = (assignment.At("properties/roleDefinitionId") ?? "").Split('/')[^1];
            var (scope, scopeName) = ScopeOf(assignment);
            if (!Roles.TryGetValue(id, out var role))
            {
                yield return deployment.Finding(assignment, "role-unknown", $"role {id} is not in built-in-roles.json, which has those that are needed.");
                continue;
            }

            if (!role.At.Contains(scope, StringComparer.OrdinalIgnoreCase))
                yield return deployment.Finding(assignment, "role-scope", $"{role.Name} is given at {scope}; it belongs at {string.Join(" or ", role.At)}.");
            else if (!scopeName.StartsWith(role.Named, StringComparison.Ordinal))
                yield return deployment.Finding(assignment, "role-scope", $"{role.Name} is given at {scopeName}; it belongs at {role.Named}…");
            if (assignment.At("properties/principalType") is null)
                yield return deployment.Finding(assignment, "role-principal-type", "without principalType a new identity is often not found yet, and the deployment fails.");
            if (assignment.At("properties/principalType") == "ServicePrincipal") given.Add((role.Name, scope));
        }

        foreach (var (role, at) in Needed)
        {
            if (!given.Contains((role, at))) yield return new Finding(deployment.Name, "role-missing", $"the gateway's identity lacks {role} at {at}.");
        }
    }

    /// <summary>The resource that an assignment's id begins with.</summary>
    private static (string Type, string Name) ScopeOf(AzureResource assignment)
    {
        const string Mark = "/providers/Microsoft.Authorization/roleAssignments/";
        var cut = assignment.Id.LastIndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        // The name is mostly a GUID made from an identity that only Azure makes; then the id stays an expression, with the scope first.
        var scope = cut >= 0 ? assignment.Id[..cut] : ScopeExpression.Match(assignment.Id) is { Success: true } match ? match.Groups[1].Value : assignment.Id;
        var providers = scope.LastIndexOf("/providers/", StringComparison.OrdinalIgnoreCase);
        if (cut < 0 && scope == assignment.Id || providers < 0) return (scope.Contains("/resourceGroups/", StringComparison.OrdinalIgnoreCase) ? "a resource group" : "a subscription", "");
        var parts = scope[(providers + "/providers/".Length)..].Split('/');
        var type = string.Join('/', parts.Where((_, index) => index == 0 || index % 2 == 1));
        return (type, parts.Length > 2 ? parts[2] : "");
    }

    private static Dictionary<string, Role> Read()
    {
        using var table = JsonDocument.Parse(Resources.Read("built-in-roles.json"));
        return table.RootElement.GetProperty("roles").EnumerateObject().ToDictionary(
            role => role.Name,
            role => new Role(
                role.Value.GetProperty("name").GetString() ?? "",
                [.. role.Value.GetProperty("at").EnumerateArray().Select(at => at.GetString() ?? "")],
                role.Value.GetProperty("named").GetString() ?? ""));
    }

    [GeneratedRegex(@"^\[extensionResourceId\('([^']+)'")]
    private static partial Regex ScopeExpression { get; }
}
