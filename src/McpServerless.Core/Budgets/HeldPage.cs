using McpServerless.Budgets.Runaway;

namespace McpServerless.Budgets;

/// <summary>What this instance holds of one page, and the writes with which it takes and gives back. Not safe for concurrent use.</summary>
internal sealed class HeldPage(BudgetPageKey key, uint instance, Func<uint> nextOperation, BudgetOptions options, Random jitter)
{
    private PendingWrite? _pending;
    private PendingWrite? _last;
    private bool _conflict;
    private KeyValuePair<string, RunawayPause>[] _written = [];

    public BudgetPageKey Key => key;

    /// <summary>Pauses as they stood when the page was last read, and those of this instance that are not on the page yet.</summary>
    public IReadOnlyDictionary<string, RunawayPause> Pauses { get; private set; } = new Dictionary<string, RunawayPause>();

    public Dictionary<string, RunawayPause> NewPauses { get; } = new(StringComparer.Ordinal);

    /// <summary>When it was last read, by the elapsed time of the instance.</summary>
    public long ReadAt { get; private set; }

    public Dictionary<string, HeldCounter> Counters { get; } = new(StringComparer.Ordinal);

    /// <summary>When it was last used, by the elapsed time of the instance.</summary>
    public long LastUsed { get; set; }

    /// <summary>Whether a write is out of which nobody knows yet what became of it.</summary>
    public bool InDoubt => _pending is not null;

    public HeldCounter Counter(AppliedLimit applied)
    {
        if (!Counters.TryGetValue(applied.Counter, out var counter) || counter.Limit.Kind != applied.Limit.Kind)
        {
            Counters[applied.Counter] = counter = new HeldCounter(applied);
        }
        else if (!ReferenceEquals(counter.Applied, applied))
        {
            counter.Applied = applied;
        }

        return counter;
    }

    /// <summary>From what was read, the write that takes what calls need and gives back what they do not; null when there is nothing to write.</summary>
    public BudgetPage? Compose(StoredPage? stored, StoreClock clock)
    {
        Resolve(stored, clock);
        var (now, elapsed) = (clock.Now, clock.Elapsed);
        var page = stored?.Page.Copy() ?? new BudgetPage();
        ReadAt = elapsed;
        foreach (var (tool, _) in NewPauses.Where(p => Moment.Of(p.Value.Until) < now.Earliest).ToList()) NewPauses.Remove(tool);
        foreach (var (tool, pause) in NewPauses) page.PausesByTool[tool] = pause;
        Pauses = new Dictionary<string, RunawayPause>(page.PausesByTool, StringComparer.Ordinal);
        var active = page.ActiveInstances(instance);
        var pending = new PendingWrite(((ulong)instance << 32) | nextOperation(), page.Version) { Sent = elapsed };
        var writtenAt = stored is null ? now.Earliest : Moment.Of(stored.WrittenAt);
        foreach (var rate in page.Rates.Values) rate.Advance(writtenAt, now.Earliest);
        foreach (var permits in page.Permits.Values) permits.Leased.DropBefore(now.Earliest);

        var share = new CounterShares(page, pending, now, elapsed, active, options, jitter);
        foreach (var counter in Counters.Values)
        {
            counter.DropOver(now.Earliest);
            share.Compose(counter);
        }

        if (!pending.Any && !share.ReportsAreDue && NewPauses.Count == 0)
        {
            pending.Revert();
            return null;
        }

        page.Prune(now.Earliest);
        page.Remember(pending.Operation, writtenAt);
        (_pending, _conflict, _written) = (pending, false, [.. NewPauses]);
        return page;
    }

    /// <summary>The service answered the write; on a conflict it was usually not carried out, but an earlier try of it may have been.</summary>
    public void Written(bool carriedOut, StoreClock clock)
    {
        if (_pending is null) return;
        if (!carriedOut)
        {
            _conflict = true;
            return;
        }

        _pending.Answered = clock.Elapsed;
        _pending.Apply();
        ForgetWrittenPauses();
        _last = _pending;
        _pending = null;
    }

    /// <summary>Finds out what became of a write that is in doubt, and learns the store's time.</summary>
    private void Resolve(StoredPage? stored, StoreClock clock)
    {
        if (stored is not null)
        {
            var writtenAt = Moment.Of(stored.WrittenAt);
            clock.SawWrite(writtenAt);
            if (_last is { Answered: { } answered } last && stored.Page.Operations.Find(o => o.Id == last.Operation) is { Id: not 0 } own)
            {
                clock.SawOwnWrite(last.Sent, answered, own.WrittenAt == 0 ? writtenAt : own.WrittenAt);
                _last = null;
            }
        }

        if (_pending is not { } pending) return;
        _pending = null;
        var version = stored?.Page.Version ?? 0;
        if (stored?.Page.Operations.Exists(o => o.Id == pending.Operation) == true)
        {
            pending.Apply();
            ForgetWrittenPauses();
        }
        else if (version == pending.BaseVersion ? _conflict : version > pending.BaseVersion && version - pending.BaseVersion <= BudgetPage.RememberedOperations) pending.Revert();
        else pending.GiveUp();
    }

    /// <summary>What is on the page is the page's from now on: whoever takes it away there has ended it here too.</summary>
    private void ForgetWrittenPauses()
    {
        foreach (var (tool, pause) in _written)
        {
            if (NewPauses.TryGetValue(tool, out var now) && ReferenceEquals(now, pause)) NewPauses.Remove(tool);
        }
    }
}
