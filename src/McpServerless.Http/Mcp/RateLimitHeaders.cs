using System.Globalization;
using System.Runtime.CompilerServices;
using McpServerless.Budgets;

namespace McpServerless.Http.Mcp;

/// <summary>How the limits of a call stand, as <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers).</summary>
/// <remarks>
/// A policy has the quota <c>q</c> and, where it has a fixed length, the window <c>w</c> in seconds; a limit has what is left, <c>r</c>, at least,
/// and the seconds <c>t</c> until more can be expected. Units that are not requests are named with <c>qu</c>.
/// </remarks>
internal static class RateLimitHeaders
{
    /// <summary>The text of a policy, for as long as the limit is in use.</summary>
    private static readonly ConditionalWeakTable<AppliedLimit, string> Policies = [];

    public static void Write(McpAnswer answer, IReadOnlyList<LimitStanding> standings)
    {
        if (standings.Count == 0) return;
        var policy = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[512]);
        var limits = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[512]);
        for (var i = 0; i < standings.Count; i++)
        {
            var (limit, left, reset) = standings[i];
            if (i > 0)
            {
                policy.AppendLiteral(", ");
                limits.AppendLiteral(", ");
            }

            policy.AppendLiteral(Policies.GetValue(limit, Policy));
            limits.AppendLiteral("\"");
            limits.AppendLiteral(limit.PublicName);
            limits.AppendLiteral("\";r=");
            limits.AppendFormatted(left);
            limits.AppendLiteral(";t=");
            limits.AppendFormatted(reset);
        }

        answer.Header("RateLimit-Policy", policy.ToStringAndClear());
        answer.Header("RateLimit", limits.ToStringAndClear());
    }

    private static string Policy(AppliedLimit applied)
    {
        var limit = applied.Limit;
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
        return string.Create(CultureInfo.InvariantCulture, $"\"{applied.PublicName}\";q={limit.Amount}{unit}{length}");
    }
}
