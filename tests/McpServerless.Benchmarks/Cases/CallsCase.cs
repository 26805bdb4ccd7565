using System.Diagnostics;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Whole calls, targets in turn: what one of them loses to a busy machine, the others lose in the same round.</summary>
internal static class CallsCase
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using var rig = await Rig.StartAsync(ct);
        await WarmUpAsync(rig, options, ct);
        var tallies = new List<Tally>();
        foreach (var connections in options.Connections)
        {
            var row = options.Targets.Select(target => new Tally(target, connections)).ToArray();
            for (var round = 0; round < options.Rounds; round++)
            {
                Progress($"{connections} connections, round {round + 1} of {options.Rounds}");
                for (var i = 0; i < row.Length; i++) await MeasureAsync(rig, row[(i + round) % row.Length], TimeSpan.FromSeconds(options.Seconds), ct);
            }

            tallies.AddRange(row);
        }

        Progress("");
        var report = CallsReport.Of(tallies, options, rig);
        Console.Write(report.ToTable());
        if (options.JsonFile is { } file) await File.WriteAllTextAsync(file, report.ToJson(), ct);
        return tallies.Any(t => t.Errors > 0) ? 1 : 0;
    }

    /// <summary>Every target for a while, at the middle of the loads; the gateway's audit modes share its time.</summary>
    private static async Task WarmUpAsync(Rig rig, BenchOptions options, CancellationToken ct)
    {
        foreach (var server in options.Targets.GroupBy(rig.Server))
        {
            foreach (var target in server)
            {
                Progress($"warming up {target}");
                var result = Run(rig, target, 16, TimeSpan.FromSeconds(options.Warmup / server.Count()), ct);
                if (result.FirstError is { } wrong) throw new InvalidOperationException($"{target} does not answer rightly: {wrong}\n{rig.Server(target).Said}");
            }

            await Usage.SettleAsync(rig, ct);
        }
    }

    private static async Task MeasureAsync(Rig rig, Tally tally, TimeSpan time, CancellationToken ct)
    {
        var server = rig.Server(tally.Target);
        var before = Usage.Of(rig, server);
        var result = Run(rig, tally.Target, tally.Connections, time, ct);
        var ended = Stopwatch.GetTimestamp();
        // The records that are still on their way belong to this round.
        await Usage.SettleAsync(rig, ct);
        tally.Add(result, Usage.Of(rig, server) - before, Stopwatch.GetElapsedTime(ended));
    }

    private static LoadResult Run(Rig rig, string target, int connections, TimeSpan time, CancellationToken ct)
    {
        var address = rig.Server(target).Address;
        return Load.Run(address, CallRequest.Of(address, Target.Tool(target), rig.Token), connections, time, long.MaxValue / 2, ct);
    }

    private static void Progress(string text)
    {
        if (!Console.IsErrorRedirected) Console.Error.Write($"\r{text,-60}\r");
    }
}
