using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Whole calls, each answered at once: the floor against the gateway's audit modes.</summary>
internal static class CallsCase
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using var rig = await Rig.StartAsync([], ct);
        Driven[] targets =
        [
            .. from target in options.Targets
               let server = rig.Server(target)
               select new Driven(target, server, [CallRequest.Of(server.Address, Target.Tool(target), rig.Token)]),
        ];
        var tallies = await new Rounds(rig, options).RunAsync(targets, ct);
        var report = CallsReport.Of(tallies, options, "calls", _ => Target.Floor, lines => Goals(lines, rig));
        Console.Write(report.ToTable());
        if (options.JsonFile is { } file) await File.WriteAllTextAsync(file, report.ToJson(), ct);
        return tallies.Any(t => t.Errors > 0) ? 1 : 0;
    }

    private static IReadOnlyList<CallsReport.Goal> Goals(IReadOnlyList<CallsReport.Line> lines, Rig rig)
    {
        var share = lines.FirstOrDefault(l => l is { Connections: 16, Target: "gateway-async" })?.OfFloor;
        var delay = lines.FirstOrDefault(l => l is { Connections: 1, Target: "gateway-async" })?.P50OverFloor;
        var megabytes = rig.Gateway.Memory().WorkingSet / 1e6;
        return
        [
            new CallsReport.Goal("async at 16 connections: throughput >= 0.5 of the floor's", share, share >= 0.5),
            new CallsReport.Goal("async at 1 connection: p50 <= the floor's + 0.3 ms", delay, delay <= 0.3),
            new CallsReport.Goal("working set of the app after this run <= 200 MB", megabytes, megabytes <= 200),
        ];
    }
}
