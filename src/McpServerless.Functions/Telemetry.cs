using Azure.Monitor.OpenTelemetry.Exporter;
using McpServerless.Azure;
using McpServerless.Telemetry;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Functions;

/// <summary>Traces, metrics and logs go to Azure Monitor where a connection string says so. Nothing about the ledger depends on it.</summary>
internal static class Telemetry
{
    public const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    public static FunctionsApplicationBuilder AddTelemetry(this FunctionsApplicationBuilder builder)
    {
        // Without a place to send it to, none of it is loaded: that is felt in a start.
        if (builder.Configuration[ConnectionString] is not { Length: > 0 } connectionString) return builder;
        builder.Services.AddOpenTelemetry()
            .WithTracing(traces => traces.AddSource(GatewayTelemetry.Name))
            .WithMetrics(metrics => metrics.AddMeter(GatewayTelemetry.Name))
            .UseFunctionsWorkerDefaults().UseAzureMonitorExporter(options =>
        {
            options.ConnectionString = connectionString;
            options.Credential = AzureCredential.For(builder.Configuration["AZURE_CLIENT_ID"]);
            // By default five traces a second are kept, and logs of the others are dropped with them. Whoever wants less says so to the
            // sampler of OpenTelemetry (OTEL_TRACES_SAMPLER), which all exporters share.
            options.TracesPerSecond = null;
            options.SamplingRatio = 1.0f;
            options.EnableTraceBasedLogsSampler = false;
        });
        return builder;
    }
}
