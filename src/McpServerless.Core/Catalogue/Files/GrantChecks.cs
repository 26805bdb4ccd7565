using McpServerless.Access;
using McpServerless.Budgets;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether a grant gives what it seems to give.</summary>
internal static class GrantChecks
{
    public static void Check(
        CatalogueFile file, DeclaredGrant declared, FileSet set, CatalogueVersion catalogue, bool complete, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        var grant = declared.Grant;
        CatalogueChecks.CheckExpiry(file, grant.ExpiresAt, findings, now);
        if (grant.NextReview <= now) findings.Add(file.Finding(FindingRule.ReviewPast, "/nextReview", "is past"));
        CheckPatterns(file, grant, catalogue, complete, findings);
        BudgetChecks.Check(file, "/budgets", LimitHolder.Grant, grant.Budgets, findings);

        foreach (var (_, client) in set.Clients)
        {
            if (client.Client.ClientId != grant.ClientId || client.Client.ExpiresAt >= grant.ExpiresAt) continue;
            findings.Add(file.Finding(FindingRule.GrantOutlivesClient, CatalogueChecks.ExpiryPointer(file), $"is later than the end of its client, {client.Client.ExpiresAt:yyyy-MM-dd}"));
        }
    }

    private static void CheckPatterns(CatalogueFile file, Grant grant, CatalogueVersion catalogue, bool complete, List<CatalogueFinding> findings)
    {
        var server = catalogue.Servers.FirstOrDefault(s => s.Name == grant.Server);
        var known = complete && server is not null;
        var tools = server is null ? [] : ActiveCatalogue.Select(server.Tools, catalogue.Tools).Where(t => !ActiveCatalogue.NeedsTasks(t.Contract)).Select(t => t.Name).ToList();
        var prompts = server is null ? [] : ActiveCatalogue.Select(server.Prompts, catalogue.Prompts).Select(p => p.Name).ToList();
        var resources = server is null ? [] : ActiveCatalogue.Select(server.Resources, catalogue.Resources).ToList();
        Check("tool", grant.Tools, pattern => tools.Exists(name => NamePattern.Matches(pattern, name)));
        Check("prompt", grant.Prompts, pattern => prompts.Exists(name => NamePattern.Matches(pattern, name)));
        Check("resource", grant.Resources, pattern => resources.Exists(resource => MayMeet(pattern, resource)));

        void Check(string kind, IReadOnlyList<string> patterns, Predicate<string> matches)
        {
            for (var i = 0; i < patterns.Count; i++)
            {
                var pattern = patterns[i];
                if (MatchesEverything(pattern))
                {
                    findings.Add(file.Finding(FindingRule.GrantMatchesEverything, $"/{kind}s/{i}", $"'{pattern}' allows every {kind} of {grant.Server}, also those added later"));
                }
                else if (known && !matches(pattern))
                {
                    findings.Add(file.Finding(FindingRule.GrantMatchesNothing, $"/{kind}s/{i}", $"'{pattern}' matches no {kind} of {grant.Server}"));
                }
            }
        }
    }

    /// <summary>Nothing but wildcards, and for URIs what every one of them has: <c>*</c>, <c>*:*</c>, <c>*://*</c>.</summary>
    private static bool MatchesEverything(string pattern) =>
        pattern.Contains('*', StringComparison.Ordinal)
        && (pattern.AsSpan().Trim("*?").IsEmpty || pattern is "*:*" or "*://*");

    /// <summary>Whether a pattern meets a resource, or may meet a URI of a template.</summary>
    private static bool MayMeet(string pattern, ResourceContract resource)
    {
        if (NamePattern.Matches(pattern, resource.Name)) return true;
        if (!resource.IsTemplate || UriTemplate.Parse(resource.Name) is not { } template) return false;
        if (!pattern.AsSpan().ContainsAny('*', '?')) return template.Matches(pattern);

        // Where both begin alike, there may be a URI that both stand for; a warning has to be sure.
        var fixedPart = pattern.AsSpan()[..pattern.AsSpan().IndexOfAny('*', '?')];
        var literal = resource.Name.AsSpan()[..resource.Name.IndexOf('{', StringComparison.Ordinal)];
        return fixedPart.StartsWith(literal) || literal.StartsWith(fixedPart);
    }
}
