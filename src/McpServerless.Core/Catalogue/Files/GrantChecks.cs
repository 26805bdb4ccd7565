using McpServerless.Access;
using McpServerless.Budgets;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether a grant gives what it seems to give.</summary>
internal static class GrantChecks
{
    public static void Check(CatalogueFile file, DeclaredGrant declared, FileSet set, bool complete, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        var grant = declared.Grant;
        CatalogueChecks.CheckExpiry(file, grant.ExpiresAt, findings, now);
        if (grant.NextReview <= now) findings.Add(file.Finding(FindingRule.ReviewPast, "/nextReview", "is past"));
        CheckTools(file, grant, set, complete, findings);
        BudgetChecks.Check(file, "/budgets", LimitHolder.Grant, grant.Budgets, findings);

        foreach (var (_, client) in set.Clients)
        {
            if (client.Client.ClientId != grant.ClientId || client.Client.ExpiresAt >= grant.ExpiresAt) continue;
            findings.Add(file.Finding(FindingRule.GrantOutlivesClient, CatalogueChecks.ExpiryPointer(file), $"is later than the end of its client, {client.Client.ExpiresAt:yyyy-MM-dd}"));
        }
    }

    private static void CheckTools(CatalogueFile file, Grant grant, FileSet set, bool complete, List<CatalogueFinding> findings)
    {
        var server = set.Servers.Select(s => s.Item).FirstOrDefault(s => s.Name == grant.Server);
        var exposed = server is null ? null : ActiveCatalogue.Select(server, set.Tools.Select(t => t.Item)).Select(t => t.Name).ToList();
        for (var i = 0; i < grant.Tools.Count; i++)
        {
            var pattern = grant.Tools[i];
            if (pattern.Contains('*', StringComparison.Ordinal) && pattern.AsSpan().Trim("*?").IsEmpty)
            {
                findings.Add(file.Finding(FindingRule.GrantMatchesEverything, $"/tools/{i}", $"'{pattern}' allows every tool of {grant.Server}, also those added later"));
            }
            else if (complete && exposed is not null && !exposed.Exists(name => ToolPattern.Matches(pattern, name)))
            {
                findings.Add(file.Finding(FindingRule.GrantMatchesNothing, $"/tools/{i}", $"'{pattern}' matches no tool of {grant.Server}"));
            }
        }
    }
}
