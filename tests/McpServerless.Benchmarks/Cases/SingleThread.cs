using System.Diagnostics;
using McpServerless.ToolCalls;

namespace McpServerless.Benchmarks.Cases;

/// <summary>What is measured on one thread and without the network: time and allocations of one run.</summary>
internal static class SingleThread
{
    public static (double Nanoseconds, double Bytes) Loop<T>(Func<T> run, TimeSpan time)
    {
        const int Batch = 64;
        var calls = 0L;
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var began = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            for (var i = 0; i < Batch; i++) GC.KeepAlive(run());
            calls += Batch;
            elapsed = Stopwatch.GetElapsedTime(began);
        }
        while (elapsed < time);
        return (elapsed.TotalNanoseconds / calls, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)calls);
    }

    public static T Proven<T>(Outcome<T> outcome)
        where T : class => outcome.Succeeded(out var value, out var refusal) ? value : throw new InvalidOperationException($"{refusal.Code.Name}: {refusal.OperatorNote}");
}
