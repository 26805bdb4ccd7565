using System.Globalization;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>What budgets cost a call: one instance with and without limits.</summary>
internal static class BudgetsCase
{
    private const string Plain = "no limits";

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using var rig = await Rig.StartAsync([], ct);
        var address = rig.Gateway.Address;
        const string Tool = "echo-async"; // The cheapest mode of the ledger, so that budgets weigh the most.
        Driven[] targets =
        [
            new(Plain, rig.Gateway, [CallRequest.Of(address, Tool, rig.Token)]),
            new(LimitedClient.Ample, rig.Gateway, [CallRequest.Of(address, Tool, rig.LimitedTokens[LimitedClient.Ample])]),
        ];
        var tallies = await new Rounds(rig, options).RunAsync(targets, ct);
        var report = CallsReport.Of(tallies, options, "calls", _ => Plain, lines => Goals(lines, options));
        Console.Write(report.ToTable());
        if (options.JsonFile is { } file) await File.WriteAllTextAsync(file, report.ToJson(), ct);
        return report.Goals.All(g => g.Met != false) && tallies.All(t => t.Errors == 0) ? 0 : 1;
    }

    private static IReadOnlyList<CallsReport.Goal> Goals(IReadOnlyList<CallsReport.Line> lines, BenchOptions options) =>
    [
        .. from connections in options.Connections
           let plain = lines.First(l => l.Connections == connections && l.Target == Plain)
           let limited = lines.First(l => l.Connections == connections && l.Target == LimitedClient.Ample)
           from goal in new[]
           {
               new CallsReport.Goal(Text($"{connections} connections: share of the throughput that is left >= 0.85"), limited.OfFloor, limited.OfFloor >= 0.85),
               new CallsReport.Goal(Text($"{connections} connections: p99 <= twice that without limits"), limited.P99 / plain.P99, limited.P99 <= 2 * plain.P99),
           }
           select goal,
    ];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
