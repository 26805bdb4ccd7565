using System.Collections.Concurrent;
using McpServerless.ToolCalls;

namespace McpServerless.Upstreams;

/// <summary>A session that an upstream of the older era opened; its id is null where the upstream keeps none.</summary>
/// <param name="Id">As the upstream gave it; null where it keeps none.</param>
/// <param name="Revision">What was negotiated with it.</param>
/// <param name="Offer">What it can do; <see cref="UpstreamOffer.Nothing"/> where that is not known.</param>
internal sealed record UpstreamSession(string? Id, string Revision, UpstreamOffer Offer);

/// <summary>The sessions of one upstream, one for each principal.</summary>
internal sealed class UpstreamSessions(TimeProvider time)
{
    /// <summary>More principals than this at once make the longest unused sessions go. The upstream ends them by its own rules.</summary>
    private const int Capacity = 2_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The principal's session; of several calls that find none, one opens it and the others wait.</summary>
    public async ValueTask<Outcome<UpstreamSession>> OpenAsync(string principal, Func<CancellationToken, Task<Outcome<UpstreamSession>>> open, CancellationToken ct)
    {
        while (true)
        {
            var entry = _entries.GetOrAdd(principal, _ => new Entry());
            entry.LastUsed = time.GetTimestamp();
            if (entry.Opened is { } session) return session;
            await entry.Gate.WaitAsync(ct);
            try
            {
                if (entry.Opened is { } other) return other;
                // It was taken out while this call waited for it.
                if (!_entries.TryGetValue(principal, out var current) || current != entry) continue;
                var outcome = await open(ct);
                if (outcome.Succeeded(out session, out _)) entry.Opened = session;
                Trim();
                return outcome;
            }
            finally
            {
                entry.Gate.Release();
            }
        }
    }

    /// <summary>Takes a lost session out, unless another call has already replaced it.</summary>
    public void Forget(string principal, UpstreamSession lost)
    {
        if (_entries.TryGetValue(principal, out var entry) && entry.Opened == lost) _entries.TryRemove(new(principal, entry));
    }

    private void Trim()
    {
        if (_entries.Count <= Capacity) return;
        foreach (var entry in _entries.OrderBy(e => e.Value.LastUsed).Take(Capacity / 10)) _entries.TryRemove(entry);
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public UpstreamSession? Opened { get; set; }

        public long LastUsed { get; set; }
    }
}
