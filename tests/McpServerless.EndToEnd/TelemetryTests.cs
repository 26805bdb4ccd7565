using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Authentication;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;
using McpServerless.Hosting;
using McpServerless.Http;
using McpServerless.Protocol;
using McpServerless.Telemetry;
using McpServerless.Testing;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.EndToEnd;

/// <summary>An instance in this process, with a listener where a host would have OpenTelemetry, beside the gateway's state, tenant and upstream.</summary>
[Collection(nameof(Gateway))]
public sealed class TelemetryTests(Gateway gateway) : IAsyncLifetime
{
    private const string ClaimedTrace = "0af7651916cd43dd8448eb211c80319c";

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<(string Instrument, string Tags)> _measured = new();
    private readonly ActivityListener _listener = new() { ShouldListenTo = source => source.Name == GatewayTelemetry.Name, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
    private readonly MeterListener _meters = new() { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == GatewayTelemetry.Name) listener.EnableMeasurementEvents(instrument); } };
    private ServiceProvider _instance = null!;

    public async Task InitializeAsync()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = gateway.Azurite.ConnectionString,
            ["Gateway:PublicBaseUrl"] = "http://127.0.0.1:7071",
            ["Authentication:TenantId"] = TestIssuer.TenantId,
            ["Authentication:Audience"] = TestIssuer.Audience,
            ["Authentication:Issuer"] = gateway.Issuer.Issuer,
            ["Authentication:RequireHttpsMetadata"] = "false",
        };
        _instance = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).AddLogging().AddGovernance().AddTableStores().AddGateway().BuildServiceProvider();
        await _instance.GetRequiredService<Ledger>().StartAsync(CancellationToken.None);
        _listener.ActivityStopped = _spans.Enqueue;
        ActivitySource.AddActivityListener(_listener);
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Measured(instrument, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Measured(instrument, tags));
        _meters.Start();
    }

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        _meters.Dispose();
        await _instance.GetRequiredService<Ledger>().StopAsync(CancellationToken.None);
        await _instance.DisposeAsync();
    }

    [Fact]
    public async Task ServedCall_IsASpan_WithOneForEachStage_AndTheUpstreamGetsTheGatewaysOwnPlaceInTheTrace()
    {
        var outcome = await CallAsync("ok", """{"text":"traced"}""", new ActivityContext(ActivityTraceId.CreateFromString(ClaimedTrace), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true));
        Assert.True(outcome.Succeeded(out _, out _));

        var call = Assert.Single(_spans, s => s.Kind == ActivityKind.Server);
        Assert.Equal("tools/call ok", call.DisplayName);
        Assert.Equal(("tools/call", "ok", Gateway.Server, TestIssuer.AgentClientId, ActivityStatusCode.Unset), (call.GetTagItem("mcp.method.name"), call.GetTagItem("gen_ai.tool.name"), call.GetTagItem("mcpserverless.server"), call.GetTagItem("mcpserverless.client.id"), call.Status));
        var stages = _spans.Where(s => s.ParentSpanId == call.SpanId && s.TraceId == call.TraceId).OrderBy(s => s.StartTimeUtc).Select(s => s.OperationName);
        Assert.Equal(["authenticate", "admit", "continue", "authorize", "check_arguments", "reserve", "record_intent", "forward", "check_result", "record"], stages);

        // Whoever calls names any trace: it is linked, and decides nothing.
        Assert.Equal(ClaimedTrace, Assert.Single(call.Links).Context.TraceId.ToHexString());
        Assert.NotEqual(ClaimedTrace, call.TraceId.ToHexString());

        var forward = Assert.Single(_spans, s => s.OperationName == "forward" && s.TraceId == call.TraceId);
        var sent = Assert.Single(gateway.Upstream.Received, r => r.Contains("traced", StringComparison.Ordinal));
        Assert.Contains($"traceparent: {forward.Id}", sent, StringComparison.Ordinal);
        Assert.Contains($"\"traceparent\":\"{forward.Id}\"", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(ClaimedTrace, sent, StringComparison.Ordinal);

        var record = (await gateway.RecordsAsync(r => r.TryGetProperty("requestId", out var id) && id.GetString() == (string?)call.GetTagItem("mcpserverless.request.id")))[0];
        Assert.Equal(ClaimedTrace, record.GetProperty("traceId").GetString());
        Assert.Contains(("mcp.server.operation.duration", "mcp.method.name=tools/call;mcpserverless.server=test"), _measured);
        Assert.Contains(("mcp.client.operation.duration", "mcp.method.name=tools/call;mcpserverless.upstream=scripted"), _measured);
        Assert.Contains(_measured, m => m.Instrument == "mcpserverless.ledger.lag");
        Assert.Contains(_measured, m => m.Instrument == "mcpserverless.ledger.records");
        Assert.Contains(_measured, m => m.Instrument == "mcpserverless.ledger.unwritten");
    }

    [Fact]
    public async Task RefusedCall_EndsItsStage_WithTheCode_AndWhatIsUnknownMakesNoSeries()
    {
        var probe = $"no-such-tool-{Guid.NewGuid():N}";
        Assert.False((await CallAsync(probe, "{}", default)).Succeeded(out _, out var refusal));
        Assert.Equal(RefusalCode.ToolUnknown, refusal!.Code);
        var call = Assert.Single(_spans, s => s.Kind == ActivityKind.Server);
        Assert.Equal(("tools/call", ActivityStatusCode.Error, "tool_unknown"), (call.DisplayName, call.Status, call.GetTagItem("error.type")));
        Assert.Equal("tool_unknown", Assert.Single(_spans, s => s.OperationName == "authorize").GetTagItem("error.type"));
        Assert.Empty(call.Links);
        Assert.Contains(("mcpserverless.refusals", "error.type=tool_unknown;mcpserverless.server=test"), _measured);
        Assert.DoesNotContain(_measured, m => m.Tags.Contains("no-such-tool", StringComparison.Ordinal) || m.Tags.Contains(TestIssuer.AgentClientId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TraceInTheMessage_GoesBeforeTheHeaders_AndOneThatIsNoneCountsForNothing()
    {
        var headers = McpWire.Modern("tools/call", "ok");
        headers["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        Assert.Equal(ClaimedTrace, await TraceOfAsync($"\"traceparent\":\"00-{ClaimedTrace}-b7ad6b7169203331-01\"", headers));
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", await TraceOfAsync("\"traceparent\":\"00-00000000000000000000000000000000-b7ad6b7169203331-01\"", headers));
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", await TraceOfAsync("\"traceparent\":7", headers));
    }

    private async Task<string?> TraceOfAsync(string meta, Dictionary<string, string> headers)
    {
        var text = Guid.NewGuid().ToString("N")[..20];
        await gateway.Wire().PostAsync($$$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok","arguments":{"text":"{{{{{text}}}}}"},"_meta":{{{{{{McpWire.ModernMeta}}}}},{{{{{meta}}}}}}}}""", headers);
        var records = await gateway.RecordsAsync(r => r.TryGetProperty("arguments", out var arguments) && arguments.TryGetProperty("text", out var own) && own.GetString() == text);
        return records[0].TryGetProperty("traceId", out var trace) ? trace.GetString() : null;
    }

    private async Task<Outcome<CallResult>> CallAsync(string tool, string arguments, ActivityContext claimed)
    {
        // As if the host had a span of its own around the request.
        var outcome = await _instance.GetRequiredService<ToolCallPipeline>().CallAsync(
            new GovernedCall
            {
                Context = new RequestContext
                {
                    RequestId = Guid.CreateVersion7(),
                    Server = Gateway.Server,
                    Method = "tools/call",
                    Token = new AccessToken(gateway.Issuer.Token()),
                    Revision = ProtocolRevision.Modern,
                    StartedAt = TimeProvider.System.GetTimestamp(),
                    ClaimedTrace = claimed,
                },
                Target = new CallTarget("tools/call", SubjectKind.Tool, tool),
                Id = new RpcId(1),
                Params = JsonDocument.Parse($$"""{"name":"{{tool}}","arguments":{{arguments}}}""").RootElement,
                Agent = new NoAgent(),
            },
            CancellationToken.None);
        _meters.RecordObservableInstruments();
        return outcome;
    }

    private void Measured(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var texts = new List<string>();
        foreach (var (name, value) in tags) texts.Add($"{name}={value}");
        _measured.Enqueue((instrument.Name, string.Join(';', texts.Order(StringComparer.Ordinal))));
    }

    private sealed class NoAgent : IAgentChannel
    {
        public bool IsLost => false;

        public ValueTask SendAsync(ReadOnlyMemory<byte> message, string? eventId, CancellationToken ct) => ValueTask.CompletedTask;

        public ValueTask OpenAsync(CancellationToken ct) => ValueTask.CompletedTask;
    }
}
