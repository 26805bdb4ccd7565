using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace McpServerless.Fuzz;

/// <summary>Sends exchange after exchange until the time is over, then looks into the ledger and at the process.</summary>
internal sealed class FuzzRun(FuzzOptions options, Rig rig, Findings findings)
{
    /// <summary>Longer than anything that the gateway waits for (server: 30 s for a head), on a machine that has other work too.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<(int Status, string Code), int> _seen = new();
    private readonly ConcurrentDictionary<int, byte> _answered = new();
    private int _next;
    private int _finished;

    public async Task RunAsync(CancellationToken ct)
    {
        if (options.Only is { } only)
        {
            _next = only;
            await SendOneAsync(_next++, ct);
        }
        else
        {
            await SendForAsync(options.Seconds / 3.0, ct);
            var early = await SettledAsync(ct);
            await SendForAsync(options.Seconds * 2 / 3.0, ct);
            if (!rig.App.Process.HasExited) CheckGrowth(early, await SettledAsync(ct));
        }

        if (rig.App.Process.HasExited) findings.Add($"the process ended with code {rig.App.Process.ExitCode}: {rig.App.Process.LastLines(5)}");
        foreach (var (secret, request) in rig.Upstream.Leaks) findings.Add($"'{secret.Trim()}' of the caller reached the upstream: {request[..Math.Min(200, request.Length)]}");
        await CheckLedgerAsync(ct);
        foreach (var ((status, code), count) in _seen.OrderBy(s => s.Key.Status).ThenByDescending(s => s.Value)) Console.WriteLine($"  {status,4}  {code,-28} {count,8}");
    }

    private async Task SendForAsync(double seconds, CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        var before = _finished;
        TimeSpan Elapsed() => TimeProvider.System.GetElapsedTime(started);
        var workers = Enumerable.Range(0, options.Connections).Select(_ => Task.Run(
            async () =>
            {
                while (Elapsed().TotalSeconds < seconds && !rig.App.Process.HasExited) await SendOneAsync(Interlocked.Increment(ref _next) - 1, ct);
            },
            ct)).ToArray();
        var all = Task.WhenAll(workers);
        while (await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(10), ct)) != all)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {_finished} requests, {(_finished - before) / Elapsed().TotalSeconds:F0}/s, {rig.Upstream.Calls} calls upstream"));
        await all;
    }

    private async Task SendOneAsync(int number, CancellationToken ct)
    {
        var exchange = Exchange.Create(options.Seed, number, rig.BadTokens, rig.Token, rig.Seals, rig.App.Address.Authority);
        var answer = await RawClient.SendAsync(exchange, rig.App.Address.Port, AnswerLimit, ct);
        Interlocked.Increment(ref _finished);
        var upstream = rig.Upstream.Of(number);
        rig.Upstream.Forget(number);
        if (answer is null)
        {
            findings.Add($"no answer within {AnswerLimit.TotalSeconds} s", exchange, null, upstream);
            return;
        }

        _seen.AddOrUpdate((answer.Status, Invariants.Describe(answer)), 1, (_, count) => count + 1);
        if (IsOfTheApp(answer)) _answered.TryAdd(number, 0);
        foreach (var fault in Invariants.Check(exchange, answer)) findings.Add(fault, exchange, answer, upstream);
    }

    /// <summary>The MCP endpoint answers with JSON-RPC, or 202; the rest comes from the server or the routes in front of it.</summary>
    private static bool IsOfTheApp(RawAnswer answer) =>
        answer.IsComplete && (answer.Status == 202 || (answer.MediaType is "application/json" or "text/event-stream" && answer.Text.Contains("\"jsonrpc\"", StringComparison.Ordinal)));

    private async Task<(long WorkingSet, int Threads)> SettledAsync(CancellationToken ct)
    {
        // Long enough for time limits of what is under way, and for idle threads of the pool to go.
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds >= 30 ? 5 : 2), ct);
        if (rig.App.Process.HasExited) return (0, 0);
        using var process = Process.GetProcessById(rig.App.Process.Id);
        return (process.WorkingSet64, process.Threads.Count);
    }

    private void CheckGrowth((long WorkingSet, int Threads) early, (long WorkingSet, int Threads) late)
    {
        Console.WriteLine($"  working set {early.WorkingSet >> 20} MB after a third, {late.WorkingSet >> 20} MB at the end; threads {early.Threads}, {late.Threads}");
        if (late.WorkingSet > (early.WorkingSet * 3 / 2) + (64L << 20)) findings.Add("the working set grows");
        if (late.Threads > early.Threads + 16) findings.Add("the threads grow in number");
    }

    private async Task CheckLedgerAsync(CancellationToken ct)
    {
        if (rig.App.Process.HasExited) return;
        var (records, faults) = await LedgerCheck.RunAsync(rig.Audit, [.. _answered.Keys], _next, ct);
        Console.WriteLine($"  {_finished} requests, {rig.Upstream.Calls} calls upstream, {_answered.Count} answered by the app, {records} records in the ledger");
        foreach (var (number, fault) in faults)
        {
            var exchange = number is { } n ? Exchange.Create(options.Seed, n, rig.BadTokens, rig.Token, rig.Seals, rig.App.Address.Authority) : null;
            // Each message of a batch has a record of its own.
            if (!fault.EndsWith(LedgerCheck.TooMany, StringComparison.Ordinal) || exchange is not { Body: [(byte)'[', ..] }) findings.Add(fault, exchange);
        }
    }
}
