using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;

namespace McpServerless.Azure.Storage;

/// <summary>From options to the storage client.</summary>
internal static class StorageConnection
{
    /// <param name="managedIdentityClientId">Client id of a user-assigned identity; null or empty for what the surroundings offer.</param>
    public static TableServiceClient Open(StorageOptions options, string? managedIdentityClientId) =>
        options.TableServiceUri is { } uri
            ? new TableServiceClient(uri, Credential(managedIdentityClientId), ClientOptions(options))
            : new TableServiceClient(options.ConnectionString, ClientOptions(options));

    public static TableClientOptions ClientOptions(StorageOptions options)
    {
        var client = new TableClientOptions();
        client.Retry.Mode = RetryMode.Exponential;
        client.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(options.NetworkTimeoutMilliseconds);
        client.Retry.MaxRetries = options.MaxRetries;
        client.Retry.Delay = TimeSpan.FromMilliseconds(options.RetryDelayMilliseconds);
        client.Retry.MaxDelay = TimeSpan.FromMilliseconds(options.MaxRetryDelayMilliseconds);
        return client;
    }

    /// <summary>A named identity is taken directly: probing for other kinds would only make a cold start slower.</summary>
    public static TokenCredential Credential(string? managedIdentityClientId) =>
        string.IsNullOrEmpty(managedIdentityClientId)
            ? new DefaultAzureCredential()
            : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(managedIdentityClientId));
}
