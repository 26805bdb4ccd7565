using McpServerless.Budgets;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether limits can be counted as they are declared.</summary>
internal static class BudgetChecks
{
    public static void Check(CatalogueFile file, string pointer, LimitHolder holder, IReadOnlyList<BudgetLimit> limits, List<CatalogueFinding> findings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < limits.Count; i++)
        {
            var limit = limits[i];
            foreach (var (member, problem) in Problems(limit, holder)) findings.Add(file.Finding(FindingRule.BudgetInvalid, $"{pointer}/{i}{member}", problem));
            if (!names.Add(limit.Name)) findings.Add(file.Finding(FindingRule.BudgetInvalid, $"{pointer}/{i}/name", $"is the name of another limit here, {limit.Name}"));
        }
    }

    private static IEnumerable<(string Member, string Problem)> Problems(BudgetLimit limit, LimitHolder holder)
    {
        var wrongPeriod = limit.Kind switch
        {
            LimitKind.Concurrency => limit.Per is null ? null : "has no meaning for calls in flight",
            LimitKind.Rate => limit.Per is null or LimitPeriod.Month ? "has to be second, minute, hour or day for a rate" : null,
            _ => limit.Per is LimitPeriod.Hour or LimitPeriod.Day or LimitPeriod.Month ? null : "has to be hour, day or month for a budget",
        };
        if (wrongPeriod is not null) yield return (limit.Per is null ? "" : "/per", limit.Per is null ? $"the member per is missing; it {wrongPeriod}" : wrongPeriod);
        if (limit.Kind == LimitKind.Rate && limit.Amount > 1_000_000) yield return ("/amount", "is more than 1000000, which is the most for a rate");
        if (limit.Burst is not null && limit.Kind != LimitKind.Rate) yield return ("/burst", "has a meaning for a rate alone");
        if (limit.TimeZone != "UTC" && limit.Kind != LimitKind.Budget) yield return ("/timeZone", "has a meaning for a budget alone");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(limit.TimeZone, out _)) yield return ("/timeZone", "is no time zone of the IANA database");
        if (limit.Unit == LimitUnit.Refusals && (limit.Kind != LimitKind.Rate || holder != LimitHolder.Client)) yield return ("/unit", "refusals are limited by a rate of a client alone");
        if (limit.Unit is LimitUnit.Cost or LimitUnit.ResultBytes && limit.Kind != LimitKind.Budget) yield return ("/unit", "cost and resultBytes are limited by a budget alone");
        if (limit.Sharing == LimitSharing.Everyone && (holder is LimitHolder.Client or LimitHolder.Grant))
            yield return ("/sharing", "everyone is possible on a virtual server and on a tool alone");
    }
}
