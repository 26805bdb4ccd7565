namespace McpServerless.Budgets;

/// <summary>Everything that this instance holds. Takes from all limits of a call or from none, and says which pages have to be asked. Not safe for concurrent use.</summary>
internal sealed class HeldBudgets
{
    /// <summary>Seconds that asking the store may take, in which what is in hand has to last.</summary>
    private const double RoundTrip = 0.15;

    private readonly BudgetOptions _options;
    private readonly uint _instance;
    private readonly Random _jitter;
    private readonly Dictionary<BudgetPageKey, HeldPage> _pages = [];
    private uint _operations;

    public HeldBudgets(BudgetOptions options, StoreClock clock, uint instance, Random jitter) =>
        (_options, Clock, _instance, _jitter) = (options, clock, instance, jitter);

    public StoreClock Clock { get; }

    public IReadOnlyCollection<HeldPage> Pages => _pages.Values;

    public HeldPage Page(BudgetPageKey key)
    {
        if (!_pages.TryGetValue(key, out var page)) _pages[key] = page = new HeldPage(key, _instance, () => ++_operations, _options, _jitter);
        return page;
    }

    public HeldPage? Find(BudgetPageKey key) => _pages.GetValueOrDefault(key);

    /// <summary>Takes what a call needs from every limit, or nothing and says what is missing.</summary>
    /// <param name="request">The call.</param>
    /// <param name="missing">Receives the counters that lack units; empty on success.</param>
    /// <param name="first">Whether the call asks for the first time: demand counts once.</param>
    public BudgetLease? TryTake(BudgetRequest request, List<HeldCounter> missing, bool first)
    {
        missing.Clear();
        var now = Clock.Now;
        var elapsed = Clock.Elapsed;
        var duration = (long)request.Longest.TotalMicroseconds;
        var counters = new HeldCounter[request.Limits.Count];
        for (var i = 0; i < counters.Length; i++)
        {
            var limit = request.Limits[i];
            var page = Page(limit.Page);
            page.LastUsed = elapsed;
            var counter = counters[i] = page.Counter(limit);
            var units = request.Units(limit.Limit);
            if (first)
            {
                counter.Demand(units, elapsed);
                counter.PerCall = Math.Max(1, units);
                counter.Duration = Math.Max(counter.Duration, duration);
            }

            if (!counter.Has(units, now, Length(limit, duration))) missing.Add(counter);
        }

        if (missing.Count > 0) return null;
        var leased = new LeasedUnits[counters.Length];
        for (var i = 0; i < counters.Length; i++)
        {
            var counter = counters[i];
            var limit = request.Limits[i];
            var units = request.Units(limit.Limit);
            var lot = counter.Take(units, now, Length(limit, duration));
            if (limit.Limit.Kind == LimitKind.Concurrency) counter.Peak = Math.Max(counter.Peak, ++counter.InUse);
            leased[i] = new LeasedUnits(counter, units, lot, limit.Limit.Kind == LimitKind.Budget ? counter.WindowAt(now.Earliest).Start : 0);
        }

        return new BudgetLease(request, leased) { Standings = Standings(counters, now) };
    }

    /// <summary>Whether a page should be asked before it runs dry.</summary>
    public bool RunsLow(HeldPage page)
    {
        var elapsed = Clock.Elapsed;
        foreach (var counter in page.Counters.Values)
        {
            if (counter.Limit.Kind == LimitKind.Concurrency || elapsed < counter.NextAttempt) continue;
            var rate = counter.DemandRate(elapsed);
            if (rate * _options.BlockMilliseconds / 1000 >= 4 * counter.PerCall && counter.Held < rate * RoundTrip && elapsed - counter.LastTaken < 1_000_000) return true;
        }

        return false;
    }

    /// <summary>Whether a page has something to give back or to tell.</summary>
    public bool HasErrand(HeldPage page)
    {
        if (page.NewPauses.Count > 0) return true;
        var elapsed = Clock.Elapsed;
        foreach (var counter in page.Counters.Values)
        {
            if (counter.Debt > 0) return true;
            if (counter.Held > 0 && elapsed - counter.LastTaken >= _options.IdleMilliseconds * 1000L) return true;
            // Others are short of them.
            if (counter.Limit.Kind == LimitKind.Concurrency && counter.LeftAtStore < counter.Limit.Amount / 2 && counter.Held > counter.Peak - counter.InUse) return true;
            if (counter.Limit.Kind == LimitKind.Rate && counter.Lots.Sum(l => l.Spent) is > 0 and var spent && 2 * spent >= counter.Limit.BurstInForce) return true;
        }

        return false;
    }

