namespace McpServerless.Budgets;

/// <summary>Units that this instance leased together.</summary>
internal sealed class Lot(long start, long end, long left)
{
    /// <summary>When they may be spent at the earliest.</summary>
    public long Start { get; } = start;

    /// <summary>When they must be spent, by the store's time; for permits, when the call must be over.</summary>
    public long End { get; } = end;

    public long Left { get; set; } = left;

    /// <summary>Spent, but not told to the store yet. Of rates alone: elsewhere what is leased counts as used.</summary>
    public long Spent { get; set; }
}

/// <summary>What this instance holds of one counter, and what it knows about it.</summary>
internal sealed class HeldCounter(AppliedLimit applied)
{
    private CalendarWindow _window;
    private double _rate;
    private long _rateAt;
    private double _taken;

    public AppliedLimit Applied { get; set; } = applied;

    public BudgetLimit Limit => Applied.Limit;

    public List<Lot> Lots { get; } = [];

    /// <summary>Units that are owed because a call cost more than was set aside, by the window they belong to.</summary>
    public long Debt { get; set; }

    public long DebtStart { get; set; }

    /// <summary>Units that calls wait for.</summary>
    public long Wanted { get; set; }

    /// <summary>Units that one call needs, as the last one did.</summary>
    public long PerCall { get; set; } = 1;

    /// <summary>How long a call may hold a permit, in microseconds, at the most that was asked for.</summary>
    public long Duration { get; set; }

    /// <summary>Permits of calls in flight, and the most at once lately.</summary>
    public long InUse { get; set; }

    public long Peak { get; set; }

    /// <summary>When asking the store again makes sense, by the elapsed time of the instance.</summary>
    public long NextAttempt { get; set; }

    /// <summary>When units can be expected after the store had none, in microseconds from <see cref="DeniedAt"/>.</summary>
    public long DueIn { get; set; }

    public long DeniedAt { get; set; }

    public long LastTaken { get; set; }

    /// <summary>Units that the store had left when it was last asked; null before.</summary>
    public long? LeftAtStore { get; set; }

    public long Held
    {
        get
        {
            long units = 0;
            foreach (var lot in Lots) units += lot.Left;
            return units;
        }
    }

    public bool HasNews => Debt > 0 || Lots.Exists(l => l.Spent > 0);

    public CalendarWindow WindowAt(long moment)
    {
        if (moment < _window.Start || moment >= _window.End) _window = CalendarWindow.Containing(Limit, moment);
        return _window;
    }

    /// <summary>Whether the units can be spent now. A moment that may lie in two windows is charged to both.</summary>
    public bool Has(long units, Moment now, long duration)
    {
        if (Limit.Kind != LimitKind.Budget) return Spendable(now, duration) >= units;
        var window = WindowAt(now.Earliest);
        return Spendable(window.Start) >= units && (now.Latest < window.End || Spendable(window.End) >= units);
    }

    /// <summary>Spends units that are there. For permits, gives the lot, into which the permit goes back.</summary>
    public Lot? Take(long units, Moment now, long duration)
    {
        if (Limit.Kind == LimitKind.Budget)
        {
            var window = WindowAt(now.Earliest);
            Spend(units, window.Start, long.MinValue);
            if (now.Latest >= window.End) Spend(units, window.End, long.MinValue);
            return null;
        }

        return Spend(units, null, now.Latest + duration);
    }

    /// <summary>Notes what is asked for, whether or not it is there; blocks grow and shrink with it.</summary>
    public void Demand(long units, long elapsed)
    {
        Settle(elapsed);
        _taken += units;
        LastTaken = elapsed;
    }

    /// <summary>Units per second that were asked for in the last full seconds.</summary>
    public double SteadyRate => _rate;

    /// <summary>Units per second that are asked for now; a rise shows at once.</summary>
    public double DemandRate(long elapsed)
    {
        Settle(elapsed);
        var time = Math.Max(elapsed - _rateAt, 1) / 1e6;
        return time < 0.25 ? Math.Max(_rate, _rate == 0 ? _taken : 0) : Math.Max(_rate, _taken / Math.Max(time, 0.5));
    }

    /// <summary>Forgets lots that nobody may spend from any more, and those that are spent and told.</summary>
    public void DropOver(long earliest) =>
        Lots.RemoveAll(l => l.End < earliest || (l is { Left: 0, Spent: 0 } && Limit.Kind == LimitKind.Rate));

    /// <summary>Adds what was leased; what belongs to one window is one lot, so that what a call gives back finds it.</summary>
    public void Add(Lot lot)
    {
        if (Limit.Kind == LimitKind.Budget && Lots.Find(l => l.Start == lot.Start) is { } same) same.Left += lot.Left;
        else Lots.Add(lot);
    }

    /// <summary>Halves the weight of what was with each second.</summary>
    private void Settle(long elapsed)
    {
        if (_rateAt == 0) _rateAt = elapsed;
        var time = (elapsed - _rateAt) / 1e6;
        if (time < 1) return;
        var keep = Math.Pow(0.5, time);
        _rate = (_rate * keep) + ((_taken / time) * (1 - keep));
        (_taken, _rateAt) = (0, elapsed);
    }

    private long Spendable(Moment now, long duration)
    {
        long units = 0;
        foreach (var lot in Lots)
        {
            if (now.Latest + duration < lot.End) units += lot.Left;
        }

        return units;
    }

    private long Spendable(long windowStart)
    {
        long units = 0;
        foreach (var lot in Lots)
        {
            if (lot.Start == windowStart) units += lot.Left;
        }

        return units;
    }

    /// <summary>From lots that begin then, where that matters, and end later than that.</summary>
    private Lot? Spend(long units, long? start, long latest)
    {
        Lot? last = null;
        foreach (var lot in Lots)
        {
            if (units == 0) break;
            if (lot.Left == 0 || lot.End <= latest || (start is { } window && lot.Start != window)) continue;
            var part = Math.Min(units, lot.Left);
            lot.Left -= part;
            if (Limit.Kind == LimitKind.Rate) lot.Spent += part;
            units -= part;
            last = lot;
        }

        return last;
    }
}
