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
}

/// <summary>A runaway with what shows it.</summary>
/// <param name="Kind">What it consists of.</param>
/// <param name="Tool">The tool to pause: the one that was called last.</param>
/// <param name="Calls">How many calls show it.</param>
/// <param name="Period">Calls of one cycle; 1 for the same call.</param>
/// <param name="Span">From the first of them to the last.</param>
public sealed record RunawayEvidence(RunawayKind Kind, string Tool, int Calls, int Period, TimeSpan Span);

/// <summary>How a call ended, as far as repetition is concerned.</summary>
/// <param name="Tool">Upstream and name.</param>
/// <param name="Arguments">Digest of the arguments; null where they were not read.</param>
/// <param name="Result">Digest of the result; null where there is none.</param>
/// <param name="Error">Code of the tool's error or of the gateway's for the upstream; null for a success.</param>
/// <param name="Refusal">Code with which the gateway refused; null where the call was forwarded.</param>
public sealed record CallEnding(string Tool, string? Arguments, string? Result, string? Error, string? Refusal);

/// <summary>The last calls of one client, and how much they repeat what was before. Not safe for concurrent use.</summary>
/// <remarks>
/// A call repeats with a period of n when it and its result are those of n calls ago. Each period has a count, which a repetition raises by one and
/// anything else halves: so an odd call in a loop does not hide it, while a batch that begins each item with the same call stays near
/// nothing. A result that changes is progress: who polls something that moves is no runaway.
/// </remarks>
internal sealed class CallTrail(RunawayOptions options)
{
    private const int Longest = 6;

    private readonly (int Call, string Tool, long Time)[] _last = new (int, string, long)[Longest];
    private readonly Streak[] _periods = [.. Enumerable.Range(0, Longest).Select(_ => new Streak())];
    private readonly Dictionary<string, (int Error, Streak Streak)> _errors = new(StringComparer.Ordinal);
    private readonly Streak _refusals = new();
    private int _count;

    public long LastSeen { get; private set; }

    /// <summary>The most that any repetition has of what makes a runaway, from 0 to 1.</summary>
    public double Closeness => Math.Max(
        _periods.Max(s => s.Count) / (double)options.RepeatedCalls,
        Math.Max(_refusals.Count / (double)options.RepeatedRefusals, _errors.Count == 0 ? 0 : _errors.Values.Max(e => e.Streak.Count) / (double)options.RepeatedErrors));

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
        if (ending.Refusal is not null) return null;
        var call = HashCode.Combine(ending.Tool, ending.Arguments, ending.Result, ending.Error);
        RunawayEvidence? found = null;
        for (var period = 1; period <= Longest; period++)
        {
            var streak = _periods[period - 1];
            var before = _last[((_count - period) % Longest + Longest) % Longest];
            if (_count >= period && before.Call == call) streak.Repeat(now);
            else streak.Break(now);
            if (streak.Count >= options.RepeatedCalls && IsFast(streak, now))
                found ??= new RunawayEvidence(period == 1 ? RunawayKind.SameCall : RunawayKind.Cycle, ending.Tool, streak.Count + period, period, streak.Span(now));
        }

        _last[_count++ % Longest] = (call, ending.Tool, now);
        return found;
    }

    private RunawayEvidence? Failed(CallEnding ending, long now)
    {
        if (ending.Refusal is not null) return null;
        if (!_errors.TryGetValue(ending.Tool, out var known))
        {
            if (ending.Error is null) return null;
            // An agent calls few tools; whoever makes up names is refused before.
            if (_errors.Count >= 256) _errors.Clear();
            known = (0, new Streak());
        }

        var error = ending.Error is null ? 0 : HashCode.Combine(ending.Error);
        if (error == 0) known.Streak.Break(now);
        else if (known.Error == error) known.Streak.Repeat(now);
        else known.Streak.Restart(now);
        _errors[ending.Tool] = (error == 0 ? known.Error : error, known.Streak);
        return known.Streak.Count >= options.RepeatedErrors && IsFast(known.Streak, now)
            ? new RunawayEvidence(RunawayKind.SameError, ending.Tool, known.Streak.Count, 1, known.Streak.Span(now))
            : null;
    }

    private RunawayEvidence? Refused(CallEnding ending, long now)
    {
        if (ending.Refusal is null) _refusals.Break(now);
        else _refusals.Repeat(now);
        return _refusals.Count >= options.RepeatedRefusals && IsFast(_refusals, now)
            ? new RunawayEvidence(RunawayKind.Refusals, ending.Tool, _refusals.Count, 1, _refusals.Span(now))
            : null;
    }

    private bool IsFast(Streak streak, long now) => streak.Span(now) <= TimeSpan.FromMilliseconds((double)options.SlowestPaceMilliseconds * streak.Count);

    private void Forget()
    {
        _count = 0;
        foreach (var streak in _periods) streak.Restart(0);
        _refusals.Restart(0);
        _errors.Clear();
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
