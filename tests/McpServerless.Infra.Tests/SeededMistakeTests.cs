namespace McpServerless.Infra.Tests;

/// <summary>Mistakes that a deployment, an attacker or an auditor would find: each is seeded into a copy of the repository, and must be found by name.</summary>
[Collection(nameof(CompilerFixture))]
public class SeededMistakeTests(CompilerFixture fixture)
{
    /// <summary>What is wrong, the file, the text and what stands there instead, and the rule that says so.</summary>
    public static TheoryData<string, string, string, string, string> Mistakes => new()
    {
        // The language: the compiler's own rules.
        { "brace not closed", "infra/modules/identity.bicep", "  tags: tags\n}", "  tags: tags\n", "BCP018" },
        { "symbol unknown", "infra/modules/identity.bicep", "output id string = identity.id", "output id string = identiti.id", "BCP057" },
        { "property unknown", "infra/modules/function-app.bicep", "    reserved: true", "    reservd: true", "BCP089" },
        { "property of the wrong type", "infra/modules/function-app.bicep", "    httpsOnly: true", "    httpsOnly: 'true'", "BCP036" },
        { "account of an older kind", "infra/modules/governance-storage.bicep", "kind: 'StorageV2'", "kind: 'BlobStorage'", "storage-kind" },
        { "API version unknown", "infra/modules/key-vault.bicep", "Microsoft.KeyVault/vaults@2023-07-01", "Microsoft.KeyVault/vaults@2023-07-02", "BCP081" },
        { "resource type unknown", "infra/modules/identity.bicep", "userAssignedIdentities@2023-01-31", "userAssignedIdentitys@2023-01-31", "BCP081" },
        { "parameter not passed", "infra/main.bicep", "    ruleName: 'dcr-mcp-${token}'\n", "", "BCP035" },
        { "parameter not declared", "infra/main.bicep", "    ruleName: 'dcr-mcp-${token}'\n", "    ruleName: 'dcr-mcp-${token}'\n    ruleColour: 'blue'\n", "BCP037" },
        { "output unknown", "infra/main.bicep", "identity.outputs.clientId", "identity.outputs.clientID", "BCP083" },
        { "module file missing", "infra/main.bicep", "'modules/parser.bicep'", "'modules/parsers.bicep'", "BCP091" },
        { "query file missing", "infra/modules/alerts.bicep", "alerts/audit-gap.kql", "alerts/audit-gaps.kql", "BCP091" },
        { "parameter never used", "infra/modules/budget.bicep", "param emails string[]", "param emails string[]\nparam colour string = 'blue'", "no-unused-params" },
        { "address of one cloud written out", "infra/modules/network.bicep", "'privatelink.blob.${environment().suffixes.storage}'", "'privatelink.blob.core.windows.net'", "no-hardcoded-env-urls" },
        { "location written out", "infra/modules/identity.bicep", "  location: location", "  location: 'westeurope'", "no-hardcoded-location" },
        { "Graph property unknown", "infra/modules/entra.bicep", "  signInAudience: 'AzureADMyOrg'", "  signInAudiences: 'AzureADMyOrg'", "BCP089" },
        { "extension not configured", "infra/bicepconfig.json", "\"microsoftGraphV1\"", "\"microsoftGraphV2\"", "BCP204" },

        // Secrets and keys.
        { "output with an account key", "infra/modules/host-storage.bicep", "output name string = account.name", "output name string = account.name\noutput first string = account.listKeys().keys[0].value", "outputs-should-not-contain-secrets" },
        { "account key in a setting", "infra/modules/function-app.bicep", "AzureWebJobsDisableHomepage: 'true'", "AzureWebJobsDisableHomepage: 'true'\n      Storage__Key: listKeys(resourceId('Microsoft.Storage/storageAccounts', 'old'), '2023-05-01').keys[0].value", "keys-read" },
        { "output that sounds like a secret", "infra/modules/key-vault.bicep", "output name string = vault.name", "output name string = vault.name\noutput signingSecret string = vault.name", "secret-output" },
        { "account with shared keys", "infra/modules/governance-storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "storage-keys" },
        { "account without a word on shared keys", "infra/modules/host-storage.bicep", "    allowSharedKeyAccess: false\n", "", "storage-keys" },
        { "connection string in a setting", "infra/modules/function-app.bicep", "AzureWebJobsDisableHomepage: 'true'", "AzureWebJobsDisableHomepage: 'true'\n      Storage__Old: 'DefaultEndpointsProtocol=https;AccountKey=abc'", "app-secret" },
        { "host's storage by connection string", "infra/modules/function-app.bicep", "AzureWebJobsStorage__credential: 'managedidentity'", "AzureWebJobsStorage: 'UseDevelopmentStorage=true'\n      AzureWebJobsStorage__credential: 'managedidentity'", "app-settings" },
        { "telemetry with a key", "infra/modules/monitoring.bicep", "DisableLocalAuth: true", "DisableLocalAuth: false", "telemetry-keys" },
        { "telemetry without Entra", "infra/modules/function-app.bicep", ";Authorization=AAD'", "'", "app-settings" },
        { "workspace with keys", "infra/modules/monitoring.bicep", "disableLocalAuth: true", "disableLocalAuth: false", "workspace-keys" },
        { "publishing with a password", "infra/modules/function-app.bicep", "name: 'scm'\n    properties: {\n      allow: false", "name: 'scm'\n    properties: {\n      allow: true", "app-passwords" },

        // What is open.
        { "public blobs", "infra/modules/governance-storage.bicep", "allowBlobPublicAccess: false", "allowBlobPublicAccess: true", "storage-public-blobs" },
        { "public container", "infra/modules/host-storage.bicep", "publicAccess: 'None'", "publicAccess: 'Blob'", "storage-public-blobs" },
        { "old TLS", "infra/modules/host-storage.bicep", "'TLS1_2'", "'TLS1_0'", "storage-tls" },
        { "HTTP to the app", "infra/modules/function-app.bicep", "    httpsOnly: true", "    httpsOnly: false", "app" },
        { "FTP to the app", "infra/modules/function-app.bicep", "ftpsState: 'Disabled'", "ftpsState: 'AllAllowed'", "app" },
        { "private account that stays public", "infra/main.bicep", "    checkpointImmutabilityDays: checkpointImmutabilityDays\n    publicAccess: !privateNetwork", "    checkpointImmutabilityDays: checkpointImmutabilityDays\n    publicAccess: true", "public-access" },
        { "private endpoint left out", "infra/modules/network.bicep", "  {\n    name: 'governance-table'\n    service: governanceStorageId\n    group: 'table'\n    zone: 2\n  }\n", "", "private-endpoint" },
        { "subnet not delegated", "infra/modules/network.bicep", "serviceName: 'Microsoft.App/environments'", "serviceName: 'Microsoft.Web/serverFarms'", "app-subnet" },
        { "app outside of the network", "infra/main.bicep", "subnetId: privateNetwork ? network!.outputs.appSubnetId : ''", "subnetId: ''", "app-network" },
        { "network that nobody asked for", "infra/main.bicep", "'modules/network.bicep' = if (privateNetwork)", "'modules/network.bicep' = if (!empty(environmentName))", "network-unasked" },

        // What is kept.
        { "no purge protection", "infra/modules/key-vault.bicep", "    enablePurgeProtection: true\n", "", "vault-purge" },
        { "access policies", "infra/modules/key-vault.bicep", "enableRbacAuthorization: true", "enableRbacAuthorization: false", "vault-rbac" },
        { "signing key that decrypts", "infra/modules/key-vault.bicep", "        'verify'\n", "        'verify'\n        'decrypt'\n", "vault-key-use" },
        { "no soft delete", "infra/modules/governance-storage.bicep", "      containerDeleteRetentionPolicy: {\n        enabled: true", "      containerDeleteRetentionPolicy: {\n        enabled: false", "soft-delete" },
        { "checkpoints that cannot be appended", "infra/modules/governance-storage.bicep", "allowProtectedAppendWrites: true", "allowProtectedAppendWrites: false", "checkpoints-append" },
        { "resource without tags", "infra/modules/function-app.bicep", "  tags: tags\n  kind: 'functionapp'\n", "  kind: 'functionapp'\n", "tags" },

        // Roles.
        { "role that nobody knows", "infra/modules/roles.bicep", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa4", "role-unknown" },
        { "owner", "infra/modules/roles.bicep", "12338af0-0e69-4776-bea7-57ae8d297424", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "role-unknown" },
        { "role at the wrong kind of resource", "infra/modules/roles.bicep", "  scope: vault::signingKey", "  scope: vault", "role-scope" },
        { "role at the whole group", "infra/modules/roles.bicep", "  scope: component\n", "", "role-scope" },
        { "blob owner of the governance account", "infra/modules/roles.bicep", "resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(hostStorage.id, principalId, roles.storageBlobDataOwner)\n  scope: hostStorage", "resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid(governanceStorage.id, principalId, roles.storageBlobDataOwner)\n  scope: governanceStorage", "role-scope" },
        { "role of the audit rule left out", "infra/modules/roles.bicep", "  name: guid(rule.id, principalId, roles.monitoringMetricsPublisher)\n  scope: rule", "  name: guid(rule.id, principalId, roles.monitoringMetricsPublisher)\n  scope: component", "role-missing" },
        { "principal type left out", "infra/modules/roles.bicep", "roles.keyVaultCryptoUser)\n    principalId: principalId\n    principalType: 'ServicePrincipal'\n", "roles.keyVaultCryptoUser)\n    principalId: principalId\n", "role-principal-type" },

        // The app.
        { "app that azd does not find", "infra/modules/function-app.bicep", "'azd-service-name': 'gateway'", "'azd-service-name': 'gatewai'", "app" },
        { "wrong runtime", "infra/modules/function-app.bicep", "version: '10.0'", "version: '8.0'", "app" },
        { "setting that Flex does not take", "infra/modules/function-app.bicep", "AzureWebJobsDisableHomepage: 'true'", "AzureWebJobsDisableHomepage: 'true'\n      FUNCTIONS_WORKER_RUNTIME: 'dotnet-isolated'", "app-settings" },
        { "homepage left on", "infra/modules/function-app.bicep", "AzureWebJobsDisableHomepage: 'true'", "AzureWebJobsDisableHomepage: 'false'", "app-settings" },
        { "identity not named", "infra/modules/function-app.bicep", "      AZURE_CLIENT_ID: identityClientId\n", "", "app-settings" },

        // The app registration.
        { "token for any application", "infra/modules/entra.bicep", "appRoleAssignmentRequired: true", "appRoleAssignmentRequired: false", "entra-assignment" },
        { "v1.0 tokens", "infra/modules/entra.bicep", "requestedAccessTokenVersion: 2", "requestedAccessTokenVersion: 1", "entra-token-version" },
        { "other tenants", "infra/modules/entra.bicep", "'AzureADMyOrg'", "'AzureADMultipleOrgs'", "entra-audience" },
        { "role renamed", "infra/modules/entra.bicep", "    value: 'Governance.Auditor'", "    value: 'Governance.Auditors'", "entra-role" },
        { "no scope to govern with", "infra/modules/entra.bicep", "        value: 'Governance.Manage'", "        value: 'Governance.Managing'", "entra-scope" },
        { "registration that the flag does not stop", "infra/main.bicep", "'modules/entra.bicep' = if (deployEntra)", "'modules/entra.bicep' = if (!empty(environmentName))", "entra-unasked" },
        { "registration by hand that differs", "infra/hooks/entra-application.json", "\"value\": \"Governance.Owner\"", "\"value\": \"Governance.Owners\"", "entra-by-hand" },

        // Records: table, rule, queries.
        { "column renamed", "schemas/mcp-audit-table.json", "\"name\": \"RefusalCode\"", "\"name\": \"Refusal\"", "query" },
        { "column of the service's own", "schemas/mcp-audit-table.json", "\"name\": \"CallerTenantId\"", "\"name\": \"TenantId\"", "audit-columns" },
        { "column of an unknown type", "schemas/mcp-audit-table.json", "\"name\": \"UpstreamStatus\", \"type\": \"int\"", "\"name\": \"UpstreamStatus\", \"type\": \"short\"", "audit-columns" },
        { "stream without a column", "infra/modules/audit-table.bicep", "        columns: map(columns, column => {\n          name: column.name\n          type: column.type", "        columns: map(skip(columns, 1), column => {\n          name: column.name\n          type: column.type", "audit-columns" },
        { "records into another table", "infra/modules/audit-table.bicep", "outputStream: 'Custom-McpAudit_CL'", "outputStream: 'Custom-Audit_CL'", "audit-rule" },
        { "transformation that loses a column", "infra/modules/audit-table.bicep", "transformKql: 'source'", "transformKql: 'source | project-away Sequence'", "query-columns" },
        { "alert that names no column", "infra/queries/alerts/audit-lag.kql", "TimeGenerated", "Time", "query" },
        { "alert that is no query", "infra/queries/alerts/audit-gap.kql", "| where Missing > 0;", "| where Missing >;", "query" },
        { "alert for a refusal that does not exist", "infra/queries/alerts/state-unavailable.kql", "\"state_unavailable\"", "\"state_unavailabel\"", "query-code" },
        { "alert split by a column that its query lacks", "infra/modules/alerts.bicep", "dimension: 'ToolName'", "dimension: 'Tool'", "query-columns" },
        { "alert that would not be made", "infra/modules/alerts.bicep", "skipQueryValidation: true", "skipQueryValidation: false", "alert-validation" },
        { "alert that tells nobody", "infra/modules/alerts.bicep", "        actionGroups: [\n          actionGroup.id\n        ]", "        actionGroups: []", "alert-silent" },
        { "alert with a blind spot", "infra/modules/alerts.bicep", "frequency: 'PT15M'\n    window: 'PT30M'\n    dimension: 'ToolName'", "frequency: 'PT1H'\n    window: 'PT30M'\n    dimension: 'ToolName'", "alert-window" },
        { "parser beyond its schema", "infra/queries/asim-agent-event.kql", "EventVendor, EventProduct,", "EventVendor, EventProduct, Decision,", "query-columns" },
        { "parser without its parameter", "infra/modules/parser.bicep", "functionParameters: 'disabled:bool=False'", "functionParameters: ''", "query" },

        // Workbooks.
        { "workbook with an unknown column", "infra/workbooks/audit.json", "Users = count_distinct(ActorUserId)", "Users = count_distinct(ActorUser)", "query" },
        { "workbook with an unknown parameter", "infra/workbooks/health.json", "\"name\": \"Server\",\n            \"label\"", "\"name\": \"Servers\",\n            \"label\"", "workbook-parameters" },
        { "export of a field that the step lacks", "infra/workbooks/audit.json", "\"fieldName\": \"EventRequestId\"", "\"fieldName\": \"RequestId\"", "query-columns" },
        { "step that looks at all time", "infra/workbooks/access.json", "", "", "workbook-time" },
        { "link to nowhere", "infra/workbooks/budgets.json", "__WORKBOOK_HEALTH__", "__WORKBOOK_WEALTH__", "workbook-links" },
        { "two steps of one name", "infra/workbooks/contracts.json", "\"name\": \"drift\"", "\"name\": \"versions\"", "workbook-names" },
        { "workbook that is not JSON", "infra/workbooks/health.json", "\"version\": \"Notebook/1.0\",", "\"version\": \"Notebook/1.0\"", "workbook-json" },
        { "workbook that is not deployed", "infra/modules/workbooks.bicep", "'../workbooks/health.json'", "'../workbooks/budgets.json'", "workbook-unused" },

        // azd.
        { "parameter that main.bicep lacks", "infra/main.parameters.json", "\"alwaysReadyInstances\"", "\"alwaysReady\"", "parameters-file" },
        { "number without a default", "infra/main.parameters.json", "${MCP_ALWAYS_READY=0}", "${MCP_ALWAYS_READY}", "parameters-file" },
        { "hook that is not there", "azure.yaml", "./infra/hooks/predown.sh", "./infra/hooks/before-down.sh", "hooks" },
        { "hook for one platform only", "azure.yaml", "    windows:\n      shell: pwsh\n      run: ./infra/hooks/predown.ps1\n", "", "hooks" },
        { "service of another kind", "azure.yaml", "host: function", "host: appservice", "azure-yaml" },
        { "route prefix", "host.json", "\"routePrefix\": \"\"", "\"routePrefix\": \"api\"", "route-prefix" },
        { "telemetry of the host beside the app's", "host.json", "\"OpenTelemetry\"", "\"ApplicationInsights\"", "telemetry-mode" },
        { "query in a document with a column that is gone", "docs/operations.md", "EventUid", "EventUUid", "query" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsFoundByName(string mistake, string file, string text, string instead, string rule)
    {
        var result = await fixture.CheckAsync(workspace => Seed(workspace, mistake, file, text, instead));
        Assert.True(
            result.Findings.Any(finding => finding.Rule == rule),
            $"{mistake}: no finding of {rule}. {(result.Findings.Count == 0 ? "There is none at all." : string.Join('\n', result.Findings.Take(5)))}");
    }

    private static void Seed(InfraWorkspace workspace, string mistake, string file, string text, string instead)
    {
        if (mistake == "step that looks at all time")
        {
            // The same line stands in every step; one of them loses it.
            const string Line = "\"timeContextFromParameter\": \"TimeRange\",";
            var book = workspace.Read(file);
            var at = book.LastIndexOf(Line, StringComparison.Ordinal);
            workspace.Write(file, book.Remove(at, Line.Length));
            return;
        }

        workspace.Replace(file, text, instead);
    }
}
