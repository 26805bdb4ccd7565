using McpServerless.Benchmarks.Hosts;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>What the processes have used; the difference of two is what happened between them.</summary>
internal sealed record Usage(TimeSpan Server, TimeSpan Azurite, TimeSpan Upstream, TimeSpan Driver, long Allocated)
{
    /// <summary>Less than this share of one processor counts as idle: timers and housekeeping.</summary>
    private const double IdleShare = 0.1;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);

    public static Usage Of(Rig rig, HostProcess server) =>
        new(server.ProcessorTime, rig.Azurite.ProcessorTime, rig.Upstream.ProcessorTime, Environment.CpuUsage.TotalTime, server.Memory().Allocated);

    /// <summary>Waits until the storage emulator has nothing left to write, so that one target's records do not burden the next.</summary>
    public static async Task SettleAsync(Rig rig, CancellationToken ct)
    {
        var until = DateTimeOffset.UtcNow + SettleLimit;
        var last = rig.Azurite.ProcessorTime;
        while (DateTimeOffset.UtcNow < until)
        {
            await Task.Delay(Pause, ct);
            var now = rig.Azurite.ProcessorTime;
            if (now - last < IdleShare * Pause) return;
            last = now;
        }
    }

    public static Usage operator -(Usage later, Usage earlier) => new(
        later.Server - earlier.Server,
        later.Azurite - earlier.Azurite,
        later.Upstream - earlier.Upstream,
        later.Driver - earlier.Driver,
        later.Allocated - earlier.Allocated);

    public static Usage operator +(Usage a, Usage b) => new(a.Server + b.Server, a.Azurite + b.Azurite, a.Upstream + b.Upstream, a.Driver + b.Driver, a.Allocated + b.Allocated);
}
