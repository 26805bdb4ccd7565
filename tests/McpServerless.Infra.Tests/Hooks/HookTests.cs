namespace McpServerless.Infra.Tests.Hooks;

/// <summary>The hooks of a deployment, for POSIX and for Windows: both do the same, and stop where something is wrong.</summary>
public sealed class HookTests
{
    private const string App = "11111111-1111-1111-1111-111111111111";
    private const string Graph = "https://graph.microsoft.com/v1.0";

    private static readonly Dictionary<string, string> Deployment = new()
    {
        ["AZURE_ENV_NAME"] = "mcp-dev",
        ["AZURE_LOCATION"] = "westeurope",
        ["AZURE_SUBSCRIPTION_ID"] = "22222222-2222-2222-2222-222222222222",
        ["AZURE_PRINCIPAL_ID"] = "deployer",
        ["AZURE_TENANT_ID"] = "tenant",
        ["GATEWAY_CLIENT_ID"] = App,
        ["GATEWAY_URL"] = "https://func.example.net",
        ["AUDIT_WORKBOOK_ID"] = "/subscriptions/x/workbooks/y",
    };

    private static readonly Dictionary<string, string> Account = new()
    {
        ["account show"] = """{"id":"22222222-2222-2222-2222-222222222222"}""",
        ["functionapp list-flexconsumption-locations"] = """[{"name":"West Europe"},{"name":"East US"}]""",
        ["role assignment list deployer"] = """[{"roleDefinitionName":"Contributor"},{"roleDefinitionName":"Owner"}]""",
        ["cloud show"] = """{"endpoints":{"microsoftGraphResourceId":"https://graph.microsoft.com/","activeDirectory":"https://login.microsoftonline.com"}}""",
        ["provider show Microsoft.Web"] = Registered,
        ["provider show Microsoft.App"] = Registered,
        ["provider show Microsoft.Storage"] = Registered,
        ["provider show Microsoft.KeyVault"] = Registered,
        ["provider show Microsoft.OperationalInsights"] = Registered,
        ["provider show Microsoft.Insights"] = Registered,
        ["provider show Microsoft.ManagedIdentity"] = Registered,
        [$"ad app show {App}"] = """{"id":"object","appId":"11111111-1111-1111-1111-111111111111"}""",
        [$"ad sp show {App}"] = """{"id":"service","appRoles":[{"id":"role-admin","value":"Governance.Admin"},{"id":"role-call","value":"Mcp.Call"}]}""",
        ["ad user show admin@contoso.example"] = """{"id":"user"}""",
        [$"get {Graph}/users/user/appRoleAssignments?$filter=resourceId%20eq%20service"] = """{"value":[]}""",
        [$"ad app federated-credential list {App}"] = "[]",
    };

    private const string Registered = """{"registrationState":"Registered"}""";

    /// <summary>Each hook for this system; POSIX has PowerShell too.</summary>
    private static string[] Kinds => OperatingSystem.IsWindows() ? [".ps1"] : [".sh", ".ps1"];

    [Fact]
    public Task Preprovision_OfAnEnvironmentThatIsWell_KeepsTheBudgetsFirstDayAlone() =>
        ExpectAsync("preprovision", [], [], 0, "Everything that can be checked beforehand is well.", $"azd env set MCP_BUDGET_START {TimeProvider.System.GetUtcNow():yyyy-MM}-01");

    [Fact]
    public Task Preprovision_LeavesABudgetsFirstDayThatIsThere() => ExpectAsync("preprovision", new() { ["MCP_BUDGET_START"] = "2026-01-01" }, [], 0, "is well.");

    [Theory]
    [InlineData("AZURE_ENV_NAME", "mcp_dev", "may have letters, digits and hyphens inside")]
    [InlineData("AZURE_ENV_NAME", "a-name-that-goes-on-and-on-and-on-and-on", "32 characters at most")]
    [InlineData("AZURE_LOCATION", "", "No region is chosen")]
    [InlineData("AZURE_LOCATION", "northpole", "northpole has no Flex Consumption. It is in: West Europe East US")]
    [InlineData("MCP_PUBLIC_BASE_URL", "http://gateway.contoso.example", "must be https://host")]
    [InlineData("MCP_PUBLIC_SERVERS", "desk", "needs MCP_PUBLIC_BASE_URL")]
    public Task Preprovision_StopsAtAWrongSetting_AndMakesNothing(string name, string value, string says) => ExpectAsync("preprovision", new() { [name] = value }, [], 1, says);

