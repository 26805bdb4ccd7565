using System.Diagnostics;
using System.Net.Sockets;

namespace McpServerless.Benchmarks.Driver;

/// <summary>A closed loop: each connection has a thread that sends its next call when the answer to the last one is there.</summary>
internal static class Load
{
    /// <summary>Drives a server until the time is over or so many calls were made.</summary>
    public static LoadResult Run(Uri server, IReadOnlyList<CallRequest> requests, int connections, TimeSpan time, long maxCalls, CancellationToken ct)
    {
        var loops = new Loop[connections];
        for (var i = 0; i < connections; i++) loops[i] = new Loop(server, requests, i);
        using var start = new Barrier(connections + 1);
        var share = (maxCalls + connections - 1) / connections;
        var threads = Array.ConvertAll(loops, loop => new Thread(() => loop.Run(start, time, share, ct), maxStackSize: 256 * 1024) { IsBackground = true });
        foreach (var thread in threads) thread.Start();
        start.SignalAndWait(ct);
        var began = Stopwatch.GetTimestamp();
        foreach (var thread in threads) thread.Join();
        var elapsed = Stopwatch.GetElapsedTime(began);
        ct.ThrowIfCancellationRequested();
        return new LoadResult(Sorted(loops, l => l.Latencies), Sorted(loops, l => l.FirstBytes), loops.Sum(l => l.Messages), elapsed, loops.Sum(l => l.Errors), Array.Find(loops, l => l.FirstError is not null)?.FirstError);
    }

    private static List<long> Sorted(Loop[] loops, Func<Loop, List<long>> of)
    {
        var all = new List<long>(loops.Sum(l => of(l).Count));
        foreach (var loop in loops) all.AddRange(of(loop));
        all.Sort();
        return all;
    }

    /// <summary>Several requests are sent in turn; connections begin at different ones.</summary>
    private sealed class Loop(Uri server, IReadOnlyList<CallRequest> requests, int first)
    {
        private int _turn = first;

        /// <summary>In ticks of the machine's clock.</summary>
        public List<long> Latencies { get; } = new(64 * 1024);

        /// <summary>Up to the first byte of an answer, in ticks of the machine's clock.</summary>
        public List<long> FirstBytes { get; } = new(64 * 1024);

        public long Messages { get; private set; }

        public long Errors { get; private set; }

        public string? FirstError { get; private set; }

        public void Run(Barrier start, TimeSpan time, long maxCalls, CancellationToken ct)
        {
            CallConnection? connection = null;
            try
            {
                connection = Open();
                // The first call of a connection also pays for its accept; it does not count.
                if (connection?.Call(Next()) is { } wrong) Fail(wrong);
            }
            catch (SocketException e)
            {
                Fail(e.Message);
            }

            start.SignalAndWait(CancellationToken.None);
            var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            var now = Stopwatch.GetTimestamp();
            while (now < end && Latencies.Count + Errors < maxCalls && !ct.IsCancellationRequested)
            {
                try
                {
                    connection ??= Open();
                    var wrong = connection is null ? "no connection" : connection.Call(Next());
                    var then = now;
                    now = Stopwatch.GetTimestamp();
                    if (wrong is null)
                    {
                        Latencies.Add(now - then);
                        FirstBytes.Add(connection!.FirstByteAt - then); // A right answer came over one.
                        Messages += connection.Messages;
                    }
                    else
                    {
                        Fail(wrong);
                    }
                }
                catch (SocketException e)
                {
                    Fail(e.Message);
                    connection?.Dispose();
                    connection = null;
                    now = Stopwatch.GetTimestamp();
                }
            }

            connection?.Dispose();
        }

        private CallRequest Next() => requests[_turn++ % requests.Count];

        private CallConnection? Open()
        {
            try
            {
                return new CallConnection(server);
            }
            catch (SocketException e)
            {
                Fail(e.Message);
                return null;
            }
        }

        private void Fail(string what)
        {
            Errors++;
            FirstError ??= what;
        }
    }
}

/// <param name="Latencies">Of the right answers, ascending, in ticks of the machine's clock.</param>
/// <param name="FirstBytes">The same up to the first byte.</param>
/// <param name="Messages">Events of right answers that were streams; the others count as one each.</param>
internal sealed record LoadResult(List<long> Latencies, List<long> FirstBytes, long Messages, TimeSpan Elapsed, long Errors, string? FirstError)
{
    public int Calls => Latencies.Count;

    public double PerSecond => Calls / Elapsed.TotalSeconds;

    public double Milliseconds(double quantile) => Milliseconds(Latencies, quantile);

    public static double Milliseconds(List<long> ascending, double quantile) =>
        ascending.Count == 0 ? double.NaN : ascending[(int)Math.Min(ascending.Count - 1, ascending.Count * quantile)] * 1000.0 / Stopwatch.Frequency;
}
