namespace McpServerless.Budgets.Runaway;

/// <summary>What a runaway consists of.</summary>
public enum RunawayKind
{
    /// <summary>The same call with the same arguments and the same result.</summary>
    SameCall,

    /// <summary>A cycle of two to six such calls.</summary>
    Cycle,

    /// <summary>The same error of one tool again and again.</summary>
    SameError,

    /// <summary>Refused again and again, without waiting as told or changing what was refused.</summary>
    Refusals,

    /// <summary>At its limits for many minutes on end, with many times the calls that are usual for it at this hour of the week.</summary>
    Saturation,
}

/// <summary>A runaway with what shows it.</summary>
/// <param name="Kind">What it consists of.</param>
/// <param name="Tool">The tool to pause: the one that was called last.</param>
/// <param name="Calls">How many calls show it.</param>
/// <param name="Period">Calls of one cycle; 1 for the same call. Of saturation, how many times the usual.</param>
/// <param name="Span">From the first of them to the last.</param>
public sealed record RunawayEvidence(RunawayKind Kind, string Tool, int Calls, int Period, TimeSpan Span);

/// <summary>How a call ended, as far as repetition is concerned.</summary>
/// <param name="Tool">Upstream and name of the tool, or of what else it was about with the method; empty where nothing was found that the client may use.</param>
/// <param name="Arguments">Digest of the arguments; null where they were not read.</param>
/// <param name="Result">Digest of the result; null where there is none.</param>
/// <param name="Error">Code of the tool's error or of the gateway's for the upstream; null for a success.</param>
/// <param name="Refusal">Code with which the gateway refused; null where the call was forwarded.</param>
public sealed record CallEnding(string Tool, string? Arguments, string? Result, string? Error, string? Refusal)
{
    /// <summary>Whether it asked how something stands, so that it is no repetition when nothing has changed. Errors and refusals count all the same.</summary>
    public bool Polls { get; init; }
}

/// <summary>The last calls of one client, and how much they repeat what was before. Not safe for concurrent use.</summary>
/// <remarks>
/// The same call, and the same error of a tool, are counted among the last few calls, so that an odd one in between does not hide a loop. A cycle
/// repeats with a period of n when each call and its result are those of n calls ago: a repetition counts one up and anything else halves, so a
/// batch that begins each item with the same call stays near nothing. A result that changes is progress.
/// </remarks>
internal sealed class CallTrail(RunawayOptions options)
{
    private const int Longest = 6;

    private readonly (int Call, string Tool, long Time)[] _last = new (int, string, long)[Longest];
    private readonly Streak[] _periods = [.. Enumerable.Range(0, Longest).Select(_ => new Streak())];
    private readonly Recent _calls = new((options.RepeatedCalls * 4 / 3) + 1);
    private readonly Dictionary<string, Recent> _errors = new(StringComparer.Ordinal);
    private readonly Streak _refusals = new();
    private int _count;

    public long LastSeen { get; private set; }

    /// <summary>The most that any repetition has of what makes a runaway, from 0 to 1.</summary>
    public double Closeness => Math.Max(
        Math.Max(_calls.Most, _periods.Max(s => s.Count)) / (double)options.RepeatedCalls,
        Math.Max(_refusals.Count / (double)options.RepeatedRefusals, _errors.Count == 0 ? 0 : _errors.Values.Max(e => e.Most) / (double)options.RepeatedErrors));

    /// <summary>Adds how a call ended; the runaway that it completes, or null.</summary>
    /// <param name="ending">How it ended.</param>
    /// <param name="now">Microseconds on any clock that never goes back.</param>
    public RunawayEvidence? Add(CallEnding ending, long now)
    {
        LastSeen = now;
        var found = Refused(ending, now) ?? Failed(ending, now) ?? Repeated(ending, now);
        if (found is not null) Forget();
        return found;
    }