    [Fact]
    public Task Preprovision_WithoutARegistrationThatItMayNotMake_Stops() =>
        ExpectAsync("preprovision", new() { ["MCP_DEPLOY_ENTRA"] = "false", ["GATEWAY_CLIENT_ID"] = "" }, [], 1, "MCP_DEPLOY_ENTRA is false and GATEWAY_CLIENT_ID is empty");

    [Fact]
    public Task Preprovision_WithoutTheRightToAssignRoles_Stops() =>
        ExpectAsync("preprovision", [], new() { ["role assignment list deployer"] = """[{"roleDefinitionName":"Contributor"}]""" }, 1, "You may not assign roles in this subscription");

    [Fact]
    public Task Preprovision_WithoutAResourceProvider_SaysHowToRegisterIt() =>
        ExpectAsync("preprovision", [], new() { ["provider show Microsoft.App"] = """{"registrationState":"NotRegistered"}""" }, 1, "az provider register --namespace Microsoft.App");

    [Fact]
    public Task Preprovision_WhenNobodyIsSignedIn_SaysWhatItCouldNotCheck() =>
        ExpectAsync("preprovision", new() { ["MCP_BUDGET_START"] = "2026-01-01" }, new() { ["account show"] = """{"exit":1,"error":"Please run 'az login'"}""" }, 0, "The Azure CLI is not signed in");

    [Fact]
    public Task Postprovision_WithoutAnAdministrator_ChangesNothing() => ExpectAsync("postprovision", [], [], 0, "No first administrator was named");

    [Fact]
    public Task Postprovision_GivesTheFirstAdministratorTheRole() => ExpectAsync(
        "postprovision",
        new() { ["MCP_FIRST_ADMIN"] = "admin@contoso.example" },
        [],
        0,
        "admin@contoso.example is administrator of the gateway.",
        $$"""az rest {"body":{"appRoleId":"role-admin","principalId":"user","resourceId":"service"},"headers":"Content-Type=application/json","method":"post","url":"{{Graph}}/servicePrincipals/service/appRoleAssignedTo"}""");

    [Fact]
    public Task Postprovision_OfOneWhoHasTheRole_ChangesNothing() => ExpectAsync(
        "postprovision",
        new() { ["MCP_FIRST_ADMIN"] = "admin@contoso.example" },
        new() { [$"get {Graph}/users/user/appRoleAssignments?$filter=resourceId%20eq%20service"] = """{"value":[{"appRoleId":"role-admin"}]}""" },
        0,
        "is administrator of the gateway.");

    [Theory]
    [InlineData("ad sp show " + App, """{"id":"service","appRoles":[]}""", "has no role Governance.Admin")]
    [InlineData("ad user show admin@contoso.example", """{"exit":3,"error":"Resource 'admin@contoso.example' does not exist"}""", "does not exist")]
    [InlineData("post " + Graph + "/servicePrincipals/service/appRoleAssignedTo", """{"exit":1,"error":"Forbidden"}""", "Forbidden")]
    public Task Postprovision_ThatFails_SaysSo_AndClaimsNothing(string key, string answer, string says) =>
        ExpectAsync("postprovision", new() { ["MCP_FIRST_ADMIN"] = "admin@contoso.example" }, new() { [key] = answer }, null, says);

    [Fact]
    public Task Entra_MakesTheRegistration_AndSaysWhatToSet() => ExpectAsync(
        "entra",
        new() { ["GATEWAY_CLIENT_ID"] = "" },
        new() { ["ad app create"] = $$"""{"appId":"{{App}}"}""" },
        0,
        $"azd env set GATEWAY_CLIENT_ID {App}",
        """az ad app create {"display-name":"MCP gateway","sign-in-audience":"AzureADMyOrg"}""",
        "az rest …",
        $$"""az ad app update {"id":"{{App}}","identifier-uris":"api://{{App}}"}""",
        """az rest {"body":{"appRoleAssignmentRequired":true},"headers":"Content-Type=application/json","method":"patch","url":"https://graph.microsoft.com/v1.0/servicePrincipals/service"}""");

    [Fact]
    public Task Entra_WithTheAppsIdentity_AddsItsCredentialOnce() => ExpectAsync(
        "entra",
        new() { ["GATEWAY_PRINCIPAL_ID"] = "identity" },
        [],
        0,
        $"The app registration is {App}.",
        "az rest …",
        $$"""az ad app update {"id":"{{App}}","identifier-uris":"api://{{App}}"}""",
        "az rest …",
        $$"""az ad app federated-credential create {"id":"{{App}}","parameters":{"audiences":["api://AzureADTokenExchange"],"issuer":"https://login.microsoftonline.com/tenant/v2.0","name":"gateway","subject":"identity"} }""");

