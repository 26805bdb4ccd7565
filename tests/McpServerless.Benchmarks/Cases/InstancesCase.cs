using System.Diagnostics;
using System.Globalization;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Four instances of the gateway with 64 connections each, and a steady demand of 500 calls a second: what reaches the upstream, and what the store is asked.</summary>
internal static class InstancesCase
{
    private const int Instances = 4;
    private const int Connections = 64;
    private const int Demand = 500;
    private const double Seconds = 20;
    private const double Settling = 8;

    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(4);

    public static async Task<int> RunAsync(CancellationToken ct)
    {
        var requests = 0L;
        await using var rig = await Rig.StartAsync([], ct, Instances, line =>
        {
            // The table of counters alone; the ledger has figures of its own.
            if (line.Contains("/Budgets", StringComparison.Ordinal)) Interlocked.Increment(ref requests);
        });
        foreach (var gateway in rig.Gateways) _ = Load.Run(gateway.Address, [CallRequest.Of(gateway.Address, "echo-async", rig.Token)], 8, Warmup, long.MaxValue / 2, ct);
        Print($"{Instances} instances with {Connections} connections each, {Demand} calls a second in all, {Seconds} s\n");
        Print($"{"served",8}{"upstream",9}{"refused",9}{"most",8}{"of it",7}{"requests",10}{"a call",9}{"served",9}{"errors",8}  limits\n");
        var missed = 0;
        foreach (var client in LimitedClient.All.Where(c => c.Name != LimitedClient.Ample)) missed += await MeasureAsync(rig, client, () => Interlocked.Read(ref requests), ct);
        return missed == 0 ? 0 : 1;
    }

    private static async Task<int> MeasureAsync(Rig rig, LimitedClient client, Func<long> requests, CancellationToken ct)
    {
        var (before, arrived) = (requests(), await rig.AskUpstreamAsync(UpstreamHost.Calls, ct));
        var loops = rig.Gateways.SelectMany(g => Enumerable.Range(0, Connections).Select(_ => new PacedLoop(g.Address, CallRequest.Of(g.Address, "echo-async", rig.LimitedTokens[client.Name])))).ToArray();
        var interval = TimeSpan.FromSeconds((double)loops.Length / Demand);
        var start = Stopwatch.GetTimestamp();
        var threads = loops.Select((loop, i) => new Thread(() => loop.Run(start, interval * i / loops.Length, interval, TimeSpan.FromSeconds(Seconds), ct), 256 * 1024) { IsBackground = true }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        ct.ThrowIfCancellationRequested();
        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (served, refused, failed) = (loops.Sum(l => l.Served), loops.Sum(l => l.Refused), loops.Sum(l => l.Failed));
        var asked = requests() - before;
        var upstream = await rig.AskUpstreamAsync(UpstreamHost.Calls, ct) - arrived;
        var most = client.Most(took);
        // A rate by what it yields once its first burst is gone, so that what is left of a burst at the end counts for nothing; a budget as a whole.
        var (used, usable) = client.YieldPerSecond is { } rate
            ? (loops.Sum(l => l.ServedLate), Math.Min(rate, Demand) * (Seconds - Settling))
            : (served, Math.Min(most, served + refused));
        var perCall = (double)asked / Math.Max(1, served + refused);
        var perServed = (double)asked / Math.Max(1, served);
        // With one limit, and with all of them on one page.
        var goal = client.OfGrant.Count == 0 ? 0.02 : 0.05;
        var held = upstream <= most && used >= 0.97 * usable && failed == 0 && perCall <= goal;
        Print($"{served,8:N0}{upstream,9:N0}{refused,9:N0}{most,8:N0}{used / usable,7:P0}{asked,10:N0}{perCall,9:0.0000}{perServed,9:0.0000}{failed,8:N0}  {client.Name}{(held ? "" : $"   MISSED: at most {goal} requests a call, at least 97 % of what is allowed, and none more")}\n");
        if (loops.FirstOrDefault(l => l.FirstError is not null)?.FirstError is { } error) Console.WriteLine($"first error: {error}");
        return held ? 0 : 1;
    }

    private static void Print(FormattableString line) => Console.Write(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Calls at its own moments, whether or not it was refused; late ones follow at once.</summary>
    private sealed class PacedLoop(Uri server, CallRequest request)
    {
        public int Served { get; private set; }

        public int ServedLate { get; private set; }

        public int Refused { get; private set; }

        public int Failed { get; private set; }

        public string? FirstError { get; private set; }

        public void Run(long start, TimeSpan first, TimeSpan interval, TimeSpan time, CancellationToken ct)
        {
            using var connection = new CallConnection(server);
            for (var next = first; next < time && !ct.IsCancellationRequested; next += interval)
            {
                var wait = next - Stopwatch.GetElapsedTime(start);
                if (wait > TimeSpan.Zero) Thread.Sleep(wait);
                switch (connection.Call(request))
                {
                    case null:
                        Served++;
                        if (next >= TimeSpan.FromSeconds(Settling)) ServedLate++;
                        break;
                    case { } answer when answer.Contains("rate_limited", StringComparison.Ordinal) || answer.Contains("budget_exhausted", StringComparison.Ordinal):
                        Refused++;
                        break;
                    case { } wrong:
                        Failed++;
                        FirstError ??= wrong;
                        break;
                }
            }
        }
    }
}
