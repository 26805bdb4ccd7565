using Azure.Core;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Sinks;
using McpServerless.Notifying;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Audit;

/// <summary>The places that records are sent to, as settings name them, and their outboxes.</summary>
internal static class SinkServices
{
    public static IServiceCollection AddSinks(this IServiceCollection services)
    {
        services.AddSinkOptions();
        services.AddSingleton<IOutboxStore, TableOutboxStore>();
        services.AddSingleton(provider => new Outbox(
            SinksOf(provider),
            provider.GetRequiredService<IOutboxStore>(),
            provider.GetRequiredService<IAuditReader>(),
            provider.GetRequiredService<IAuditIndex>(),
            provider.GetRequiredService<Ledger>(),
            provider.GetRequiredService<IOptions<SinkOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Outbox>>(),
            provider.GetService<NoticeBox>()));
        return services;
    }

    private static List<IRecordSink> SinksOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<SinkOptions>>().Value;
        var sinks = RecordSinks.Of(options, provider.GetRequiredService<ILoggerFactory>()).ToList();
        if (options is { LogsIngestionEndpoint: { } endpoint, LogsIngestionRule: { } rule }) sinks.Add(new LogsIngestionSink(endpoint, rule, Credential(provider)));
        return sinks;
    }

    private static TokenCredential Credential(IServiceProvider provider) => AzureCredential.For(provider.GetRequiredService<IConfiguration>()["AZURE_CLIENT_ID"]);
}
