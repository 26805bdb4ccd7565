using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FunctionsRuntime.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Invocations_AreTraced_AndFlushedWhenTheHostEnds()
    {
        // The worker's source is one for the whole process, where other tests run too: the trace is this test's own.
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var exported = new Exported();
        var builder = RunningApp.Builder(typeof(Traced));
        builder.ConfigureFunctionsWebApplication();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("the-app"))
            .WithTracing(t => t.AddProcessor(new BatchActivityExportProcessor(exported, scheduledDelayMilliseconds: 600_000)))
            .UseFunctionsWorkerDefaults();
        await using (var app = await RunningApp.StartAsync(builder))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/traced");
            request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
            using var response = await app.Client.SendAsync(request);
        }
        Assert.Equal([$"function traced {trace} b7ad6b7169203331 traced"], exported.Names.Where(n => n.Contains(trace)));
    }

    [Fact]
    public async Task Providers_ExistOnceTheHostHasStarted_AndAreShared()
    {
        var made = 0;
        var builder = RunningApp.Builder(typeof(Traced));
        builder.ConfigureFunctionsWebApplication();
        builder.Services.AddOpenTelemetry().WithTracing().WithMetrics().WithLogging();
        builder.Services.AddOpenTelemetry().WithTracing(t => t.AddInstrumentation(() => new Instrumentation(made++)));
        await using var app = await RunningApp.StartAsync(builder);
        Assert.Equal(1, made);
        Assert.Single(app.Services.GetServices<TracerProvider>());
        Assert.NotNull(app.Services.GetService<MeterProvider>());
        Assert.NotNull(app.Services.GetService<LoggerProvider>());
    }

    [Fact]
    public void Resource_NamesTheApp()
    {
        var attributes = new FunctionsResourceDetector().Detect().Attributes.ToDictionary();
        Assert.Contains("service.name", attributes);
        Assert.Equal(Environment.ProcessId, Convert.ToInt32(attributes["process.pid"]));
    }

    private sealed record Instrumentation(int Number);

    private sealed class Exported : BaseExporter<Activity>
    {
        public List<string> Names { get; } = [];

        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var activity in batch)
                Names.Add($"{activity.DisplayName} {activity.TraceId} {activity.ParentSpanId} {activity.GetTagItem("faas.name")}");
            return ExportResult.Success;
        }
    }

    private static class Traced
    {
        [Function("traced")]
        public static string Run([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => request.Method;
    }
}
