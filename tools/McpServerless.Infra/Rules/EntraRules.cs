using System.Text.Json;
using McpServerless.Infra.Bicep;

namespace McpServerless.Infra.Rules;

/// <summary>The app registration: who may get a token for the gateway, and of which kind.</summary>
internal static class EntraRules
{
    private const string Application = "Microsoft.Graph/applications@v1.0";
    private const string Principal = "Microsoft.Graph/servicePrincipals@v1.0";
    private const string Federation = "Microsoft.Graph/applications/federatedIdentityCredentials@v1.0";

    public static IEnumerable<Finding> Check(Deployment deployment)
    {
        if (!deployment.MakesRegistration)
        {
            foreach (var unasked in deployment.Resources.Where(resource => resource.Type.StartsWith("Microsoft.Graph/", StringComparison.Ordinal)))
                yield return deployment.Finding(unasked, "entra-unasked", "is made although deployEntra is false: then nobody has the right to.");
            yield break;
        }

        var applications = deployment.OfType(Application).Where(application => application.Element("properties/appRoles") is not null).ToArray();
        if (applications.Length != 1) yield return new Finding(deployment.Name, "entra-application", "there must be one application with roles.");
        foreach (var finding in applications.SelectMany(application => Check(deployment, application))) yield return finding;
        if (!deployment.OfType(Application).Any(application => (application.At("properties/identifierUris") ?? "").Contains("api://", StringComparison.Ordinal)))
            yield return new Finding(deployment.Name, "entra-uris", "the application needs the identifier URI api://<client id>: the scopes in challenges begin with it.");

        if (deployment.OfType(Principal).Count() != 1) yield return new Finding(deployment.Name, "entra-principal", "there must be one service principal.");
        foreach (var principal in deployment.OfType(Principal))
        {
            if (principal.At("properties/appRoleAssignmentRequired") != "true")
                yield return deployment.Finding(principal, "entra-assignment", "appRoleAssignmentRequired must be true: otherwise every application of the tenant gets a token for the gateway.");
        }

        if (deployment.OfType(Federation).Count() != 1) yield return new Finding(deployment.Name, "entra-federation", "there must be one federated credential, for the gateway's identity.");
        foreach (var credential in deployment.OfType(Federation))
        {
            if (!credential.Elements("properties/audiences").Select(AzureResource.AsText).SequenceEqual(["api://AzureADTokenExchange"]))
                yield return deployment.Finding(credential, "entra-federation", "audiences must be api://AzureADTokenExchange.");
        }
    }

    private static IEnumerable<Finding> Check(Deployment deployment, AzureResource application)
    {
        if (application.At("properties/api/requestedAccessTokenVersion") != "2")
            yield return deployment.Finding(application, "entra-token-version", "requestedAccessTokenVersion must be 2: the gateway refuses v1.0 tokens.");
        if (application.At("properties/signInAudience") != "AzureADMyOrg")
            yield return deployment.Finding(application, "entra-audience", "signInAudience must be AzureADMyOrg: tokens of other tenants are refused anyway.");
        if (!(application.At("properties/optionalClaims/accessToken") ?? "").Contains("include_user_token", StringComparison.Ordinal))
            yield return deployment.Finding(application, "entra-idtyp", "the optional claim idtyp with include_user_token is what tells an application from a user.");
        var roles = application.Elements("properties/appRoles").ToDictionary(role => role.GetProperty("value").GetString() ?? "", role => role);
        foreach (var name in (string[])["Mcp.Call", "Governance.Admin", "Governance.Owner", "Governance.Reviewer", "Governance.Auditor"])
        {
            if (!roles.TryGetValue(name, out var role) || role.GetProperty("isEnabled").GetRawText() != "true") yield return deployment.Finding(application, "entra-role", $"the app role {name} is missing.");
        }

        var scopes = application.Elements("properties/api/oauth2PermissionScopes").Select(scope => scope.GetProperty("value").GetString()).ToList();
        if (!scopes.Contains("Mcp.Call")) yield return deployment.Finding(application, "entra-scope", "the scope Mcp.Call, which users' clients ask for, is missing.");
        if (!scopes.Contains("Governance.Manage")) yield return deployment.Finding(application, "entra-scope", "the scope Governance.Manage, with which people use the management API, is missing.");
    }

    /// <summary>The file for tenants in which a person registers the application must ask for the same.</summary>
    public static IEnumerable<Finding> CheckByHand(InfraWorkspace workspace, Deployment deployment)
    {
        const string File = "infra/hooks/entra-application.json";
        var application = deployment.OfType(Application).FirstOrDefault(found => found.Element("properties/appRoles") is not null);
        if (application is null) return [];
        using var json = JsonDocument.Parse(workspace.Read(File));
        var byHand = new AzureResource("", Application, File, "", json.RootElement);
        foreach (var (what, member) in (ReadOnlySpan<(string, string)>)[("appRoles", "value"), ("api/oauth2PermissionScopes", "value"), ("api/preAuthorizedApplications", "appId")])
        {
            if (Said(byHand, what, member) != Said(application, $"properties/{what}", member)) return [new Finding(File, "entra-by-hand", $"{what} differ from those of infra/modules/entra.bicep.")];
        }

        return byHand.At("api/requestedAccessTokenVersion") == "2" && byHand.At("signInAudience") == "AzureADMyOrg"
            ? []
            : [new Finding(File, "entra-by-hand", "requestedAccessTokenVersion must be 2, and signInAudience AzureADMyOrg.")];
    }

    private static string Said(AzureResource resource, string path, string member) =>
        string.Join(',', resource.Elements(path).Select(element => element.GetProperty(member).GetString()).Order(StringComparer.Ordinal));
}
