namespace McpServerless.Notifying;

/// <summary>When a notice that was not taken is sent again.</summary>
/// <remarks>After 5 s, 1 min, 5 min, 30 min, 2 h, 5 h and 10 h, then every 12 h; each a fifth earlier or later, so that what failed together does not come again together.</remarks>
internal static class NoticeSchedule
{
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(12),
    ];

    public static TimeSpan Longest => Steps[^1];

    /// <param name="attempts">How often it was sent, at least once.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan After(int attempts, double random) => Steps[Math.Min(attempts, Steps.Length) - 1] * (0.8 + (0.4 * random));
}
