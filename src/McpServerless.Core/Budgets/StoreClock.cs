namespace McpServerless.Budgets;

/// <summary>Bounds on the store's clock, so that differences between the clocks of instances do no harm.</summary>
/// <remarks>
/// Begins with the instance's own clock and the difference that is tolerated. Every row carries the time at which the service took its last
/// write: no later than its reading, which bounds the clock from below; and when that write was this instance's own, no later than its
/// answer and no earlier than its sending, which bounds it from both sides. Not safe for concurrent use.
/// </remarks>
internal sealed class StoreClock
{
    /// <summary>How far two clocks may drift apart: 200 microseconds a second, four times what a quartz of a server does.</summary>
    private const long DriftDivisor = 5000;

    /// <summary>The service's own servers do not agree to the microsecond.</summary>
    private const long Slack = 2_000;

    private readonly TimeProvider _time;
    private readonly long _epoch;
    private long _low;
    private long _lowAt;
    private long _high;
    private long _highAt;

    public StoreClock(TimeProvider time, TimeSpan maxSkew)
    {
        _time = time;
        _epoch = time.GetTimestamp();
        var now = Moment.Of(time.GetUtcNow());
        var skew = (long)maxSkew.TotalMicroseconds;
        (_low, _high) = (now - skew, now + skew);
    }

    /// <summary>Microseconds since this clock was made; never goes back.</summary>
    public long Elapsed => (long)(_time.GetElapsedTime(_epoch).Ticks / 10);

    public Moment Now
    {
        get
        {
            var elapsed = Elapsed;
            return new Moment(elapsed + Low(elapsed), elapsed + High(elapsed));
        }
    }

    /// <summary>Something that was read now was written at this time.</summary>
    public void SawWrite(long writtenAt)
    {
        var elapsed = Elapsed;
        RaiseLow(writtenAt - Slack - elapsed, elapsed);
    }

    /// <summary>A write that was sent and answered at these times, by <see cref="Elapsed"/>, was taken at that time.</summary>
    public void SawOwnWrite(long sent, long answered, long writtenAt)
    {
        var elapsed = Elapsed;
        RaiseLow(writtenAt - Slack - answered, elapsed);
        var high = writtenAt + Slack - sent;
        if (high < High(elapsed)) (_high, _highAt) = (high, elapsed);
        if (_low > _high) (_low, _lowAt) = (writtenAt - Slack - answered, elapsed);
    }

    private void RaiseLow(long low, long elapsed)
    {
        if (low > Low(elapsed)) (_low, _lowAt) = (low, elapsed);
        // The service's time is what counts: an own clock that contradicts it was further off than tolerated.
        if (_low > High(elapsed)) (_high, _highAt) = (_low, elapsed);
    }

    private long Low(long elapsed) => _low - ((elapsed - _lowAt) / DriftDivisor);

    private long High(long elapsed) => _high + ((elapsed - _highAt) / DriftDivisor);
}
