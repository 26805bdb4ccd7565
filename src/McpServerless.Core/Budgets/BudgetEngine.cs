using System.Buffers.Binary;
using System.Security.Cryptography;
using McpServerless.Budgets.Runaway;
using McpServerless.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Budgets;

/// <summary>Lets a call through when every limit that applies to it has a place for it, exact across any number of instances.</summary>
/// <remarks>
/// Instances lease blocks of units from pages in the store and spend them by themselves; `docs/budgets.md` says why no limit is passed by a
/// single call. A call that finds what it needs in hand costs no request and waits for none.
/// </remarks>
public sealed partial class BudgetEngine : IHostedService, IDisposable
{
    private const int MostRounds = 4;
    private const int MostTries = 7;
    private const long LongestOutage = 2_000_000;

    private readonly IBudgetStore _store;
    private readonly BudgetOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<BudgetEngine> _logger;
    private readonly Random _jitter;
    private readonly HeldBudgets _held;
    private readonly LocalCeiling _ceiling = new();
    private readonly Dictionary<BudgetPageKey, LeaseRound> _rounds = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task? _errands;
    private long _outageUntil;
    private long _outage = 250_000;

    public BudgetEngine(IBudgetStore store, IOptions<BudgetOptions> options, TimeProvider time, ILogger<BudgetEngine> logger)
        : this(store, options.Value, time, logger, BinaryPrimitives.ReadInt32LittleEndian(RandomNumberGenerator.GetBytes(4)))
    {
    }

    internal BudgetEngine(IBudgetStore store, BudgetOptions options, TimeProvider time, ILogger<BudgetEngine> logger, int seed)
    {
        (_store, _options, _time, _logger) = (store, options, time, logger);
        _jitter = new Random(seed);
        _held = new HeldBudgets(options, new StoreClock(time, TimeSpan.FromMilliseconds(options.MaxClockSkewMilliseconds)), (uint)seed, _jitter);
    }

    /// <summary>Takes a place in every limit of a call, or in none.</summary>
    public async ValueTask<BudgetDecision> ReserveAsync(BudgetRequest request, CancellationToken ct)
    {
        if (request.Limits.Count == 0) return BudgetDecision.Of(new BudgetLease(request, []));
        var missing = new List<HeldCounter>();
        lock (_gate)
        {
            if (_held.TryTake(request, missing, first: true) is { } lease)
            {
                for (var i = 0; i < request.Limits.Count; i++)
                {
                    if (i == 0 || request.Limits[i].Page != request.Limits[i - 1].Page) Replenish(request.Limits[i].Page);
                }

                return BudgetDecision.Of(lease);
            }
        }

        return await WaitAsync(request, missing, ct);
    }

    /// <summary>Whether a limit is known to be used up; asks nobody.</summary>
    public bool IsUsedUp(AppliedLimit limit)
    {
        lock (_gate)
        {
            var counter = _held.Page(limit.Page).Counter(limit);
            return _held.Clock.Elapsed < counter.NextAttempt && !counter.Has(1, _held.Clock.Now, 0) && (counter.LeftAtStore ?? 1) < 1;
        }
    }

    /// <summary>Ends a call that was forwarded.</summary>
    /// <param name="lease">Of the call; one that has ended already is left alone.</param>
    /// <param name="cost">What it cost; null for what was set aside.</param>
    /// <param name="resultBytes">Bytes of its result; null for what was set aside.</param>
    public void Settle(BudgetLease lease, long? cost, long? resultBytes)
    {
        lock (_gate) HeldBudgets.Settle(lease, cost, resultBytes);
    }

    /// <summary>Gives back what a call took that was never forwarded.</summary>
    public void Cancel(BudgetLease lease)
    {
        lock (_gate) HeldBudgets.Cancel(lease);
    }

    /// <summary>The pause of a tool as far as this instance knows it; asks again every two seconds, so that a pause that was lifted ends.</summary>
    internal RunawayPause? FindPause(BudgetPageKey key, string tool)
    {
        lock (_gate)
        {
            if (_held.Find(key) is not { } page || page.Pauses.Count + page.NewPauses.Count == 0) return null;
            if (page.NewPauses.TryGetValue(tool, out var own)) return own;
            if (!page.Pauses.TryGetValue(tool, out var pause)) return null;
            if (_held.Clock.Elapsed - page.ReadAt > 2_000_000 && _held.Clock.Elapsed >= _outageUntil) _ = Round(page);
            return pause;
        }
    }

