using McpServerless.Budgets;

namespace McpServerless.Core.Tests.Budgets.Simulation;

/// <summary>What an onlooker with the one true clock says of a run.</summary>
internal static class Verdict
{
    /// <summary>The first call that a limit did not allow; null when there is none.</summary>
    public static string? FindExcess(Scenario scenario, Run run) => scenario.Limits.Select(l => FindExcess(l, run)).FirstOrDefault(e => e is not null);

    private static string? FindExcess(BudgetLimit limit, Run run) => limit.Kind switch
    {
        LimitKind.Rate => OfRate(limit, run),
        LimitKind.Budget => OfBudget(limit, run),
        _ => OfConcurrency(limit, run),
    };

    /// <summary>The textbook bucket: full at first, one unit a call, never below empty. That is: in no stretch of time more than the burst and what the rate yields.</summary>
    private static string? OfRate(BudgetLimit limit, Run run)
    {
        var (level, at) = (limit.BurstInForce * limit.PeriodMicroseconds, run.Start);
        foreach (var (time, _, _) in run.Served)
        {
            level = Math.Min(limit.BurstInForce * limit.PeriodMicroseconds, level + ((time - at) * limit.Amount)) - limit.PeriodMicroseconds;
            at = time;
            if (level < 0) return $"rate {limit.Name}: a call at {time - run.Start} µs finds {level / (double)limit.PeriodMicroseconds} units";
        }

        return null;
    }

    private static string? OfBudget(BudgetLimit limit, Run run) =>
        run.Served.GroupBy(s => CalendarWindow.Containing(limit, s.Time).Start).Where(w => w.Count() > limit.Amount)
            .Select(w => $"budget {limit.Name}: {w.Count()} calls in a window of {limit.Amount}").FirstOrDefault();

    private static string? OfConcurrency(BudgetLimit limit, Run run)
    {
        var inFlight = 0;
        foreach (var (time, change) in run.Served.SelectMany(s => new[] { (s.Time, 1), (s.Time + s.Length, -1) }).OrderBy(e => e.Item1).ThenBy(e => e.Item2))
        {
            inFlight += change;
            if (inFlight > limit.Amount) return $"concurrency {limit.Name}: {inFlight} in flight at {time - run.Start} µs, {limit.Amount} allowed";
        }

        return null;
    }
}
