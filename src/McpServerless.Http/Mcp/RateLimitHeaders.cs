using System.Globalization;
using McpServerless.Budgets;

namespace McpServerless.Http.Mcp;

/// <summary>How the limits of a call stand, as <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers).</summary>
/// <remarks>
/// A policy has the quota <c>q</c> and, where it has a fixed length, the window <c>w</c> in seconds; a limit has what is left, <c>r</c>, at least,
/// and the seconds <c>t</c> until more can be expected. Units that are not requests are named with <c>qu</c>.
/// </remarks>
internal static class RateLimitHeaders
{
    public static void Write(McpAnswer answer, IReadOnlyList<LimitStanding> standings)
    {
        if (standings.Count == 0) return;
        answer.Header("RateLimit-Policy", string.Join(", ", standings.Select(Policy)));
        answer.Header("RateLimit", string.Join(", ", standings.Select(s => string.Create(CultureInfo.InvariantCulture, $"\"{s.Limit.PublicName}\";r={s.Left};t={s.ResetSeconds}"))));
    }

    private static string Policy(LimitStanding standing)
    {
        var limit = standing.Limit.Limit;
        var unit = limit.Unit switch
        {
            LimitUnit.ResultBytes => ";qu=\"content-bytes\"",
            LimitUnit.Cost => ";qu=\"cost\"",
            _ when limit.Kind == LimitKind.Concurrency => ";qu=\"concurrent-requests\"",
            _ => "",
        };
        int? window = limit.Per switch
        {
            LimitPeriod.Second => 1,
            LimitPeriod.Minute => 60,
            LimitPeriod.Hour => 3600,
            LimitPeriod.Day => 86_400,
            _ => null,
        };
        var length = window is null ? "" : string.Create(CultureInfo.InvariantCulture, $";w={window}");
        return string.Create(CultureInfo.InvariantCulture, $"\"{standing.Limit.PublicName}\";q={limit.Amount}{unit}{length}");
    }
}