    [Fact]
    public Task Entra_RunAgain_AddsNoSecondCredential() => ExpectAsync(
        "entra",
        new() { ["GATEWAY_PRINCIPAL_ID"] = "identity" },
        new() { [$"ad app federated-credential list {App}"] = """[{"id":"c","name":"gateway"}]""" },
        0,
        $"The app registration is {App}.",
        "az rest …",
        $$"""az ad app update {"id":"{{App}}","identifier-uris":"api://{{App}}"}""",
        "az rest …");

    [Fact]
    public Task Entra_WithoutTheRight_StopsAtOnce() => ExpectAsync(
        "entra", new() { ["GATEWAY_CLIENT_ID"] = "" }, new() { ["ad app create"] = """{"exit":1,"error":"Insufficient privileges"}""" }, 1, "Insufficient privileges");

    [Fact]
    public Task Postdeploy_PublishesTheSampleIfAsked_AndSaysWhatIsNext() => ExpectAsync(
        "postdeploy",
        new() { ["MCP_SAMPLE_CATALOGUE"] = "true", ["MCP_SAMPLE_UPSTREAM"] = "https://upstream.example/mcp" },
        [],
        0,
        "https://func.example.net/servers/{server}/mcp",
        "dotnet run --project src/McpServerless.Cli -- apply samples/catalogue --set upstream.everything.url=https://upstream.example/mcp");

    [Theory]
    [InlineData("GATEWAY_URL", "", "resources are not there yet")]
    [InlineData("MCP_SAMPLE_CATALOGUE", "true", "azd env set MCP_SAMPLE_UPSTREAM")]
    public Task Postdeploy_WithoutWhatItNeeds_Stops(string name, string value, string says) => ExpectAsync("postdeploy", new() { [name] = value }, [], null, says);

    [Fact]
    public Task Predown_DeletesTheRegistrationOnlyIfAsked() => ExpectAsync("predown", [], [], 0, "azd env set MCP_DELETE_ENTRA true to delete it too");

    [Fact]
    public Task Predown_IfAsked_DeletesTheRegistration() =>
        ExpectAsync("predown", new() { ["MCP_DELETE_ENTRA"] = "true" }, [], 0, $"The app registration {App} is deleted.", $$"""az ad app delete {"id":"{{App}}"}""");

    [Fact]
    public Task Predown_ThatMayNotDelete_SaysSo() => ExpectAsync(
        "predown", new() { ["MCP_DELETE_ENTRA"] = "true" }, new() { [$"ad app delete {App}"] = """{"exit":1,"error":"Forbidden"}""" }, 1, "Forbidden");

    /// <param name="hook">Without its extension.</param>
    /// <param name="environment">On top of a deployment that is well; empty takes a variable away.</param>
    /// <param name="answers">On top of an account that is well.</param>
    /// <param name="exitCode">Null for any that says it failed.</param>
    /// <param name="says">What the output has.</param>
    /// <param name="changes">What would have been changed, all of it; of one that ends with … only the command counts.</param>
    private static async Task ExpectAsync(string hook, Dictionary<string, string> environment, Dictionary<string, string> answers, int? exitCode, string says, params string[] changes)
    {
        var set = Deployment.Concat(environment).ToLookup(v => v.Key, v => v.Value).Where(v => v.Last().Length > 0).ToDictionary(v => v.Key, v => v.Last());
        var known = Account.Concat(answers).ToLookup(a => a.Key, a => a.Value).Select(a => $"{System.Text.Json.JsonSerializer.Serialize(a.Key)}:{a.Last()}");
        foreach (var kind in Kinds)
        {
            using var run = await HookRun.RunAsync(hook + kind, set, $"{{{string.Join(',', known)}}}");
            var shown = $"{hook}{kind} ended with {run.ExitCode}:\n{run.Output}\nchanges:\n{string.Join('\n', run.Changes)}";
            if (exitCode is null ? run.ExitCode == 0 : run.ExitCode != exitCode) Assert.Fail(shown);
            Assert.True(run.Output.Replace("\r", "", StringComparison.Ordinal).Contains(says, StringComparison.OrdinalIgnoreCase), shown);
            var made = run.Changes.Select((c, i) => i < changes.Length && changes[i].EndsWith('…') ? c[..Math.Min(c.Length, changes[i].Length - 1)] + "…" : c).ToList();
            if (!made.SequenceEqual(changes.Select(c => c.Replace("} }", "}}", StringComparison.Ordinal)))) Assert.Fail(shown);
        }
    }
}