    /// <summary>Pauses a tool for a client, on this instance at once and on the others when they read the page.</summary>
    internal void Pause(BudgetPageKey key, string tool, TimeSpan first, string reason)
    {
        lock (_gate)
        {
            var page = _held.Page(key);
            var now = _time.GetUtcNow();
            var before = page.NewPauses.GetValueOrDefault(tool) ?? page.Pauses.GetValueOrDefault(tool);
            if (before is not null && before.Until > now) return;
            var level = before is not null && now - before.Until < TimeSpan.FromHours(1) ? before.Level + 1 : 0;
            var length = TimeSpan.FromSeconds(Math.Min(3600, first.TotalSeconds * Math.Pow(4, Math.Min(level, 6))));
            page.NewPauses[tool] = new RunawayPause(now + length, level, reason);
            _ = Round(page);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _errands = RunErrandsAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>Gives back what is in hand, as far as the time for stopping allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_errands is { } errands) await errands.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var rounds = new List<Task<bool>>();
        lock (_gate)
        {
            foreach (var page in _held.Pages)
            {
                foreach (var counter in page.Counters.Values) counter.LastTaken = long.MinValue / 2;
                rounds.Add(Round(page).JoinAsync(TimeSpan.FromMilliseconds(_options.WaitMilliseconds), _time, cancellationToken));
            }
        }

        foreach (Task round in rounds) await round.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async ValueTask<BudgetDecision> WaitAsync(BudgetRequest request, List<HeldCounter> missing, CancellationToken ct)
    {
        var wanted = new List<(HeldCounter Counter, long Units)>();
        var deadline = Elapsed + (_options.WaitMilliseconds * 1000L);
        try
        {
            for (var round = 0; ; round++)
            {
                if (Plan(request, missing, wanted, round, deadline) is { } decision) return decision;
                List<Task<bool>> rounds = [];
                TimeSpan pause;
                lock (_gate)
                {
                    pause = Pause(missing);
                    var wait = TimeSpan.FromMicroseconds(Math.Max(1000, deadline - _held.Clock.Elapsed));
                    if (pause == TimeSpan.Zero) rounds.AddRange(missing.Select(c => c.Applied.Page).Distinct().Select(p => Round(_held.Page(p)).JoinAsync(wait, _time, ct)));
                }

                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, _time, ct);
                    round--;
                }

                var answered = true;
                foreach (var asked in rounds) answered &= await asked;
                if (!answered) return Without(request, missing);

                lock (_gate)
                {
                    if (_held.TryTake(request, missing, first: false) is { } lease) return BudgetDecision.Of(lease);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                foreach (var (counter, units) in wanted) counter.Wanted -= units;
            }
        }
    }

    /// <summary>Says what is wanted, or that waiting is of no use.</summary>
    private BudgetDecision? Plan(BudgetRequest request, List<HeldCounter> missing, List<(HeldCounter Counter, long Units)> wanted, int round, long deadline)
    {
        lock (_gate)
        {
            var elapsed = _held.Clock.Elapsed;
            var reached = missing.FindAll(c => elapsed < c.NextAttempt && ((c.LeftAtStore ?? 0) < c.PerCall || c.NextAttempt > deadline));
            if (reached.Count > 0 || round >= MostRounds) return BudgetDecision.Of(_held.Reached(reached.Count > 0 ? reached : missing));
            if (elapsed < _outageUntil || (elapsed >= deadline && round == 0)) return Without(request, missing);
            // The store answered meanwhile, and others had the units.
            if (elapsed >= deadline) return BudgetDecision.Of(_held.Reached(missing));
            foreach (var counter in missing)
            {
                if (wanted.Exists(w => ReferenceEquals(w.Counter, counter))) continue;
                var units = request.Units(counter.Limit);
                counter.Wanted += units;
                wanted.Add((counter, units));
            }

            return null;
        }
    }

    /// <summary>How long until the store may be asked again by this instance, where it had units left the last time.</summary>
    private TimeSpan Pause(List<HeldCounter> missing)
    {
        var next = missing.Max(c => c.NextAttempt) - _held.Clock.Elapsed;
        return next > 0 ? TimeSpan.FromMicroseconds(next) + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero;
    }

