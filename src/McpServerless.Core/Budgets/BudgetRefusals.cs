using System.Globalization;
using McpServerless.Budgets.Runaway;
using McpServerless.ToolCalls;

namespace McpServerless.Budgets;

/// <summary>What is said to whoever runs into a limit: which one, and when to come back, in words that a model can act on.</summary>
internal static class BudgetRefusals
{
    public static Refusal Of(LimitReached reached, DateTimeOffset now)
    {
        var limit = reached.Limit.Limit;
        var seconds = (int)Math.Clamp(Math.Ceiling(reached.RetryAfter.TotalSeconds), 1, 31 * 86_400);
        var (code, what) = limit.Kind switch
        {
            LimitKind.Rate => (RefusalCode.RateLimited, $"{Number(limit.Amount)} calls a {Name(limit.Per)} are allowed"),
            LimitKind.Concurrency => (RefusalCode.RateLimited, $"{Number(limit.Amount)} calls at once are allowed, and as many are running"),
            _ => (RefusalCode.BudgetExhausted, $"{Number(limit.Amount)} {Name(limit.Unit)} a {Name(limit.Per)} are allowed, and they are used up"),
        };
        var back = seconds < 120 ? $"in {seconds} s" : $"at {now.AddSeconds(seconds).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC (in {Length(seconds)})";
        return new Refusal(code, $"The call was not made: the limit {reached.Limit.PublicName} is reached. {what}. Call again {back}, not earlier; the same call before then is refused again.")
        {
            RetryAfterSeconds = seconds,
            OperatorNote = $"limit {reached.Limit.Counter}",
            Standings = [new LimitStanding(reached.Limit, reached.Left, seconds)],
        };
    }

    public static Refusal Of(RunawayPause pause, DateTimeOffset now)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling((pause.Until - now).TotalSeconds), 1, 3600);
        return new Refusal(
            RefusalCode.RunawayPaused,
            $"This tool is paused for {seconds} s, because {pause.Reason}. Do not call it again as before: use what you already have, change the arguments, or ask a person. The next pause would be longer.")
        {
            RetryAfterSeconds = seconds,
            OperatorNote = $"pause {pause.Level + 1} until {pause.Until:O}: {pause.Reason}",
        };
    }

    public static Refusal Unavailable() => new(RefusalCode.BudgetUnavailable, "The gateway cannot count this call; try again shortly.")
    {
        RetryAfterSeconds = 2,
        OperatorNote = "the counters of budgets could not be asked, and the fail mode does not let the call pass",
    };

    public static Refusal TooManyRefusals() => new(RefusalCode.TooManyRefusals, "Too many requests of this client were refused; wait before the next one.") { RetryAfterSeconds = 30 };

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Name(LimitPeriod? period) => period?.ToString().ToLowerInvariant() ?? "";

    private static string Name(LimitUnit unit) => unit switch
    {
        LimitUnit.Cost => "cost units",
        LimitUnit.ResultBytes => "bytes of results",
        _ => "calls",
    };

    private static string Length(int seconds) => seconds switch
    {
        < 7200 => $"{(seconds + 59) / 60} min",
        < 172_800 => $"{(seconds + 3599) / 3600} h",
        _ => $"{(seconds + 86_399) / 86_400} days",
    };
}
