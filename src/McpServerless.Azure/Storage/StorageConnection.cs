using Azure.Core;
using Azure.Data.Tables;

namespace McpServerless.Azure.Storage;

/// <summary>From options to the storage client.</summary>
internal static class StorageConnection
{
    /// <param name="managedIdentityClientId">Client id of a user-assigned identity; null or empty for what the surroundings offer.</param>
    public static TableServiceClient Open(StorageOptions options, string? managedIdentityClientId) =>
        options.TableServiceUri is { } uri
            ? new TableServiceClient(uri, AzureCredential.For(managedIdentityClientId), ClientOptions(options))
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
}
