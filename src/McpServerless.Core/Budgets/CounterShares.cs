namespace McpServerless.Budgets;

/// <summary>How much of each counter an instance takes in one write: what it will need, a fair part of it near the limit, one at the limit.</summary>
internal sealed class CounterShares(
    BudgetPage page, PendingWrite pending, Moment now, long elapsed, int active, BudgetOptions options, Random jitter)
{
    /// <summary>Ends of leases are rounded up to this, so that a page has few of them.</summary>
    private const long RateSlot = 1_000_000;
    private const long ScarceSlot = 50_000;
    private const long PermitSlot = 5_000_000;
    private const long PermitSpare = 30_000_000;
    private const long LongestWait = 5_000_000;

    /// <summary>Whether what was spent has to be told although nothing else is to be written.</summary>
    public bool ReportsAreDue { get; private set; }

    public void Compose(HeldCounter counter)
    {
        switch (counter.Limit.Kind)
        {
            case LimitKind.Rate:
                ComposeRate(counter);
                break;
            case LimitKind.Budget:
                var window = counter.WindowAt(now.Earliest);
                ComposeWindow(counter, window);
                // Near the end of a window the next one is needed too: a call whose time is uncertain is charged to both.
                if (now.Latest + 1_000_000 >= window.End) ComposeWindow(counter, CalendarWindow.Containing(counter.Limit, window.End));
                break;
            default:
                ComposePermits(counter);
                break;
        }
    }

    private bool Idle(HeldCounter counter) => counter.Wanted == 0 && elapsed - counter.LastTaken >= options.IdleMilliseconds * 1000L;

    private long Want(HeldCounter counter) =>
        Idle(counter) ? 0 : Math.Max(counter.Wanted, (long)Math.Ceiling(counter.DemandRate(elapsed) * options.BlockMilliseconds / 1000));

    private void ComposeRate(HeldCounter counter)
    {
        var name = counter.Applied.Counter;
        if (!page.Rates.TryGetValue(name, out var state)) state = RateCounter.Full(counter.Limit, now.Earliest);
        state.Adopt(counter.Limit);
        var spent = false;
        foreach (var lot in counter.Lots)
        {
            if (pending.Report(lot) is > 0 and var units) spent |= state.Leased.Remove(lot.End, units);
        }

        // A burst that is full of what was spent long ago does not fill up.
        ReportsAreDue |= spent && state.Room < state.Amount && state.Leased.Total < state.Burst;
        if (Idle(counter))
        {
            foreach (var lot in counter.Lots)
            {
                var units = pending.Return(lot, lot.Left);
                if (units > 0 && state.Leased.Remove(lot.End, units)) state.Level += units * state.Period;
            }
        }

        var held = counter.Held;
        var missing = Want(counter) - held;
        if (missing > 0)
        {
            var most = Math.Max(counter.PerCall, state.Burst * 6 / (10 * active)) - held;
            var units = Math.Min(Math.Min(missing, state.Available), counter.Wanted > 0 ? Math.Max(most, counter.PerCall) : most);
            var (life, slot) = Life(state, missing);
            if (life < options.LeaseMilliseconds * 1000L) units = Math.Min(units, SpentWithin(counter, life));
            if (units > 0)
            {
                var lot = new Lot(0, Slot(now.Latest + life, slot), units);
                state.Level -= units * state.Period;
                state.Leased.Add(lot.End, units);
                pending.Grant(counter, lot);
            }

            Await(counter, units >= missing ? 0 : WaitForRate(state));
            if (units < missing) Deny(counter, state.MicrosecondsUntil(counter.PerCall));
        }

        counter.LeftAtStore = state.Available;
        page.Rates[name] = state;
    }

    private void ComposeWindow(HeldCounter counter, CalendarWindow window)
    {
        var name = $"{counter.Applied.Counter}@{window.Start}";
        if (!page.Windows.TryGetValue(name, out var state)) state = new WindowCounter { Start = window.Start, End = window.End, Used = 0 };
        var before = state.Used;
        if (counter.DebtStart == window.Start) state.Used += pending.PayDebt(counter);
        else if (counter.DebtStart < window.Start) counter.Debt = 0;
        if (Idle(counter))
        {
            foreach (var lot in counter.Lots.Where(l => l.Start == window.Start)) state.Used -= pending.Return(lot, lot.Left);
        }

        var extra = page.Extras.TryGetValue(counter.Applied.Counter, out var extras) ? extras.Where(e => Moment.Of(e.Until) > now.Latest).Sum(e => e.Amount) : 0;
        var left = Math.Max(0, counter.Limit.Amount + extra - state.Used);
        var missing = Want(counter) - counter.Lots.Where(l => l.Start == window.Start).Sum(l => l.Left);
        if (missing > 0)
        {
            var units = Math.Min(left, Math.Min(missing, Math.Max(counter.PerCall, left / (2 * active))));
            if (units > 0)
            {
                state.Used += units;
                pending.Grant(counter, new Lot(window.Start, window.End, units));
            }

            var closed = Math.Max(0, window.End - now.Latest);
            Await(counter, units >= missing ? 0 : left - units >= counter.PerCall ? Gap() : Math.Min(closed + 1000, LongestWait));
            // Also where the last unit was had: whoever comes before the next attempt is told when there is more.
            if (left - units < counter.PerCall) Deny(counter, closed);
            left -= units;
        }

        counter.LeftAtStore = left;
        if (state.Used != before || page.Windows.ContainsKey(name)) page.Windows[name] = state;
    }

    private void ComposePermits(HeldCounter counter)
    {
        var name = counter.Applied.Counter;
        if (!page.Permits.TryGetValue(name, out var state)) state = new PermitCounter { Leased = Leases.Of([]) };
        var end = Slot(now.Latest + counter.Duration + PermitSpare, PermitSlot);
        // While there is plenty, a peak more than the last one costs no round.
        var spare = 2 * (state.Leased.Total + counter.Peak) < counter.Limit.Amount ? Math.Clamp(counter.Peak, 1, Math.Max(1, counter.Limit.Amount / (4 * active))) : 0;
        var target = counter.Wanted + Math.Max(0, counter.Peak - counter.InUse) + spare;
        var surplus = Idle(counter) ? counter.Held : Math.Max(0, counter.Held - target);
        var renewed = 0L;
        foreach (var lot in counter.Lots)
        {
            if (lot.Left == 0) continue;
            var given = Math.Min(surplus, lot.Left);
            surplus -= given;
            if (given > 0) state.Leased.Remove(lot.End, pending.Return(lot, given));
            // What is left of a lot that is too old for another call moves to a new one.
            if (lot.Left == 0 || lot.End > now.Latest + counter.Duration + PermitSlot || lot.End == end) continue;
            var moved = lot.Left;
            if (state.Leased.Remove(lot.End, pending.Return(lot, moved))) renewed += moved;
        }

        var free = Math.Max(0, counter.Limit.Amount - state.Leased.Total - renewed);
        var missing = (Idle(counter) ? 0 : target) - counter.Held - renewed;
        var units = 0L;
        if (missing > 0)
        {
            units = Math.Min(free, Math.Min(missing, Math.Max(1, free / (2 * active))));
            Await(counter, units >= missing ? 0 : Gap());
            if (units < missing) Deny(counter, Gap());
        }

        if (units + renewed > 0)
        {
            state.Leased.Add(end, units + renewed);
            pending.Grant(counter, new Lot(0, end, units + renewed));
        }

        counter.LeftAtStore = free - units;
        if (state.Leased.Total > 0) page.Permits[name] = state;
    }

    /// <summary>What waits, and what certainly comes: few calls by chance may be none, and units that nobody spends in time are lost.</summary>
    private static long SpentWithin(HeldCounter counter, long life)
    {
        var expected = (long)(counter.SteadyRate * life * 0.7 / 1e6);
        return expected >= 4 * counter.PerCall ? Math.Max(counter.Wanted, expected) : counter.Wanted;
    }

    /// <summary>
    /// How long units of a rate may be held. Where there are not enough for all they are spent at once, and the sooner the lease ends the
    /// sooner the bucket fills again.
    /// </summary>
    private (long Life, long Slot) Life(RateCounter state, long missing)
    {
        var usual = options.LeaseMilliseconds * 1000L;
        var full = state.Burst * state.Period / state.Amount;
        if (state.Available <= state.Burst / 2) return (Math.Min(usual, Math.Max(250_000, full * 8 / 10)), ScarceSlot);
        return state.Available >= 2 * missing * active && state.Leased.Total <= state.Burst / 4 ? (usual, RateSlot) : (Math.Min(usual, Math.Max(250_000, full * 5 / 4)), ScarceSlot);
    }

    private void Await(HeldCounter counter, long wait) => counter.NextAttempt = elapsed + wait;

    private void Deny(HeldCounter counter, long dueIn) => (counter.DeniedAt, counter.DueIn) = (elapsed, dueIn);

    private long WaitForRate(RateCounter state)
    {
        if (state.Available >= Math.Max(1, state.Burst / 4)) return Gap();
        var full = state.Burst * state.Period / state.Amount;
        var wait = Math.Max(state.MicrosecondsUntil(1), Math.Clamp(full * 45 / 100, 100_000, 1_500_000));
        return wait - (wait / 8) + jitter.NextInt64((wait / 4) + 1);
    }

    /// <summary>A short time, longer the more instances there are, and never the same for two of them.</summary>
    private long Gap() => 50_000 + (5_000 * active) + jitter.NextInt64(50_000);

    private static long Slot(long time, long size) => ((time / size) + 1) * size;
}
