using System.Globalization;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>The app's memory before its first call and after 100,000 of them.</summary>
internal static class MemoryCase
{
    private const int Calls = 100_000;
    private const double MaxMegabytes = 200;

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using var rig = await Rig.StartAsync([], ct);
        var address = rig.Gateway.Address;
        var target = options.Targets.FirstOrDefault(t => t != Target.Floor) ?? Target.All[1];
        var request = CallRequest.Of(address, Target.Tool(target), rig.Token);
        Print("started", rig.Gateway.Memory());
        var result = Load.Run(address, [request], 16, TimeSpan.FromMinutes(10), Calls, ct);
        Print($"{result.Calls:N0} calls of {target}", rig.Gateway.Memory());
        await Usage.SettleAsync(rig, ct);
        var settled = rig.Gateway.Memory();
        Print("ledger written", settled);
        var megabytes = settled.WorkingSet / 1e6;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(megabytes < MaxMegabytes ? "met   " : "MISSED")} working set < {MaxMegabytes} MB: {megabytes:0} MB; {result.Errors} errors"));
        if (result.FirstError is { } error) Console.WriteLine(error);
        return megabytes < MaxMegabytes && result.Errors == 0 ? 0 : 1;
    }

    private static void Print(string when, MemoryUse memory) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{when,-40} working set {memory.WorkingSet / 1e6,6:0} MB, managed heap {memory.Heap / 1e6,6:0} MB, committed by the collector {memory.Committed / 1e6,6:0} MB"));
}
