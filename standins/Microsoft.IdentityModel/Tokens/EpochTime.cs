namespace Microsoft.IdentityModel.Tokens;

/// <summary>NumericDate of RFC 7519 to <see cref="System.DateTime"/> and back, clamped at both ends instead of failing.</summary>
public static class EpochTime
{
    public static readonly DateTime UnixEpoch = System.DateTime.UnixEpoch;

    public static long GetIntDate(DateTime datetime)
    {
        var utc = datetime.ToUniversalTime();
        return utc <= UnixEpoch ? 0 : (long)(utc - UnixEpoch).TotalSeconds;
    }

    public static DateTime DateTime(long secondsSinceUnixEpoch)
    {
        if (secondsSinceUnixEpoch <= 0) return UnixEpoch;
        var last = new DateTime(System.DateTime.MaxValue.Ticks, DateTimeKind.Utc);
        return secondsSinceUnixEpoch >= (long)(last - UnixEpoch).TotalSeconds ? last : UnixEpoch.AddSeconds(secondsSinceUnixEpoch);
    }

    /// <summary>Adds without leaving the range of <see cref="System.DateTime"/>.</summary>
    internal static DateTime Add(DateTime time, TimeSpan span)
    {
        if (span > TimeSpan.Zero && System.DateTime.MaxValue - time <= span) return new DateTime(System.DateTime.MaxValue.Ticks, DateTimeKind.Utc);
        if (span < TimeSpan.Zero && System.DateTime.MinValue - time >= span) return new DateTime(0, DateTimeKind.Utc);
        return time + span;
    }
}
