using System.Diagnostics;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Something to be driven: a name for the table, the process that serves it, and what is sent to it in turn.</summary>
internal sealed record Driven(string Name, HostProcess Server, IReadOnlyList<CallRequest> Requests);

/// <summary>Rounds of several targets in turn: what one of them loses to a busy machine, the others lose in the same round.</summary>
internal sealed class Rounds(Rig rig, BenchOptions options)
{
    /// <summary>Drives all of them at each number of connections, after a warm-up.</summary>
    public async Task<IReadOnlyList<Tally>> RunAsync(IReadOnlyList<Driven> targets, CancellationToken ct)
    {
        await WarmUpAsync(targets, ct);
        var tallies = new List<Tally>();
        foreach (var connections in options.Connections)
        {
            var row = targets.Select(target => (Target: target, Tally: new Tally(target.Name, connections))).ToArray();
            for (var round = 0; round < options.Rounds; round++)
            {
                Progress($"{connections} connections, round {round + 1} of {options.Rounds}");
                for (var i = 0; i < row.Length; i++)
                {
                    var (target, tally) = row[(i + round) % row.Length];
                    await MeasureAsync(target, tally, ct);
                }
            }

            tallies.AddRange(row.Select(r => r.Tally));
        }

        Progress("");
        return tallies;
    }

    /// <summary>Every target for a while, at the middle of the loads; those of one process share its time.</summary>
    private async Task WarmUpAsync(IReadOnlyList<Driven> targets, CancellationToken ct)
    {
        foreach (var server in targets.GroupBy(t => t.Server))
        {
            foreach (var target in server)
            {
                Progress($"warming up {target.Name}");
                var result = Run(target, 16, TimeSpan.FromSeconds(options.Warmup / server.Count()), ct);
                if (result.FirstError is { } wrong) throw new InvalidOperationException($"{target.Name} does not answer rightly: {wrong}\n{target.Server.Said}");
            }

            await Usage.SettleAsync(rig, ct);
        }
    }

    private async Task MeasureAsync(Driven target, Tally tally, CancellationToken ct)
    {
        var before = Usage.Of(rig, target.Server);
        var result = Run(target, tally.Connections, TimeSpan.FromSeconds(options.Seconds), ct);
        var ended = Stopwatch.GetTimestamp();
        // The records that are still on their way belong to this round.
        await Usage.SettleAsync(rig, ct);
        tally.Add(result, Usage.Of(rig, target.Server) - before, Stopwatch.GetElapsedTime(ended));
    }

    private static LoadResult Run(Driven target, int connections, TimeSpan time, CancellationToken ct) =>
        Load.Run(target.Server.Address, target.Requests, connections, time, long.MaxValue / 2, ct);

    private static void Progress(string text)
    {
        if (!Console.IsErrorRedirected) Console.Error.Write($"\r{text,-60}\r");
    }
}
