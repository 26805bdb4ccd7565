namespace McpServerless.Budgets;

/// <summary>The present by the store's clock, as far as an instance knows it: certainly not before one bound, certainly not after the other.</summary>
/// <param name="Earliest">Microseconds since 1970 in UTC.</param>
/// <param name="Latest">The same; not less than <paramref name="Earliest"/>.</param>
internal readonly record struct Moment(long Earliest, long Latest)
{
    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / 10;

    public static DateTimeOffset ToTime(long microseconds) => new(DateTime.UnixEpoch.Ticks + (microseconds * 10), TimeSpan.Zero);
}
