namespace McpServerless.Budgets;

/// <summary>The bucket of a rate, where what instances hold still counts as being in it.</summary>
/// <remarks>
/// The sum of what is in the bucket and what was leased but may not have been spent yet never passes the burst. So in any stretch of time
/// no more is spent than the burst and what the rate yields in it, however late the leased units are spent: `docs/budgets.md` has the
/// argument. Levels are in units times microseconds of the period, so that nothing is rounded.
/// </remarks>
internal sealed class RateCounter
{
    public required long Amount { get; set; }

    public required long Period { get; set; }

    public required long Burst { get; set; }

    /// <summary>What is in the bucket; below zero after a limit was lowered.</summary>
    public required long Level { get; set; }

    /// <summary>Up to when the bucket was filled.</summary>
    public required long FilledTo { get; set; }

    /// <summary>How much room the bucket had when it was last written, before what was spent was taken note of.</summary>
    public required long Room { get; set; }

    public required Leases Leased { get; init; }

    /// <summary>Whole units that can be leased.</summary>
    public long Available => Math.Max(0, Level / Period);

    public static RateCounter Full(BudgetLimit limit, long now)
    {
        var period = limit.PeriodMicroseconds;
        return new RateCounter
        {
            Amount = limit.Amount,
            Period = period,
            Burst = limit.BurstInForce,
            Level = limit.BurstInForce * period,
            FilledTo = now,
            Room = 0,
            Leased = Leases.Of([]),
        };
    }

    /// <summary>Takes over a limit that was changed; what is leased stays.</summary>
    public void Adopt(BudgetLimit limit)
    {
        var period = limit.PeriodMicroseconds;
        if (period != Period) (Level, Room) = ((long)((Int128)Level * period / Period), (long)((Int128)Room * period / Period));
        (Amount, Period) = (limit.Amount, period);
        if (Burst == limit.BurstInForce) return;
        Burst = limit.BurstInForce;
        Level = Math.Min(Level, Capacity);
    }

    /// <summary>Fills up to the present, in steps at the ends of leases, since what they held counts until then.</summary>
    /// <param name="writtenAt">When the service took the last write: time that passed before it fills no room that there was not.</param>
    /// <param name="earliest">The present, at the earliest.</param>
    public void Advance(long writtenAt, long earliest)
    {
        FilledTo = Math.Max(FilledTo, writtenAt - (Room / Amount));
        while (Leased.Slots.Count > 0 && Leased.Slots[0].End < earliest)
        {
            Fill(Leased.Slots[0].End);
            Leased.DropFirst();
        }

        Fill(earliest);
        Room = Math.Max(0, Capacity - Level);
    }

    public long MicrosecondsUntil(long units) => Math.Max(0, ((units * Period) - Level + Amount - 1) / Amount);

    public bool IsFullAt(long earliest)
    {
        if (Leased.Total > 0) return false;
        var missing = ((Burst * Period) - Level) / Amount;
        return earliest - FilledTo > missing + 1;
    }

    public RateCounter Copy() => new()
    {
        Amount = Amount,
        Period = Period,
        Burst = Burst,
        Level = Level,
        FilledTo = FilledTo,
        Room = Room,
        Leased = Leased.Copy(),
    };

    private long Capacity => (Burst - Leased.Total) * Period;

    private void Fill(long until)
    {
        if (until > FilledTo)
        {
            // More time than fills the whole bucket is not worth more than that, and could overflow.
            var time = Math.Min(until - FilledTo, (((Burst * Period) - Level) / Amount) + 1);
            Level += time * Amount;
            FilledTo = until;
        }

        Level = Math.Min(Level, Capacity);
    }
}

/// <summary>What was taken of a calendar budget in one of its windows, leased units included.</summary>
internal sealed class WindowCounter
{
    public required long Start { get; init; }

    public required long End { get; init; }

    /// <summary>Can pass the amount: what a call costs may turn out higher than what was set aside for it.</summary>
    public required long Used { get; set; }

    public WindowCounter Copy() => new() { Start = Start, End = End, Used = Used };
}

/// <summary>Calls in flight: permits that instances hold, each until the end of its slot.</summary>
internal sealed class PermitCounter
{
    public required Leases Leased { get; init; }

    public PermitCounter Copy() => new() { Leased = Leased.Copy() };
}
