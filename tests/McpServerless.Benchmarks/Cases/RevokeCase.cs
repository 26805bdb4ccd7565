using System.Diagnostics;
using System.Globalization;
using McpServerless.Access;
using McpServerless.Azure.Storage;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Benchmarks.Setup;
using McpServerless.Catalogue;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Benchmarks.Cases;

/// <summary>
/// Two gateways on one emulator, both under load: a grant is taken away again and again, and each time it is measured how long either of them still
/// serves what it allowed. Another tool of the same client is called all the while, and none of those calls may fail.
/// </summary>
internal static class RevokeCase
{
    private const string Revoked = "echo-async";
    private const string Kept = "echo-outcome";
    private const int LoadPerGateway = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(int revocations, CancellationToken ct)
    {
        await using var issuer = await TokenIssuer.StartAsync(cancellationToken: ct);
        await using var azurite = await Azurite.StartAsync(cancellationToken: ct);
        await using var upstream = await HostProcess.StartAsync(["upstream"], null, ct);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Storage:ConnectionString", azurite.ConnectionString)]).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddTableStores().BuildServiceProvider();
        var access = services.GetRequiredService<IAccessStore>();
        await BenchState.PublishAsync(upstream.Address, [], access, services.GetRequiredService<ICatalogueStore>(), ct);
        await access.DeleteGrantAsync(BenchState.Grant, ct);
        await access.SaveGrantAsync(BenchState.Grant with { GrantId = "kept", Tools = [Kept] }, ct);
        var grant = BenchState.Grant with { GrantId = "revoked", Tools = [Revoked] };
        await access.SaveGrantAsync(grant, ct);
        await access.BumpEpochAsync(ct);

        var settings = Rig.Settings(issuer, azurite);
        settings.Remove("Access__MaxStalenessSeconds");
        settings.Remove("Access__ReadTimeoutMilliseconds");
        // The probes go on after they were refused, as no agent should: that would hold up the client's other calls.
        settings["Budgets__RefusalsPerMinute"] = "0";
        await using var one = await HostProcess.StartAsync(["gateway"], settings, ct);
        await using var two = await HostProcess.StartAsync(["gateway"], settings, ct);
        var token = await issuer.TokenAsync(BenchState.Token, ct);
        using var stop = new CancellationTokenSource();
        HostProcess[] gateways = [one, two];
        var probes = gateways.Select(g => new Probe(CallRequest.Of(g.Address, Revoked, token), g.Address)).ToArray();
        var loads = gateways.SelectMany(g => Enumerable.Range(0, LoadPerGateway).Select(_ => new Probe(CallRequest.Of(g.Address, Kept, token), g.Address))).ToArray();
        var running = probes.Concat(loads).Select(p => p.Start(stop.Token)).ToArray();
        var times = new List<TimeSpan>();
        try
        {
            for (var i = 0; i < revocations; i++)
            {
                await UntilAsync(() => probes.All(p => p.Serves), probes, ct);
                var began = Stopwatch.GetTimestamp();
                await access.DeleteGrantAsync(grant, ct);
                await access.BumpEpochAsync(ct);
                await UntilAsync(() => probes.All(p => p.RefusedAfter(began)), probes, ct);

                // What was on its way when another call was refused may still be served; it counts too.
                await Task.Delay(200, ct);
                times.AddRange(probes.Select(p => p.LastServedAfter(began)));
                await access.SaveGrantAsync(grant, ct);
                await access.BumpEpochAsync(ct);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
        }

        times.Sort();
        var failed = loads.Sum(l => l.Failed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {revocations} revocations, 2 gateways, {loads.Length + probes.Length} connections; from the start of the revocation to the last answer that was still served
            p50 {At(0.5).TotalMilliseconds:N0} ms, p99 {At(0.99).TotalMilliseconds:N0} ms, max {times[^1].TotalMilliseconds:N0} ms (at most {Limit.TotalMilliseconds:N0})
            other calls of the client meanwhile: {loads.Sum(l => l.Served):N0} served, {failed} failed{(failed > 0 ? ": " + loads.First(l => l.Failed > 0).LastFailure : "")}
            """));
        return failed == 0 && times[^1] <= Limit ? 0 : 1;

        TimeSpan At(double share) => times[Math.Min(times.Count - 1, (int)Math.Ceiling(share * times.Count) - 1)];
    }

    private static async Task UntilAsync(Func<bool> condition, Probe[] probes, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(60)) throw new InvalidOperationException("A change did not reach a gateway within a minute: " + string.Join("; ", probes.Select(p => p.LastFailure)));
            await Task.Delay(5, ct);
        }
    }

    /// <summary>One connection that calls one tool all the time.</summary>
    private sealed class Probe(CallRequest request, Uri server)
    {
        private long _lastServed;
        private long _lastRefused;

        public long Served { get; private set; }

        public long Failed { get; private set; }

        public string? LastFailure { get; private set; }

        public bool Serves => Volatile.Read(ref _lastServed) > Volatile.Read(ref _lastRefused);

        public bool RefusedAfter(long timestamp) => Volatile.Read(ref _lastRefused) > timestamp && !Serves;

        public TimeSpan LastServedAfter(long timestamp) => Volatile.Read(ref _lastServed) is var last && last > timestamp ? Stopwatch.GetElapsedTime(timestamp, last) : TimeSpan.Zero;

        public Task Start(CancellationToken stop) => Task.Factory.StartNew(() => Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        private void Run(CancellationToken stop)
        {
            using var connection = new CallConnection(server);
            while (!stop.IsCancellationRequested)
            {
                if (connection.Call(request) is { } answer)
                {
                    Failed++;
                    LastFailure = answer;
                    Volatile.Write(ref _lastRefused, Stopwatch.GetTimestamp());
                }
                else
                {
                    Served++;
                    Volatile.Write(ref _lastServed, Stopwatch.GetTimestamp());
                }

                stop.WaitHandle.WaitOne(1);
            }
        }
    }
}
