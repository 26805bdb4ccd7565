using Azure.Core;
using Azure.Storage.Blobs;
using McpServerless.Audit.Checkpoints;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Audit;

/// <summary>The key and the place of checkpoints, as services.</summary>
internal static class CheckpointServices
{
    public static IServiceCollection AddCheckpoints(this IServiceCollection services)
    {
        services.AddOptions<CheckpointOptions>().BindConfiguration(CheckpointOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CheckpointOptions>>(new CheckpointOptionsValidator());
        services.AddSingleton<ICheckpointKey>(provider => Options(provider) is { KeyVaultKey: { } key }
            ? new KeyVaultCheckpointKey(key, Credential(provider))
            : new CheckpointKeyFile(Options(provider).KeyFile ?? throw NotConfigured()));
        services.AddSingleton<ICheckpointStore>(provider => Options(provider) is { BlobContainer: { } container }
            ? new BlobCheckpointStore(new BlobContainerClient(container, Credential(provider)))
            : new CheckpointFolder(Options(provider).Folder ?? throw NotConfigured()));
        return services;
    }

    private static CheckpointOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<CheckpointOptions>>().Value;

    private static TokenCredential Credential(IServiceProvider provider) => AzureCredential.For(provider.GetRequiredService<IConfiguration>()["AZURE_CLIENT_ID"]);

    private static InvalidOperationException NotConfigured() => new("Checkpoints are not configured.");
}
