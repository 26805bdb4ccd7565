namespace McpServerless.Catalogue.Files;

/// <summary>Whether the life cycle of a contract is consistent, whatever its kind.</summary>
internal static class LifecycleChecks
{
    public static void Check(CatalogueFile file, Contract contract, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        if (contract is { DeprecatedSince: not null, State: not ToolState.Deprecated })
            findings.Add(file.Finding(FindingRule.SunsetWithoutDeprecation, "/deprecatedSince", "has an effect only with state: deprecated"));
        switch (contract)
        {
            case { Sunset: not null, State: not ToolState.Deprecated }:
                findings.Add(file.Finding(FindingRule.SunsetWithoutDeprecation, "/sunset", "has an effect only with state: deprecated"));
                break;
            case { Sunset: null, State: ToolState.Deprecated }:
                findings.Add(file.Finding(FindingRule.DeprecationWithoutSunset, "/state", "has no sunset, so it is served for ever"));
                break;
            case { Sunset: { } sunset } when sunset <= now:
                findings.Add(file.Finding(FindingRule.SunsetPast, "/sunset", "is past, so it counts as retired; say state: retired"));
                break;
        }
    }
}
