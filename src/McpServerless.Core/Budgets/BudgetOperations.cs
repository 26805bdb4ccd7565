using System.Buffers.Binary;
using System.Security.Cryptography;
using McpServerless.Budgets.Runaway;

namespace McpServerless.Budgets;

/// <summary>One counter as an operator sees it.</summary>
/// <param name="Counter">Its name on the page.</param>
/// <param name="Kind">What it counts by.</param>
/// <param name="Used">Units that are used or held by instances; of a rate, what is missing to a full burst.</param>
/// <param name="Until">End of its window; null where it has none.</param>
public sealed record CounterView(string Counter, LimitKind Kind, long Used, DateTimeOffset? Until);

/// <summary>A client's counters, what was granted beyond its limits, and its pauses.</summary>
public sealed record PageView(
    IReadOnlyList<CounterView> Counters, IReadOnlyList<(string Counter, ExtraGrant Extra)> Extras, IReadOnlyList<(string Tool, RunawayPause Pause)> Pauses);

/// <summary>What operators do with counters, and the purge. Each change is one conditional write, tried again when somebody else wrote.</summary>
public sealed class BudgetOperations(IBudgetStore store, TimeProvider time)
{
    private const int MostTries = 20;

    private readonly uint _instance = BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4));
    private uint _operations;

    /// <summary>A page as it stands; null when nothing of it is in use.</summary>
    public async ValueTask<PageView?> ShowAsync(BudgetPageKey key, CancellationToken ct)
    {
        if (await store.ReadAsync(key, ct) is not { } stored) return null;
        var page = stored.Page;
        var now = Moment.Of(time.GetUtcNow());
        foreach (var rate in page.Rates.Values) rate.Advance(Moment.Of(stored.WrittenAt), now);
        page.Prune(now);
        return new PageView(
            [
                .. page.Rates.Select(r => new CounterView(r.Key, LimitKind.Rate, r.Value.Burst - r.Value.Available, null)),
                .. page.Windows.Select(w => new CounterView(w.Key[..w.Key.LastIndexOf('@')], LimitKind.Budget, w.Value.Used, Moment.ToTime(w.Value.End))),
                .. page.Permits.Select(p => new CounterView(p.Key, LimitKind.Concurrency, p.Value.Leased.Total, null)),
            ],
            [.. page.Extras.SelectMany(x => x.Value.Select(e => (x.Key, e)))],
            [.. page.Pauses.Where(p => p.Value.Until > time.GetUtcNow()).Select(p => (p.Key, p.Value))]);
    }

    /// <summary>Makes a counter as new: a full burst, an unused window. False when there is none of that name.</summary>
    /// <remarks>What instances hold of it stays theirs, so that up to their blocks more than the limit can be used afterwards, as a reset means to allow.</remarks>
    public ValueTask<bool> ResetAsync(BudgetPageKey key, string counter, CancellationToken ct) => ChangeAsync(key, page =>
    {
        var windows = page.Windows.Keys.Where(w => w.StartsWith(counter + "@", StringComparison.Ordinal)).ToList();
        foreach (var window in windows) page.Windows.Remove(window);
        return page.Rates.Remove(counter) | page.Permits.Remove(counter) | windows.Count > 0;
    }, ct);

    /// <summary>Grants units beyond a calendar budget for a time.</summary>
    public ValueTask<bool> GrantExtraAsync(BudgetPageKey key, string counter, ExtraGrant extra, CancellationToken ct) => ChangeAsync(key, page =>
    {
        if (!page.Extras.TryGetValue(counter, out var extras)) page.Extras[counter] = extras = [];
        extras.Add(extra);
        return true;
    }, ct);

    /// <summary>Ends the pauses of a client, all or that of one tool. False when there are none.</summary>
    public ValueTask<bool> ResumeAsync(BudgetPageKey key, string? tool, CancellationToken ct) => ChangeAsync(key, page =>
    {
        var paused = page.Pauses.Keys.Where(t => tool is null || t == tool).ToList();
        foreach (var name in paused) page.PausesByTool.Remove(name);
        return paused.Count > 0;
    }, ct);

    /// <summary>Removes pages of which nothing is in use any more, and what is over from the others.</summary>
    /// <returns>How many pages were removed and how many are left.</returns>
    public async ValueTask<(int Removed, int Left)> PurgeAsync(CancellationToken ct)
    {
        // An hour behind: the clock of whoever purges may be wrong, and an instance may still have a write under way.
        var past = Moment.Of(time.GetUtcNow().AddHours(-1));
        var (removed, left) = (0, 0);
        await foreach (var (key, stored) in store.ReadAllAsync(ct))
        {
            var page = stored.Page;
            var writtenAt = Moment.Of(stored.WrittenAt);
            foreach (var rate in page.Rates.Values.Where(_ => writtenAt < past)) rate.Advance(writtenAt, past);
            page.Prune(past);
            if (page.IsEmpty && writtenAt < past && await store.DeleteAsync(key, stored.Tag, ct)) removed++;
            else left++;
        }

        return (removed, left);
    }

    private async ValueTask<bool> ChangeAsync(BudgetPageKey key, Func<BudgetPage, bool> change, CancellationToken ct)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var stored = await store.ReadAsync(key, ct);
            var page = stored?.Page ?? new BudgetPage();
            var writtenAt = stored is null ? Moment.Of(time.GetUtcNow()) : Moment.Of(stored.WrittenAt);
            // The room of every bucket is told anew with each write, and filled no further than to the last one.
            foreach (var rate in page.Rates.Values) rate.Advance(writtenAt, writtenAt);
            if (!change(page)) return false;
            page.Remember(((ulong)_instance << 32) | ++_operations, writtenAt);
            if (await store.WriteAsync(key, page, stored?.Tag, ct)) return true;
        }

        throw new StoreUnavailableException($"The counters of {key} are written too often to be changed now.");
    }
}
