namespace McpServerless.Budgets;

/// <summary>One hour, day or month of a calendar, in microseconds since 1970 in UTC; the end is the next one's start.</summary>
internal readonly record struct CalendarWindow(long Start, long End)
{
    /// <summary>The window of a limit that a moment lies in.</summary>
    /// <remarks>A day that daylight saving makes shorter or longer is one day, and an hour that comes twice is one window of two hours.</remarks>
    public static CalendarWindow Containing(BudgetLimit limit, long moment)
    {
        var zone = limit.TimeZone == "UTC" ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(limit.TimeZone);
        var local = TimeZoneInfo.ConvertTime(Moment.ToTime(moment), zone).DateTime;
        var (start, end) = limit.Per switch
        {
            LimitPeriod.Hour => (local.Date.AddHours(local.Hour), local.Date.AddHours(local.Hour + 1)),
            LimitPeriod.Day => (local.Date, local.Date.AddDays(1)),
            LimitPeriod.Month => (new DateTime(local.Year, local.Month, 1), new DateTime(local.Year, local.Month, 1).AddMonths(1)),
            _ => throw new InvalidOperationException($"The limit {limit.Name} follows no calendar."),
        };
        return new CalendarWindow(ToUtc(start, zone), ToUtc(end, zone));
    }

    /// <summary>A wall-clock time that is skipped begins when the clock has jumped; one that comes twice begins the first time.</summary>
    private static long ToUtc(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(15);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return Moment.Of(new DateTimeOffset(local, offset));
    }
}
