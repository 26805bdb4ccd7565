using McpServerless.Budgets.Runaway;

namespace McpServerless.Budgets;

/// <summary>All counters of one client, or of one thing that all clients share: what one conditional write changes as a whole.</summary>
/// <remarks>A counter that is as it would be made anew is left out, so that a page holds what is in use and nothing else.</remarks>
public sealed class BudgetPage
{
    /// <summary>How many operations are remembered, for whoever does not know whether its own was carried out.</summary>
    public const int RememberedOperations = 32;

    /// <summary>How often the page was written.</summary>
    public long Version { get; internal set; }

    /// <summary>The last operations, the newest last.</summary>
    internal List<PageOperation> Operations { get; } = [];

    internal SortedDictionary<string, RateCounter> Rates { get; } = new(StringComparer.Ordinal);

    internal SortedDictionary<string, WindowCounter> Windows { get; } = new(StringComparer.Ordinal);

    internal SortedDictionary<string, PermitCounter> Permits { get; } = new(StringComparer.Ordinal);

    /// <summary>What an operator granted beyond the limits, by counter.</summary>
    internal SortedDictionary<string, List<ExtraGrant>> Extras { get; } = new(StringComparer.Ordinal);

    /// <summary>Tools that are paused for the client because it ran away with them; kept for an hour more, so that the next pause is longer.</summary>
    public IReadOnlyDictionary<string, RunawayPause> Pauses => PausesByTool;

    internal SortedDictionary<string, RunawayPause> PausesByTool { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => Rates.Count == 0 && Windows.Count == 0 && Permits.Count == 0 && Extras.Count == 0 && PausesByTool.Count == 0;

    /// <param name="operation">The operation that makes this page.</param>
    /// <param name="previousWrittenAt">When the service took the one before it, which nobody can know before it is read.</param>
    internal void Remember(ulong operation, long previousWrittenAt)
    {
        Version++;
        if (Operations.Count > 0) Operations[^1] = Operations[^1] with { WrittenAt = previousWrittenAt };
        Operations.Add(new PageOperation(operation, 0));
        if (Operations.Count > RememberedOperations) Operations.RemoveRange(0, Operations.Count - RememberedOperations);
    }

    /// <summary>How many instances wrote lately, this one among them. A floor: more than the remembered operations cannot be seen.</summary>
    internal int ActiveInstances(uint self)
    {
        Span<uint> seen = stackalloc uint[RememberedOperations + 1];
        seen[0] = self;
        var count = 1;
        foreach (var operation in Operations)
        {
            var instance = (uint)(operation.Id >> 32);
            if (!seen[..count].Contains(instance)) seen[count++] = instance;
        }

        return count;
    }

    internal BudgetPage Copy()
    {
        var copy = new BudgetPage { Version = Version };
        copy.Operations.AddRange(Operations);
        foreach (var (name, counter) in Rates) copy.Rates[name] = counter.Copy();
        foreach (var (name, counter) in Windows) copy.Windows[name] = counter.Copy();
        foreach (var (name, counter) in Permits) copy.Permits[name] = counter.Copy();
        foreach (var (name, extras) in Extras) copy.Extras[name] = [.. extras];
        foreach (var (tool, pause) in PausesByTool) copy.PausesByTool[tool] = pause;
        return copy;
    }

    /// <summary>Leaves out what is over, by the store's time.</summary>
    internal void Prune(long earliest)
    {
        Remove(Windows, w => w.End < earliest);
        foreach (var permit in Permits.Values) permit.Leased.DropBefore(earliest);
        Remove(Permits, p => p.Leased.Total == 0);
        Remove(Rates, r => r.IsFullAt(earliest));
        foreach (var extras in Extras.Values) extras.RemoveAll(e => Moment.Of(e.Until) < earliest);
        Remove(Extras, e => e.Count == 0);
        Remove(PausesByTool, p => Moment.Of(p.Until) + 3_600_000_000 < earliest);
    }

    private static void Remove<T>(SortedDictionary<string, T> counters, Func<T, bool> over)
    {
        foreach (var name in counters.Where(c => over(c.Value)).Select(c => c.Key).ToList()) counters.Remove(name);
    }
}

/// <summary>One write of a page.</summary>
/// <param name="Id">The instance in the upper half, its count in the lower.</param>
/// <param name="WrittenAt">When the service took it; 0 for the newest, whose time is that of the row.</param>
internal readonly record struct PageOperation(ulong Id, long WrittenAt);

/// <summary>Units that an operator granted beyond a limit, for a time.</summary>
/// <param name="Amount">Units of the limit.</param>
/// <param name="Until">From then on it no longer counts.</param>
/// <param name="Reason">Why; 1 to 500 characters.</param>
/// <param name="By">Who.</param>
public sealed record ExtraGrant(long Amount, DateTimeOffset Until, string Reason, string By);

/// <summary>Units that instances hold, by the time after which nobody may spend them.</summary>
internal sealed class Leases
{
    private readonly List<(long End, long Units)> _slots;

    private Leases(IEnumerable<(long End, long Units)> slots) => _slots = [.. slots.OrderBy(s => s.End)];

    public IReadOnlyList<(long End, long Units)> Slots => _slots;

    public long Total { get; private set; }

    public static Leases Of(IEnumerable<(long End, long Units)> slots)
    {
        var leases = new Leases(slots);
        leases.Total = leases._slots.Sum(s => s.Units);
        return leases;
    }

    public void Add(long end, long units)
    {
        Total += units;
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].End == end)
            {
                _slots[i] = (end, _slots[i].Units + units);
                return;
            }

            if (_slots[i].End < end) continue;
            _slots.Insert(i, (end, units));
            return;
        }

        _slots.Add((end, units));
    }

    /// <summary>Takes units out of a slot; false when it is no longer there, and its units with it.</summary>
    public bool Remove(long end, long units)
    {
        for (var i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].End != end || _slots[i].Units < units) continue;
            Total -= units;
            if (_slots[i].Units == units) _slots.RemoveAt(i);
            else _slots[i] = (end, _slots[i].Units - units);
            return true;
        }

        return false;
    }

    public void DropBefore(long earliest)
    {
        while (_slots.Count > 0 && _slots[0].End < earliest) DropFirst();
    }

    public void DropFirst()
    {
        Total -= _slots[0].Units;
        _slots.RemoveAt(0);
    }

    public Leases Copy() => Of(_slots);
}