    private RunawayEvidence? Repeated(CallEnding ending, long now)
    {
        // What was refused did not happen; its repetition is counted as refusals.
        if (ending.Refusal is not null || ending.Polls) return null;
        var call = HashCode.Combine(ending.Tool, ending.Arguments, ending.Result, ending.Error);
        var same = _calls.Add(call, now);
        var found = same > options.RepeatedCalls && IsFast(_calls.Span(now), _calls.Count)
            ? new RunawayEvidence(RunawayKind.SameCall, ending.Tool, same, 1, _calls.Span(now))
            : null;
        for (var period = 2; period <= Longest; period++)
        {
            var streak = _periods[period - 1];
            var before = _last[(((_count - period) % Longest) + Longest) % Longest];
            if (_count >= period && before.Call == call) streak.Repeat(now);
            else streak.Break(now);
            if (streak.Count >= options.RepeatedCalls && IsFast(streak.Span(now), streak.Count)) found ??= new RunawayEvidence(RunawayKind.Cycle, ending.Tool, streak.Count + period, period, streak.Span(now));
        }

        _last[_count++ % Longest] = (call, ending.Tool, now);
        return found;
    }

    private RunawayEvidence? Failed(CallEnding ending, long now)
    {
        if (ending.Refusal is not null) return null;
        if (!_errors.TryGetValue(ending.Tool, out var recent))
        {
            if (ending.Error is null) return null;
            // An agent calls few tools; whoever makes up names is refused before.
            if (_errors.Count >= 256) _errors.Clear();
            _errors[ending.Tool] = recent = new Recent(options.RepeatedErrors * 5 / 4);
        }

        var same = recent.Add(ending.Error is null ? 0 : HashCode.Combine(ending.Error), now);
        return ending.Error is not null && same >= options.RepeatedErrors && IsFast(recent.Span(now), recent.Count)
            ? new RunawayEvidence(RunawayKind.SameError, ending.Tool, same, 1, recent.Span(now))
            : null;
    }

    private RunawayEvidence? Refused(CallEnding ending, long now)
    {
        if (ending.Refusal is null) _refusals.Break(now);
        else _refusals.Repeat(now);
        return _refusals.Count >= options.RepeatedRefusals && IsFast(_refusals.Span(now), _refusals.Count)
            ? new RunawayEvidence(RunawayKind.Refusals, ending.Tool, _refusals.Count, 1, _refusals.Span(now))
            : null;
    }

    private bool IsFast(TimeSpan span, int calls) => span <= TimeSpan.FromMilliseconds((double)options.SlowestPaceMilliseconds * calls);

    private void Forget()
    {
        _count = 0;
        foreach (var streak in _periods) streak.Restart(0);
        _refusals.Restart(0);
        _errors.Clear();
        _calls.Clear();
    }

    /// <summary>The last few of something, and how often the newest is among them.</summary>
    private sealed class Recent(int size)
    {
        private readonly Queue<(int Key, long Time)> _entries = new(size + 1);
        private readonly Dictionary<int, int> _counts = [];

        public int Count => _entries.Count;

        /// <summary>How often the newest one that is not a success is there.</summary>
        public int Most { get; private set; }

        public int Add(int key, long now)
        {
            _entries.Enqueue((key, now));
            var count = _counts[key] = _counts.GetValueOrDefault(key) + 1;
            if (_entries.Count > size && _entries.Dequeue() is var (oldest, _) && --_counts[oldest] == 0) _counts.Remove(oldest);
            Most = key == 0 ? 0 : count;
            return count;
        }

        public TimeSpan Span(long now) => TimeSpan.FromMicroseconds(now - _entries.Peek().Time);

        public void Clear()
        {
            _entries.Clear();
            _counts.Clear();
            Most = 0;
        }
    }

    /// <summary>Repetitions, with the time of the first that still counts.</summary>
    private sealed class Streak
    {
        private long _since;

        public int Count { get; private set; }

        public void Repeat(long now)
        {
            if (Count++ == 0) _since = now;
        }

        public void Break(long now)
        {
            if (Count > 0) _since = now - ((now - _since) / 2);
            Count /= 2;
        }

        public void Restart(long now) => (Count, _since) = (0, now);

        public TimeSpan Span(long now) => TimeSpan.FromMicroseconds(now - _since);
    }
}
