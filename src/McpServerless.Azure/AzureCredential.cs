using Azure.Core;
using Azure.Identity;

namespace McpServerless.Azure;

/// <summary>As whom the gateway speaks to Azure.</summary>
public static class AzureCredential
{
    /// <summary>A named identity is taken directly: probing for other kinds would only make a cold start slower.</summary>
    /// <param name="managedIdentityClientId">Client id of a user-assigned identity (<c>AZURE_CLIENT_ID</c>); null or empty for what the surroundings offer.</param>
    public static TokenCredential For(string? managedIdentityClientId) =>
        string.IsNullOrEmpty(managedIdentityClientId)
            ? new DefaultAzureCredential()
            : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(managedIdentityClientId));
}
