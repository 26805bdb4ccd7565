using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Credentials;
using McpServerless.Access.Expiring;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Retention;
using McpServerless.Azure.Access;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Budgets;
using McpServerless.Azure.Catalogue;
using McpServerless.Azure.Contracts;
using McpServerless.Azure.Management;
using McpServerless.Azure.Notifying;
using McpServerless.Azure.Sealing;
using McpServerless.Azure.Upstreams;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue;
using McpServerless.Contracts.Sanitising;
using McpServerless.Contracts.Watching;
using McpServerless.Management;
using McpServerless.Notifying;
using McpServerless.Sealing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Storage;

/// <summary>The stores on Table Storage, as services.</summary>
public static class StorageServices
{
    /// <summary>Registers every store. Tables are made when they are first written, so a fresh account needs no set-up.</summary>
    public static IServiceCollection AddTableStores(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageAccountValidator>();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            var identity = provider.GetRequiredService<IConfiguration>()["AZURE_CLIENT_ID"];
            return new TableSet(StorageConnection.Open(options, identity), options.TablePrefix);
        });
        services.AddSingleton<TableAccessStore>();
        services.AddSingleton<IAccessStore>(provider => provider.GetRequiredService<TableAccessStore>());
        services.AddSingleton<IClientDirectory>(provider => provider.GetRequiredService<TableAccessStore>());
        services.AddSingleton<IEndedAccess>(provider => provider.GetRequiredService<TableAccessStore>());
        services.AddSingleton<IReviewableGrants>(provider => provider.GetRequiredService<TableAccessStore>());
        services.AddSingleton<IReviewStore, TableReviewStore>();
        services.AddSingleton<ICredentialStore, TableCredentialStore>();
        services.AddSingleton<IDirectory>(provider => new GraphDirectory(
            provider.GetRequiredService<IOptions<CredentialWatchOptions>>().Value.GraphEndpoint,
            AzureCredential.For(provider.GetRequiredService<IConfiguration>()["AZURE_CLIENT_ID"])));
        services.AddSingleton<IAccessEditor>(provider => provider.GetRequiredService<TableAccessStore>());
        services.AddSingleton<ITeamStore, TableTeamStore>();
        services.AddSingleton<IIdempotencyStore, TableIdempotencyStore>();
        services.AddSingleton<TableCatalogueStore>();
        services.AddSingleton<ICatalogueStore>(provider => provider.GetRequiredService<TableCatalogueStore>());
        services.AddSingleton<ICatalogueHistory>(provider => provider.GetRequiredService<TableCatalogueStore>());
        services.AddSingleton<IContractWatchStore, TableContractWatchStore>();
        services.AddSingleton<IHeldToolReader>(provider => provider.GetRequiredService<IContractWatchStore>());
        services.AddSingleton<TableAuditStore>();
        services.AddSingleton<IAuditStore>(provider => provider.GetRequiredService<TableAuditStore>());
        services.AddSingleton<IPurgeableLedger>(provider => provider.GetRequiredService<TableAuditStore>());
        services.AddSingleton<IRetentionStore, TableRetentionStore>();
        services.AddSingleton<IHashKeyStore, TableHashKeyStore>();
        services.AddSingleton<IAuditReader>(provider => provider.GetRequiredService<IAuditStore>());
        services.AddSingleton<IAuditIndex, TableAuditIndex>();
        services.AddSingleton<IBudgetStore, TableBudgetStore>();
        services.AddSingleton<IDemandStore, TableDemandStore>();
        services.AddSingleton<ISealingKeyStore, TableSealingKeyStore>();
        services.AddSingleton<INoticeStore, TableNoticeStore>();
        services.AddCheckpoints();
        services.AddSinks();
        services.AddUpstreamCredentials();
        return services;
    }
}
