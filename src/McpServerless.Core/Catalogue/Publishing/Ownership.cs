using McpServerless.Catalogue.Files;

namespace McpServerless.Catalogue.Publishing;

/// <summary>A tool belongs to the team that its published contract names: others do not change it, and do not take it over unseen.</summary>
internal static class Ownership
{
    /// <param name="team">The team that applies; null when nobody said, and then only a change of the owner itself is refused.</param>
    public static IEnumerable<CatalogueFinding> Check(IReadOnlyList<ToolContract> before, IReadOnlyList<ToolContract> after, string? team)
    {
        var now = after.ToDictionary(Name, StringComparer.Ordinal);
        foreach (var tool in before)
        {
            now.Remove(Name(tool), out var same);
            if (same is not null && CatalogueMerge.Same(tool, same, GovernanceJson.Default.ToolContract)) continue;
            if (team is not null ? tool.Team != team : same is not null && same.Team != tool.Team)
                yield return Finding($"{FileSchemas.ToolContract} {Name(tool)} belongs to the team {tool.Team}, which alone changes it; apply with --team \"{tool.Team}\" if that is you");
        }

        foreach (var tool in now.Values.Where(t => team is not null && t.Team != team))
            yield return Finding($"{FileSchemas.ToolContract} {Name(tool)} would be added for the team {tool.Team}, and it is {team} that applies");
    }

    private static string Name(ToolContract tool) => $"{tool.Upstream}/{tool.Name}";

    private static CatalogueFinding Finding(string message) => new(FindingRule.NotOwner, "", default, "", message);
}