    /// <summary>Lets peaks fade and forgets pages that are of no use any more.</summary>
    public void Tidy()
    {
        var (now, elapsed) = (Clock.Now, Clock.Elapsed);
        foreach (var page in _pages.Values.ToList())
        {
            foreach (var (name, counter) in page.Counters.ToList())
            {
                counter.Peak = Math.Max(counter.InUse, counter.Peak - Math.Max(1, counter.Peak / 4));
                counter.DropOver(now.Earliest);
                if (elapsed - counter.LastTaken > 60_000_000 && counter is { Debt: 0, InUse: 0, Wanted: 0 } && counter.Held == 0) page.Counters.Remove(name);
            }

            if (page.Counters.Count == 0 && !page.InDoubt && page.NewPauses.Count == 0 && page.Pauses.Values.All(p => Moment.Of(p.Until) < now.Earliest)) _pages.Remove(page.Key);
        }
    }

    /// <summary>Ends a call: permits go back, and what was set aside for cost and bytes becomes what they were.</summary>
    /// <param name="lease">Of the call.</param>
    /// <param name="cost">What it cost; null for what was set aside.</param>
    /// <param name="resultBytes">Bytes of its result; null for what was set aside.</param>
    public static void Settle(BudgetLease lease, long? cost, long? resultBytes)
    {
        if (lease.Closed) return;
        lease.Closed = true;
        foreach (var taken in lease.Units)
        {
            var actual = taken.Counter.Limit.Unit switch
            {
                LimitUnit.Cost => cost ?? taken.Units,
                LimitUnit.ResultBytes => resultBytes ?? taken.Units,
                _ => taken.Units,
            };
            if (taken.Counter.Limit.Kind == LimitKind.Concurrency) ReturnPermit(taken);
            else if (actual != taken.Units) Correct(taken, actual);
        }
    }

    /// <summary>Gives everything back: nothing was sent upstream.</summary>
    public static void Cancel(BudgetLease lease)
    {
        if (lease.Closed) return;
        lease.Closed = true;
        foreach (var taken in lease.Units)
        {
            switch (taken.Counter.Limit.Kind)
            {
                case LimitKind.Concurrency:
                    ReturnPermit(taken);
                    break;
                case LimitKind.Budget:
                    Correct(taken, 0);
                    break;
                default:
                    // What the store was told is spent stays spent.
                    if (taken.Lot is { Spent: > 0 } lot) (lot.Spent, lot.Left) = (lot.Spent - 1, lot.Left + 1);
                    break;
            }
        }
    }

    /// <summary>The limit for which a call has to wait longest.</summary>
    public LimitReached Reached(IReadOnlyList<HeldCounter> missing)
    {
        var elapsed = Clock.Elapsed;
        var longest = missing.MaxBy(c => c.DueIn - (elapsed - c.DeniedAt))!;
        var wait = Math.Max(longest.DueIn - (elapsed - longest.DeniedAt), 0);
        return new LimitReached(longest.Applied, TimeSpan.FromMicroseconds(wait)) { Left = Math.Min(longest.LeftAtStore ?? 0, longest.PerCall - 1) };
    }

    private static long Length(AppliedLimit limit, long duration) => limit.Limit.Kind == LimitKind.Concurrency ? duration : 0;

    private static void ReturnPermit(LeasedUnits taken)
    {
        taken.Counter.InUse--;
        if (taken.Lot is { } lot) lot.Left++;
    }

    private static void Correct(LeasedUnits taken, long actual)
    {
        var counter = taken.Counter;
        var difference = actual - taken.Units;
        foreach (var lot in counter.Lots)
        {
            if (lot.Start != taken.WindowStart || difference == 0) continue;
            var part = difference < 0 ? difference : Math.Min(difference, lot.Left);
            lot.Left -= part;
            difference -= part;
        }

        if (difference <= 0) return;
        counter.Debt = counter.DebtStart == taken.WindowStart ? counter.Debt + difference : difference;
        counter.DebtStart = taken.WindowStart;
    }

    private static LimitStanding[] Standings(HeldCounter[] counters, Moment now)
    {
        var standings = new LimitStanding[counters.Length];
        for (var i = 0; i < counters.Length; i++)
        {
            var limit = counters[i].Limit;
            var reset = limit.Kind switch
            {
                LimitKind.Budget => counters[i].WindowAt(now.Earliest).End - now.Earliest,
                LimitKind.Rate => limit.PeriodMicroseconds / limit.Amount,
                _ => 0,
            };
            standings[i] = new LimitStanding(counters[i].Applied, counters[i].Held + (counters[i].LeftAtStore ?? 0), (int)Math.Min((reset + 999_999) / 1_000_000, int.MaxValue));
        }

        return standings;
    }
}
