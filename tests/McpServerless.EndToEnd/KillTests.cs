using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Audit.Checkpoints;
using McpServerless.Audit.Verification;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit.Abstractions;

namespace McpServerless.EndToEnd;

/// <summary>The function app is killed again and again while clients call it. What they were told, and what the upstream did, is on record.</summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Clients = 6;

    /// <summary>A full run has 50; see docs/audit.md.</summary>
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("MCPSERVERLESS_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 5;

    private readonly Gateway _gateway = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mcpserverless-kill-");
    private readonly ConcurrentDictionary<string, int> _answered = new();
    private int _sent;

    public Task InitializeAsync() => _gateway.InitializeAsync();

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task KilledApp_LosesNoRecordOfWhatWasAnsweredOrForwarded_AndBreaksNoChain()
    {
        await _gateway.App.DisposeAsync();
        var random = new Random(20261126);
        for (var round = 0; round < Kills; round++) await RunUntilKilledAsync(round, random.Next(1, 150));

        var report = await VerifyAsync();
        Assert.Empty(report.Findings.Where(f => f.IsAlarm).Select(f => f.ToString()));
        Assert.Equal(Kills, report.Findings.Count(f => f.Rule == "writer_lost"));

        var (intents, outcomes) = await ReadAsync();
        var forwarded = Forwarded();
        Assert.DoesNotContain(_answered.Keys, a => !outcomes.Contains(a));
        Assert.DoesNotContain(forwarded, f => !intents.Contains(f));
        var open = report.Findings.Count(f => f.Rule == "intent_open");
        output.WriteLine($"{Kills} kills, {Clients} clients: {_sent} calls sent, {_answered.Count} answered, each with its outcome; {forwarded.Count} strict calls met the upstream, each with its intent; {report.Records} records in {report.Chains} chains, 0 alarms; named: {report.Findings.Count(f => f.Rule == "writer_lost")} lost instances, {open} calls whose end is not on record");
        Assert.True(_answered.Count >= Kills);
    }

    private async Task RunUntilKilledAsync(int round, int answersBeforeTheKill)
    {
        await using var app = await _gateway.StartAppAsync(new Dictionary<string, string> { ["Audit__HeadsSeconds"] = "1", ["Runaway__Pause"] = "false" });
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answers = 0;
        using var killed = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Clients).Select(async caller =>
        {
            var wire = new McpWire(app.Endpoint(Gateway.Server), _gateway.Issuer.Token());
            for (var i = 0; !killed.IsCancellationRequested; i++)
            {
                // Every third is of a tool that only reads; it has no intent.
                var id = $"k{round}c{caller}n{i}";
                var tool = i % 3 == 0 ? "ok" : "echo-raw";
                Interlocked.Increment(ref _sent);
                try
                {
                    var answer = await wire.CallAsync(tool, $$"""{"text":"{{id}}"}""");
                    if (answer.Status == 200) _answered[id] = round;
                    if (Interlocked.Increment(ref answers) == answersBeforeTheKill) enough.TrySetResult();
                }
                catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
                {
                    // It died with the call in its hands.
                    enough.TrySetResult();
                }
            }
        }).ToArray();
        await enough.Task.WaitAsync(TimeSpan.FromSeconds(120));
        await app.Process.KillAsync();
        await killed.CancelAsync();
        await Task.WhenAll(callers);
    }

    /// <summary>The timer's work, with every instance that has no end counted as lost; then the verification an auditor runs.</summary>
    private async Task<LedgerReport> VerifyAsync()
    {
        using var key = new CheckpointKeyFile(Path.Combine(_folder.FullName, "key.pem"));
        var place = new CheckpointFolder(Path.Combine(_folder.FullName, "checkpoints"));
        var options = Options.Create(new AuditOptions { LostAfterSeconds = 10 });
        using var ledger = new Ledger(_gateway.Audit, options, TimeProvider.System, NullLogger<Ledger>.Instance);
        await ledger.StartAsync(CancellationToken.None);
        var later = new ManualTimeProvider(TimeProvider.System.GetUtcNow().AddSeconds(11));
        await new CheckpointTimer(_gateway.Audit, ledger, key, place, options, later, NullLogger<CheckpointTimer>.Instance).RunAsync(CancellationToken.None);
        await ledger.StopAsync(CancellationToken.None);

        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var keys = CheckpointKeys.Import(await place.ReadKeysAsync(CancellationToken.None));
        var report = await new LedgerVerifier(_gateway.Audit, place, keys, progress: null).VerifyAsync(today.AddDays(-1), today, CancellationToken.None);
        foreach (var imported in keys.Values) imported.Dispose();
        return report;
    }

    private async Task<(HashSet<string> Intents, HashSet<string> Outcomes)> ReadAsync()
    {
        var (intents, outcomes) = (new HashSet<string>(), new HashSet<string>());
        foreach (var day in new[] { -1, 0 }.Select(d => TimeProvider.System.GetUtcNow().AddDays(d).ToString("yyyyMMdd", CultureInfo.InvariantCulture)))
        {
            await foreach (var segment in _gateway.Audit.ReadAsync(day, TestIssuer.AgentClientId, CancellationToken.None))
            {
                foreach (var json in segment.Records)
                {
                    var record = JsonDocument.Parse(json).RootElement;
                    if (!record.TryGetProperty("arguments", out var arguments) || !arguments.TryGetProperty("text", out var text)) continue;
                    (record.GetProperty("event").GetString() == "intent" ? intents : outcomes).Add(text.GetString()!);
                }
            }
        }

        return (intents, outcomes);
    }

    /// <summary>The strict calls that the upstream counted.</summary>
    private List<string> Forwarded() =>
        [.. _gateway.Upstream.Received.Select(r => r[(r.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]).Select(b => JsonDocument.Parse(b).RootElement)
            .Where(m => m.GetProperty("method").GetString() == "tools/call" && m.GetProperty("params").GetProperty("name").GetString() == "echo-raw")
            .Select(m => m.GetProperty("params").GetProperty("arguments").GetProperty("text").GetString()!)];
}
