using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Retention;
using McpServerless.Audit.Sinks;
using McpServerless.Azure.Storage;
using McpServerless.Budgets;
using McpServerless.Catalogue;
using McpServerless.Contracts.Sanitising;
using McpServerless.Contracts.Watching;
using McpServerless.Notifying;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Cli.Stores;

/// <summary>The stores on Table Storage, configured as the gateway configures them.</summary>
internal static class TableStores
{
    /// <exception cref="UsageException">The address cannot be used.</exception>
    public static GovernanceStores Open(StoreAddress address)
    {
        var settings = new Dictionary<string, string?>
        {
            [$"{StorageOptions.Section}:{nameof(StorageOptions.ConnectionString)}"] = address.ConnectionString,
            [$"{StorageOptions.Section}:{nameof(StorageOptions.TableServiceUri)}"] = address.TableServiceUri?.ToString(),
            [$"{StorageOptions.Section}:{nameof(StorageOptions.TablePrefix)}"] = address.TablePrefix,
            // An operator's line is slower than the service's own network.
            [$"{StorageOptions.Section}:{nameof(StorageOptions.NetworkTimeoutMilliseconds)}"] = "10000",
        };
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddTableStores()
            .BuildServiceProvider();
        try
        {
            return new GovernanceStores(
                services.GetRequiredService<ICatalogueStore>(),
                services.GetRequiredService<ICatalogueHistory>(),
                services.GetRequiredService<IAccessStore>(),
                services.GetRequiredService<IClientDirectory>(),
                services.GetRequiredService<IAccessEditor>(),
                services.GetRequiredService<IAuditStore>(),
                services.GetRequiredService<IBudgetStore>(),
                services.GetRequiredService<IContractWatchStore>(),
                services.GetRequiredService<INoticeStore>(),
                services.GetRequiredService<IReviewStore>(),
                services.GetRequiredService<IReviewableGrants>(),
                services,
                services.GetRequiredService<IAuditIndex>(),
                services.GetRequiredService<IOutboxStore>(),
                services.GetRequiredService<IRetentionStore>(),
                services.GetRequiredService<IHashKeyStore>());
        }
        catch (OptionsValidationException e)
        {
            services.Dispose();
            throw new UsageException(string.Join(" ", e.Failures));
        }
    }
}
