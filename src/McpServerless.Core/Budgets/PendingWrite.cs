namespace McpServerless.Budgets;

/// <summary>A write with what it means for this instance, until it is known whether it was carried out.</summary>
/// <param name="Operation">The name under which the page remembers it.</param>
/// <param name="BaseVersion">The version of the page that it was to replace.</param>
internal sealed record PendingWrite(ulong Operation, long BaseVersion)
{
    private readonly List<(HeldCounter Counter, Lot Lot)> _granted = [];
    private readonly List<(Lot Lot, long Units)> _reported = [];
    private readonly List<(Lot Lot, long Units)> _returned = [];
    private readonly List<(HeldCounter Counter, long Units)> _debts = [];

    /// <summary>When it was sent, by the elapsed time of the instance.</summary>
    public long Sent { get; init; }

    /// <summary>When the answer came; null while there is none.</summary>
    public long? Answered { get; set; }

    public bool Any => _granted.Count + _returned.Count + _debts.Count > 0;

    public bool HasReports => _reported.Count > 0;

    public void Grant(HeldCounter counter, Lot lot) => _granted.Add((counter, lot));

    /// <summary>Takes out of a lot what was spent of it.</summary>
    public long Report(Lot lot)
    {
        var units = lot.Spent;
        lot.Spent = 0;
        if (units > 0) _reported.Add((lot, units));
        return units;
    }

    /// <summary>Takes out of a lot what is left of it, before the write leaves, so that nobody spends it meanwhile.</summary>
    public long Return(Lot lot, long units)
    {
        lot.Left -= units;
        if (units > 0) _returned.Add((lot, units));
        return units;
    }

    public long PayDebt(HeldCounter counter)
    {
        var units = counter.Debt;
        counter.Debt = 0;
        if (units > 0) _debts.Add((counter, units));
        return units;
    }

    /// <summary>It was carried out.</summary>
    public void Apply()
    {
        foreach (var (counter, lot) in _granted) counter.Add(lot);
    }

    /// <summary>It was not carried out, and never will be.</summary>
    public void Revert()
    {
        foreach (var (lot, units) in _reported) lot.Spent += units;
        foreach (var (lot, units) in _returned) lot.Left += units;
        foreach (var (counter, units) in _debts) counter.Debt += units;
    }

    /// <summary>Nobody can say whether it was or will be carried out: nothing of it may be spent, and no debt is forgotten.</summary>
    public void GiveUp()
    {
        foreach (var (counter, units) in _debts) counter.Debt += units;
    }
}
