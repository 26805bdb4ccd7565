using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Many streams at once, half of them calls that go on and half streams beside sessions; then streams that nobody reads.</summary>
internal static partial class StreamsCase
{
    private const int Steps = 4;
    private const double MaxMegabytes = 300;
    private const int Unread = 50;

    /// <summary>What nobody reads may lie in buffers of sockets and servers, on both sides; this much for each stream.</summary>
    private const double MaxMegabytesUnread = 8;

    /// <summary>Longer than a quiet stream stays without a comment.</summary>
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using var rig = await Rig.StartAsync([], ct);
        var missed = 0;
        Print("started", rig);
        var streams = new List<HeldStream>();
        for (var step = 1; step <= Steps; step++)
        {
            var added = await OpenAsync(rig, (options.Streams * step / Steps) - streams.Count, ct);
            streams.AddRange(added);
            Print($"{streams.Count} streams open", rig);
        }

        var began = Stopwatch.GetTimestamp();
        var reading = streams.ConvertAll(s => s.ReadToEndAsync(ct));
        await Task.Delay(Held, ct);
        var peak = Print($"held for {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s", rig);
        missed += Goal($"{streams.Count} streams: working set < {MaxMegabytes} MB", peak, peak < MaxMegabytes);
        var alive = streams.Count(s => s.Comments > 0 && !s.EndedInGoodOrder);
        missed += Goal("streams that are open and had a comment meanwhile", alive, alive == streams.Count);
        await rig.AskUpstreamAsync(HeldStreams.Release, ct);
        await Task.WhenAll(reading).WaitAsync(TimeSpan.FromSeconds(60), ct);
        var ended = streams.Count(s => s.EndedInGoodOrder);
        missed += Goal("streams that ended in good order", ended, ended == streams.Count);
        if (streams.Find(s => !s.EndedInGoodOrder) is { } broken) Console.WriteLine($"one that did not: {broken.Tail}");
        foreach (var stream in streams) stream.Dispose();

        missed += await PourAsync(rig, ct);
        return missed == 0 ? 0 : 1;
    }

    private static async Task<IReadOnlyList<HeldStream>> OpenAsync(Rig rig, int count, CancellationToken ct)
    {
        var call = CallRequest.OfStream(rig.Gateway.Address, HeldStreams.HoldTool, rig.Token, 1).Bytes;
        var streams = new HeldStream[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct }, async (i, token) =>
        {
            var stream = streams[i] = new HeldStream();
            if (i % 2 == 0) await stream.OpenAsync(rig.Gateway.Address, call, "\"progress\":1", token);
            else await stream.OpenAsync(rig.Gateway.Address, CallRequest.OfSessionStream(rig.Gateway.Address, rig.Token, await OpenSessionAsync(rig, token)), "\r\n\r\n", token);
        });
        return streams;
    }

    private static async Task<string> OpenSessionAsync(Rig rig, CancellationToken ct)
    {
        using var connection = new HeldStream();
        await connection.OpenAsync(rig.Gateway.Address, CallRequest.OfInitialize(rig.Gateway.Address, rig.Token), "\"protocolVersion\"", ct);
        return SessionId.Match(connection.Head) is { Success: true } id ? id.Groups[1].Value : throw new InvalidOperationException($"No session: {connection.Head}");
    }

    /// <summary>Calls whose upstream never stops sending, and whose clients do not read.</summary>
    private static async Task<int> PourAsync(Rig rig, CancellationToken ct)
    {
        var before = Print("before streams that nobody reads", rig);
        var call = CallRequest.OfStream(rig.Gateway.Address, HeldStreams.PourTool, rig.Token, 1).Bytes;
        var streams = Enumerable.Range(0, Unread).Select(_ => new HeldStream()).ToList();
        foreach (var stream in streams) await stream.OpenUnreadAsync(rig.Gateway.Address, call, ct);
        var (sent, last) = (0L, -1L);
        for (var attempt = 0; attempt < 60 && (sent == 0 || sent != last); attempt++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), ct);
            (last, sent) = (sent, await rig.AskUpstreamAsync(HeldStreams.Sent, ct));
        }

        var after = Print($"{Unread} streams unread, {sent / 1e6:0.0} MB sent by the upstream", rig);
        var stopped = sent > 0 && sent == last;
        var missed = Goal("the upstream was held back, MB sent in all", sent / 1e6, stopped && sent / 1e6 < MaxMegabytesUnread * Unread);
        missed += Goal("working set grew by so many MB meanwhile, < 40", after - before, after - before < 40);
        foreach (var stream in streams) stream.Dispose();
        return missed;
    }

    /// <returns>The working set in megabytes.</returns>
    private static double Print(string when, Rig rig)
    {
        var memory = rig.Gateway.Memory();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{when,-56} working set {memory.WorkingSet / 1e6,6:0} MB, managed heap {memory.Heap / 1e6,6:0} MB, committed by the collector {memory.Committed / 1e6,6:0} MB"));
        return memory.WorkingSet / 1e6;
    }

    private static int Goal(string what, double measured, bool met)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(met ? "met   " : "MISSED")} {what}: {measured:0.#}"));
        return met ? 0 : 1;
    }

    [GeneratedRegex("Mcp-Session-Id: ([^\r\n]+)", RegexOptions.IgnoreCase)]
    private static partial Regex SessionId { get; }
}
