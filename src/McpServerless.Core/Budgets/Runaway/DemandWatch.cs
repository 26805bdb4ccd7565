using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Budgets.Runaway;

/// <summary>Learns what is usual for each client, and finds demand that stays at its limits although it is far beyond that.</summary>
/// <remarks>
/// Being at a limit is no fault: a nightly batch waits there for hours, and is known for it. It is one when for many minutes on end most calls
/// are refused by limits and the client asks for many times what it usually does at this hour of the week. Of a client of which too little
/// is known nothing is said. Counts are of this instance alone, so that many instances see less than there is, never more.
/// </remarks>
public sealed partial class DemandWatch(IDemandStore store, IOptions<RunawayOptions> options, TimeProvider time, ILogger<DemandWatch> logger) : IHostedService, IDisposable
{
    private const int MaxClients = 20_000;
    private const int MostTries = 5;

    private readonly RunawayOptions _options = options.Value;
    private readonly Dictionary<BudgetPageKey, Demand> _clients = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task? _learning;

    /// <summary>Adds a call; the evidence when with it a minute ends that completes a runaway.</summary>
    internal RunawayEvidence? Add(BudgetPageKey key, CallEnding ending)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (!_clients.TryGetValue(key, out var demand))
            {
                if (_clients.Count >= MaxClients) return null;
                _clients[key] = demand = new Demand();
            }

            return demand.Add(ending, now, _options);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _learning = LearnAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>Reports what was counted, as far as the time for stopping allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_learning is { } learning) await learning.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ReportAsync(all: true, cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task LearnAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(60), time);
        while (await timer.WaitForNextTickAsync(ct)) await ReportAsync(all: false, ct);
    }

    /// <summary>Tells the store of hours that are over, and learns what is usual for clients that are new here.</summary>
    internal async Task ReportAsync(bool all, CancellationToken ct)
    {
        var hour = DemandBaseline.HourOf(time.GetUtcNow());
        List<(BudgetPageKey Key, Demand Demand, (long Hour, long Calls)[] Due)> work = [];
        lock (_gate)
        {
            foreach (var (key, demand) in _clients.ToList())
            {
                var due = demand.Due(all ? hour : hour - 1);
                if (due.Length > 0 || demand.Baseline is null) work.Add((key, demand, due));
                else if (demand.IsIdle(hour)) _clients.Remove(key);
            }
        }

        foreach (var (key, demand, due) in work)
        {
            try
            {
                var learned = await AddAsync(key, due, ct);
                lock (_gate) demand.Told(due, learned);
            }
            catch (StoreUnavailableException e)
            {
                // Kept, and told with the next report.
                Log.NotLearned(logger, e);
                return;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async ValueTask<DemandBaseline> AddAsync(BudgetPageKey key, (long Hour, long Calls)[] due, CancellationToken ct)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var stored = await store.ReadAsync(key, ct);
            var baseline = stored?.Baseline ?? new DemandBaseline();
            foreach (var (hour, calls) in due) baseline.Add(hour, calls);
            if (due.Length == 0 || await store.WriteAsync(key, baseline, stored?.Tag, ct)) return baseline;
        }

        throw new StoreUnavailableException($"What is usual for {key} is written too often to be changed now.");
    }

    /// <summary>One client on this instance. Called under the gate.</summary>
    private sealed class Demand
    {
        private readonly SortedDictionary<long, long> _untold = [];
        private long _minute;
        private int _calls;
        private int _limited;
        private int _saturated;
        private long _firstMinute;

        /// <summary>Null before it was read.</summary>
        public DemandBaseline? Baseline { get; private set; }

        public RunawayEvidence? Add(CallEnding ending, DateTimeOffset now, RunawayOptions options)
        {
            var minute = now.ToUnixTimeSeconds() / 60;
            var evidence = minute == _minute ? null : EndMinute(minute, ending.Tool, options);
            _calls++;
            if (ending.Refusal is "rate_limited" or "budget_exhausted") _limited++;
            var hour = minute / 60;
            _untold[hour] = _untold.GetValueOrDefault(hour) + 1;
            return evidence;
        }

        public (long Hour, long Calls)[] Due(long lastHour) => [.. _untold.Where(u => u.Key <= lastHour).Select(u => (u.Key, u.Value))];

        public void Told((long Hour, long Calls)[] hours, DemandBaseline learned)
        {
            Baseline = learned;
            foreach (var (hour, calls) in hours)
            {
                if ((_untold[hour] -= calls) == 0) _untold.Remove(hour);
            }
        }

        public bool IsIdle(long hour) => _untold.Count == 0 && _minute / 60 < hour - 1;

        private RunawayEvidence? EndMinute(long next, string tool, RunawayOptions options)
        {
            var usual = Baseline?.Expected(_minute / 60) / 60;
            var saturated = usual is { } perMinute && _limited * 2 >= _calls && _calls >= 10 && _calls > options.TimesUsual * Math.Max(perMinute, 1);
            // A minute without a call ends it.
            if (!saturated || (_saturated > 0 && next != _minute + 1)) _saturated = 0;
            if (saturated && _saturated++ == 0) _firstMinute = _minute;
            var evidence = _saturated >= options.SaturatedMinutes
                ? new RunawayEvidence(RunawayKind.Saturation, tool, _calls, (int)Math.Round(_calls / Math.Max(usual!.Value, 1)), TimeSpan.FromMinutes(next - _firstMinute))
                : null;
            if (evidence is not null) _saturated = 0;
            (_minute, _calls, _limited) = (next, 0, 0);
            return evidence;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6102, LogLevel.Warning, "What is usual for clients could not be read or written")]
        public static partial void NotLearned(ILogger logger, Exception exception);
    }
}
