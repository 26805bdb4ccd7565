using McpServerless.Catalogue;

namespace McpServerless.Access;

/// <summary>When somebody has to look at a grant again, by how sensitive the most sensitive thing is that it allows.</summary>
public static class ReviewSchedule
{
    /// <summary>The most sensitive of what a grant names in a catalogue; medium where it names nothing that is there.</summary>
    public static Sensitivity SensitivityOf(Grant grant, CatalogueVersion catalogue)
    {
        if (catalogue.Servers.FirstOrDefault(s => s.Name == grant.Server) is not { } server) return Sensitivity.Medium;
        var rule = new GrantRule(grant);
        var named = ActiveCatalogue.Select(server.Tools, catalogue.Tools).Where(t => rule.Covers(SubjectKind.Tool, t.Name)).Select(t => t.Contract.Sensitivity)
            .Concat(ActiveCatalogue.Select(server.Prompts, catalogue.Prompts).Where(p => rule.Covers(SubjectKind.Prompt, p.Name)).Select(p => p.Contract.Sensitivity))
            .Concat(ActiveCatalogue.Select(server.Resources, catalogue.Resources).Where(r => rule.Covers(SubjectKind.Resource, r.Name)).Select(r => r.Sensitivity));
        return named.DefaultIfEmpty(Sensitivity.Medium).Max();
    }

    /// <summary>The first review: after 30 days for high, 90 for medium and 180 for low sensitivity. Null for a rule that denies.</summary>
    public static DateTimeOffset? First(Grant grant, CatalogueVersion catalogue, DateTimeOffset now)
    {
        return grant.Effect == GrantEffect.Deny ? null : After(SensitivityOf(grant, catalogue), now);
    }

    /// <summary>The review that comes after a moment: 30 days for high, 90 for medium and 180 for low sensitivity.</summary>
    public static DateTimeOffset After(Sensitivity sensitivity, DateTimeOffset moment)
    {
        var days = sensitivity switch { Sensitivity.High => 30, Sensitivity.Medium => 90, _ => 180 };
        return DateTimeOffset.FromUnixTimeSeconds(moment.AddDays(days).ToUnixTimeSeconds());
    }
}
