namespace McpServerless.Budgets.Runaway;

/// <summary>How many calls a client usually makes in each hour of the week (UTC): an exponentially weighted mean, in which a new week counts 0.3.</summary>
/// <remarks>Instances add what they counted; the hour under way is kept apart until one of them reports a later one.</remarks>
public sealed class DemandBaseline
{
    public const int HoursOfWeek = 168;

    /// <summary>What a new week counts against all weeks before it.</summary>
    private const double Weight = 0.3;

    /// <summary>An hour of the week is believed from its second week on; before that, the mean of a whole day at least.</summary>
    private const int TrustedWeeks = 2;
    private const int TrustedHours = 24;

    private readonly float[] _means = new float[HoursOfWeek];
    private readonly byte[] _weeks = new byte[HoursOfWeek];

    /// <summary>The hour that is added up, in hours since 1970; 0 before the first.</summary>
    public long Hour { get; private set; }

    /// <summary>Calls in it so far.</summary>
    public long Calls { get; private set; }

    public static DemandBaseline Of(long hour, long calls, ReadOnlySpan<float> means, ReadOnlySpan<byte> weeks)
    {
        var baseline = new DemandBaseline { Hour = hour, Calls = calls };
        means.CopyTo(baseline._means);
        weeks.CopyTo(baseline._weeks);
        return baseline;
    }

    public IReadOnlyList<float> Means => _means;

    public IReadOnlyList<byte> Weeks => _weeks;

    public static long HourOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 3600;

    /// <summary>Adds calls of one hour. Hours without any between are learned as such.</summary>
    public void Add(long hour, long calls)
    {
        if (hour == Hour) Calls += calls;
        else if (hour < Hour) Correct(hour, calls);
        else Begin(hour, calls);
    }

    /// <summary>Calls to expect in an hour; null as long as too little is known of the client.</summary>
    public double? Expected(long hour)
    {
        var slot = hour % HoursOfWeek;
        if (_weeks[slot] >= TrustedWeeks) return _means[slot];
        var (known, sum) = (0, 0.0);
        for (var i = 0; i < HoursOfWeek; i++)
        {
            if (_weeks[i] == 0) continue;
            known++;
            sum += _means[i];
        }

        return known >= TrustedHours ? sum / known : null;
    }

    private void Begin(long hour, long calls)
    {
        if (Hour > 0)
        {
            Learn(Hour, Calls);
            // A whole week without a call says the same of every hour once.
            for (var quiet = Math.Max(Hour + 1, hour - HoursOfWeek); quiet < hour; quiet++) Learn(quiet, 0);
        }

        (Hour, Calls) = (hour, calls);
    }

    private void Learn(long hour, long calls)
    {
        var slot = hour % HoursOfWeek;
        _means[slot] = _weeks[slot] == 0 ? calls : (float)(_means[slot] + (Weight * (calls - _means[slot])));
        if (_weeks[slot] < byte.MaxValue) _weeks[slot]++;
    }

    /// <summary>What comes late, from an instance that was slow to report, is put on top of what was learned of its hour.</summary>
    private void Correct(long hour, long calls)
    {
        var slot = hour % HoursOfWeek;
        if (Hour - hour < HoursOfWeek && _weeks[slot] > 0) _means[slot] += (float)((_weeks[slot] == 1 ? 1 : Weight) * calls);
    }
}
