using McpServerless.Infra.Bicep;

namespace McpServerless.Infra.Rules;

/// <summary>What every resource of a type must say, and what must be there at all.</summary>
internal static class ResourceRules
{
    private sealed record Must(string Type, string Path, string Value, string Rule, string Why);

    private static readonly Must[] Musts =
    [
        new("Microsoft.Storage/storageAccounts", "properties/allowSharedKeyAccess", "false", "storage-keys", "a key opens everything in the account to whoever reads it"),
        new("Microsoft.Storage/storageAccounts", "properties/allowBlobPublicAccess", "false", "storage-public-blobs", "no blob here is for everyone"),
        new("Microsoft.Storage/storageAccounts", "properties/allowCrossTenantReplication", "false", "storage-replication", "nobody of another tenant copies this account"),
        new("Microsoft.Storage/storageAccounts", "properties/defaultToOAuthAuthentication", "true", "storage-oauth", "the portal should not ask for a key"),
        new("Microsoft.Storage/storageAccounts", "properties/minimumTlsVersion", "TLS1_2", "storage-tls", "older TLS is broken"),
        new("Microsoft.Storage/storageAccounts", "properties/supportsHttpsTrafficOnly", "true", "storage-https", "tokens must not travel in the clear"),
        new("Microsoft.Storage/storageAccounts", "kind", "StorageV2", "storage-kind", "older kinds lack tables with identities"),
        new("Microsoft.Storage/storageAccounts/blobServices/containers", "properties/publicAccess", "None", "storage-public-blobs", "no blob here is for everyone"),
        new("Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies", "properties/allowProtectedAppendWrites", "true", "checkpoints-append", "checkpoints are appended to a blob"),
        new("Microsoft.KeyVault/vaults", "properties/enableRbacAuthorization", "true", "vault-rbac", "access policies are a second, invisible list of who may"),
        new("Microsoft.KeyVault/vaults", "properties/enablePurgeProtection", "true", "vault-purge", "a purged signing key makes old checkpoints unprovable"),
        new("Microsoft.KeyVault/vaults", "properties/enableSoftDelete", "true", "vault-soft-delete", "what is deleted by mistake must come back"),
        new("Microsoft.KeyVault/vaults/keys", "properties/attributes/exportable", "false", "vault-export", "the signing key never leaves the vault"),
        new("Microsoft.Insights/components", "properties/DisableLocalAuth", "true", "telemetry-keys", "anyone with the connection string could write telemetry"),
        new("Microsoft.Insights/components", "properties/IngestionMode", "LogAnalytics", "telemetry-workspace", "telemetry belongs into the workspace"),
        new("Microsoft.OperationalInsights/workspaces", "properties/features/disableLocalAuth", "true", "workspace-keys", "a workspace key lets anyone write records"),
        new("Microsoft.Web/serverfarms", "sku/name", "FC1", "plan", "the app is a Flex Consumption app"),
        new("Microsoft.Insights/workbooks", "kind", "shared", "workbook-shared", "a private workbook is seen by its maker alone"),
    ];

    /// <summary>How many there are: a resource that went missing is as wrong as one that is set up wrongly.</summary>
    private static readonly (string Type, int Count)[] Present =
    [
        ("Microsoft.Resources/resourceGroups", 1), ("Microsoft.ManagedIdentity/userAssignedIdentities", 1), ("Microsoft.Storage/storageAccounts", 2),
        ("Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies", 1), ("Microsoft.KeyVault/vaults", 1), ("Microsoft.KeyVault/vaults/keys", 1),
        ("Microsoft.OperationalInsights/workspaces", 1), ("Microsoft.OperationalInsights/workspaces/tables", 1), ("Microsoft.OperationalInsights/workspaces/savedSearches", 1),
        ("Microsoft.Insights/dataCollectionRules", 1), ("Microsoft.Insights/components", 1), ("Microsoft.Insights/actionGroups", 1), ("Microsoft.Insights/workbooks", 5),
        ("Microsoft.Insights/scheduledQueryRules", 9), ("Microsoft.Web/serverfarms", 1), ("Microsoft.Web/sites", 1),
    ];

    public static IEnumerable<Finding> Check(Deployment deployment)
    {
        foreach (var (type, count) in Present)
        {
            var found = deployment.OfType(type).Count();
            if (found != count) yield return new Finding(deployment.Name, "resources", $"{found} of {type}, expected {count}.");
        }

        foreach (var must in Musts)
        {
            foreach (var resource in deployment.OfType(must.Type))
            {
                var value = resource.At(must.Path);
                if (value != must.Value) yield return deployment.Finding(resource, must.Rule, $"{must.Path} is {value ?? "not set"}, and must be {must.Value}: {must.Why}.");
            }
        }

        foreach (var finding in deployment.OfType("Microsoft.Storage/storageAccounts/blobServices").SelectMany(blobs => SoftDelete(deployment, blobs))) yield return finding;
        foreach (var resource in deployment.Resources)
        {
            if (resource.Element("tags") is not null || !Taggable(resource)) continue;
            yield return deployment.Finding(resource, "tags", "has no tags; azd down and the bill find resources by azd-env-name.");
        }

        foreach (var key in deployment.OfType("Microsoft.KeyVault/vaults/keys"))
        {
            if (key.Elements("properties/keyOps").Select(AzureResource.AsText).Except(["sign", "verify"]).Any())
                yield return deployment.Finding(key, "vault-key-use", "the key signs and verifies, and does nothing else.");
        }
    }

    /// <summary>The host's account holds a package and leases, which the next deployment makes anew; the other one holds what cannot be made again.</summary>
    private static IEnumerable<Finding> SoftDelete(Deployment deployment, AzureResource blobs)
    {
        if (!blobs.Id.Contains("/stgov", StringComparison.Ordinal)) yield break;
        foreach (var policy in (string[])["deleteRetentionPolicy", "containerDeleteRetentionPolicy"])
        {
            var kept = blobs.At($"properties/{policy}/enabled") == "true" && int.TryParse(blobs.At($"properties/{policy}/days"), out var days) && days >= 7;
            if (!kept) yield return deployment.Finding(blobs, "soft-delete", $"{policy} must be on for 7 days or more.");
        }
    }

    private static bool Taggable(AzureResource resource) => resource.Type.Split('/').Length == 2
        && resource.Type is not ("Microsoft.Authorization/roleAssignments" or "Microsoft.Consumption/budgets")
        && !resource.Type.StartsWith("Microsoft.Graph/", StringComparison.Ordinal);
}