    private BudgetDecision Without(BudgetRequest request, List<HeldCounter> missing)
    {
        lock (_gate)
        {
            // What is still in hand decides first, also while the store is away.
            if (_held.TryTake(request, missing, first: false) is { } lease) return BudgetDecision.Of(lease);
            if (request.FailMode == BudgetFailMode.Closed || !_ceiling.Admits(request, _held.Clock.Elapsed)) return BudgetDecision.OfOutage();
            Log.Unmetered(_logger, request.Subject.ClientId, request.Subject.Name);
            return BudgetDecision.Of(new BudgetLease(request, [], unmetered: true));
        }
    }

    private long Elapsed
    {
        get
        {
            lock (_gate) return _held.Clock.Elapsed;
        }
    }

    private void Replenish(BudgetPageKey key)
    {
        var page = _held.Page(key);
        if (!_rounds.ContainsKey(key) && _held.Clock.Elapsed >= _outageUntil && _held.RunsLow(page)) _ = Round(page);
    }

    /// <summary>Asks the store about a page; calls that come meanwhile share the round. Called under the gate.</summary>
    private LeaseRound Round(HeldPage page)
    {
        if (_rounds.TryGetValue(page.Key, out var running)) return running;
        var round = _rounds[page.Key] = new LeaseRound();
        _ = RunAsync(page, round);
        return round;
    }

    private async Task RunAsync(HeldPage page, LeaseRound round)
    {
        var answered = false;
        try
        {
            // The caller is under the gate.
            await Task.Yield();
            answered = await AskStoreAsync(page);
        }
        catch (Exception e)
        {
            // Whatever it is, calls are refused by name and the next round tries again.
            Log.Failed(_logger, e);
        }
        finally
        {
            lock (_gate)
            {
                _rounds.Remove(page.Key);
                round.End(answered);
            }
        }
    }

    private async Task<bool> AskStoreAsync(HeldPage page)
    {
        var outages = 0;
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            try
            {
                var stored = await _store.ReadAsync(page.Key, CancellationToken.None);
                BudgetPage? next;
                lock (_gate) next = page.Compose(stored, _held.Clock);
                if (next is null) return Answered();
                var carriedOut = await _store.WriteAsync(page.Key, next, stored?.Tag, CancellationToken.None);
                lock (_gate) page.Written(carriedOut, _held.Clock);
                Count(carriedOut ? "written" : "conflict");
                if (carriedOut) return Answered();
            }
            catch (StoreUnavailableException e)
            {
                Count("unavailable");
                if (++outages == 2) return Away(e);
            }

            TimeSpan backOff;
            lock (_gate) backOff = TimeSpan.FromMilliseconds(2 + _jitter.Next(10 << Math.Min(attempt, 4)));
            await Task.Delay(backOff, _time, CancellationToken.None);
        }

        return true;
    }

    private static void Count(string ending) => GatewayTelemetry.BudgetRequests.Add(1, new KeyValuePair<string, object?>("mcpserverless.ending", ending));

    private bool Answered()
    {
        lock (_gate) (_outageUntil, _outage) = (0, 250_000);
        return true;
    }

    private bool Away(StoreUnavailableException e)
    {
        Log.Away(_logger, e);
        lock (_gate)
        {
            _outageUntil = _held.Clock.Elapsed + (_outage / 2) + _jitter.NextInt64(_outage);
            _outage = Math.Min(_outage * 2, LongestOutage);
        }

        return false;
    }

    /// <summary>Gives back what lies idle and tells what has to be told.</summary>
    private async Task RunErrandsAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), _time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            lock (_gate)
            {
                if (_held.Clock.Elapsed < _outageUntil) continue;
                _held.Tidy();
                foreach (var page in _held.Pages)
                {
                    if (!_rounds.ContainsKey(page.Key) && _held.HasErrand(page)) _ = Round(page);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Warning, "The counters of budgets could not be read or written")]
        public static partial void Away(ILogger logger, Exception exception);

        [LoggerMessage(6002, LogLevel.Warning, "A call of {ClientId} to {Name} is served without its budgets being asked (fail mode open)")]
        public static partial void Unmetered(ILogger logger, string clientId, string name);

        [LoggerMessage(6003, LogLevel.Error, "Unforeseen fault while counters of budgets were leased")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
