using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace McpServerless.Telemetry;

/// <summary>What operators see of the gateway at work: spans and metrics under one name, which a host hands to OpenTelemetry.</summary>
/// <remarks>
/// Names are those of OpenTelemetry's semantic conventions for MCP where they have one (opentelemetry.io/docs/specs/semconv/gen-ai/mcp), else they begin with
/// <c>mcpserverless.</c>. Labels of metrics come from small sets alone: methods, refusal codes, what the catalogue names; never a caller, a tool that was asked for,
/// an id. Nothing here is needed for a decision or a record, and without a listener it costs next to nothing.
/// </remarks>
public static class GatewayTelemetry
{
    /// <summary>Of the activity source and the meter.</summary>
    public const string Name = "McpServerless";

    private static readonly string? Version = typeof(GatewayTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    /// <summary>In seconds, as the conventions for MCP have them.</summary>
    private static readonly InstrumentAdvice<double> OfCalls = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] };

    private static readonly InstrumentAdvice<double> OfWrites = new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60] };

    private static readonly Meter Meter = new(Name, Version);

    internal static readonly ActivitySource Source = new(Name, Version);

    /// <summary>How long requests take, records and waiting included.</summary>
    internal static readonly Histogram<double> Duration = Meter.CreateHistogram("mcp.server.operation.duration", "s", "Time from the arrival of a request to its ending on record.", advice: OfCalls);

    internal static readonly Counter<long> Refusals = Meter.CreateCounter<long>("mcpserverless.refusals", "{request}", "Requests that were refused, by code.");

    internal static readonly Histogram<double> UpstreamDuration = Meter.CreateHistogram("mcp.client.operation.duration", "s", "Time that upstreams take for what is forwarded to them.", advice: OfCalls);

    internal static readonly Counter<long> BudgetRequests = Meter.CreateCounter<long>("mcpserverless.budget.store_requests", "{request}", "Requests by which instances lease budget, by how they ended.");

    internal static readonly UpDownCounter<long> Unwritten = Meter.CreateUpDownCounter<long>("mcpserverless.ledger.unwritten", "{record}", "Records that were accepted and are not durable yet.");

    internal static readonly Counter<long> Written = Meter.CreateCounter<long>("mcpserverless.ledger.records", "{record}", "Records that became durable.");

    internal static readonly Histogram<double> LedgerLag = Meter.CreateHistogram("mcpserverless.ledger.lag", "s", "Age of the oldest record of a write when it became durable.", advice: OfWrites);

    internal static readonly Counter<long> FailedWrites = Meter.CreateCounter<long>("mcpserverless.ledger.failed_writes", "{write}", "Writes of records that failed and are sent again.");
}
