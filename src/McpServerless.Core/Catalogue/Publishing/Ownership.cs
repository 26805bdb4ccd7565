using System.Text.Json.Serialization.Metadata;
using McpServerless.Catalogue.Files;

namespace McpServerless.Catalogue.Publishing;

/// <summary>A contract belongs to the team that its published version names: others do not change it, and do not take it over unseen.</summary>
internal static class Ownership
{
    /// <param name="before">The active version; null for none.</param>
    /// <param name="after">What would be published.</param>
    /// <param name="team">The team that applies; null when nobody said, and then only a change of the owner itself is refused.</param>
    public static IEnumerable<CatalogueFinding> Check(CatalogueVersion? before, CatalogueVersion after, string? team) =>
    [
        .. CheckProving(before?.Upstreams ?? [], after.Upstreams, team),
        .. Check(FileSchemas.ToolContract, before?.Tools ?? [], after.Tools, GovernanceJson.Default.ToolContract, team),
        .. Check(FileSchemas.PromptContract, before?.Prompts ?? [], after.Prompts, GovernanceJson.Default.PromptContract, team),
        .. Check(FileSchemas.ResourceContract, before?.Resources ?? [], after.Resources, GovernanceJson.Default.ResourceContract, team),
    ];

    /// <summary>An upstream with a credential belongs to no team: whoever changed its URL could have the gateway's proof sent to a place of their own.</summary>
    private static IEnumerable<CatalogueFinding> CheckProving(IReadOnlyList<Upstream> before, IReadOnlyList<Upstream> after, string? team)
    {
        if (team is null) yield break;
        foreach (var name in before.Concat(after).Where(u => u.Credential is not null).Select(u => u.Name).Distinct(StringComparer.Ordinal))
        {
            if (before.FirstOrDefault(u => u.Name == name) != after.FirstOrDefault(u => u.Name == name))
                yield return Finding($"{FileSchemas.Upstream} {name} has a credential of the gateway; only an administrator adds, changes or removes it, by an apply without --team");
        }
    }

    private static IEnumerable<CatalogueFinding> Check<T>(string kind, IReadOnlyList<T> before, IReadOnlyList<T> after, JsonTypeInfo<T> type, string? team)
        where T : Contract
    {
        var now = after.ToDictionary(Name, StringComparer.Ordinal);
        foreach (var contract in before)
        {
            now.Remove(Name(contract), out var same);
            if (same is not null && CatalogueMerge.Same(contract, same, type)) continue;
            if (team is not null ? contract.Team != team : same is not null && same.Team != contract.Team)
                yield return Finding($"{kind} {Name(contract)} belongs to the team {contract.Team}, which alone changes it; apply with --team \"{contract.Team}\" if that is you");
        }

        foreach (var contract in now.Values.Where(c => team is not null && c.Team != team))
            yield return Finding($"{kind} {Name(contract)} would be added for the team {contract.Team}, and it is {team} that applies");
    }

    private static string Name(Contract contract) => $"{contract.Upstream}/{contract.Name}";

    private static CatalogueFinding Finding(string message) => new(FindingRule.NotOwner, "", default, "", message);
}
