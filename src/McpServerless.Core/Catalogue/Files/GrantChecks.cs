using System.Net;
using Json.Schema;
using McpServerless.Access;
using McpServerless.Budgets;
using McpServerless.Contracts;

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
        if (grant.ExpiresAt > now.AddDays(Grant.MaxDays))
        {
            findings.Add(file.Finding(FindingRule.ExpiryTooFar, CatalogueChecks.ExpiryPointer(file), $"is more than {Grant.MaxDays} days ahead; grant it for less and renew it"));
        }

        CheckPatterns(file, grant, catalogue, complete, findings);
        CheckConstraints(file, grant, findings);
        CheckContext(file, grant, findings);
        CheckPeople(file, grant, catalogue, findings);
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
                    // To keep a client from everything needs no excuse.
                    if (grant.BroadReason is null && grant.Effect == GrantEffect.Allow) findings.Add(file.Finding(FindingRule.GrantMatchesEverything, $"/{kind}s/{i}", $"'{pattern}' allows every {kind} of {grant.Server}, also those added later; name what is needed, or say why in broadReason"));
                }
                else if (known && !matches(pattern))
                {
                    findings.Add(file.Finding(FindingRule.GrantMatchesNothing, $"/{kind}s/{i}", $"'{pattern}' matches no {kind} of {grant.Server}"));
                }
            }
        }
    }

    private static void CheckConstraints(CatalogueFile file, Grant grant, List<CatalogueFinding> findings)
    {
        for (var i = 0; i < grant.Constraints.Count; i++)
        {
            var constraint = grant.Constraints[i];
            var at = $"/constraints/{i}/arguments";
            var refused = SchemaAdmission.Check(constraint.Arguments);
            findings.AddRange(refused.Select(f => file.Finding(FindingRule.ConstraintInvalid, at + f.Pointer, f.Pointer.Length == 0 ? $"the schema {f.Message}" : f.Message)));
            if (refused.Count == 0 && InvalidSchema(constraint.Arguments) is { } problem) findings.Add(file.Finding(FindingRule.ConstraintInvalid, at, problem));
            if (!constraint.Tools.Any(own => grant.Tools.Any(granted => MayOverlap(own, granted))))
            {
                findings.Add(file.Finding(FindingRule.ConstraintIdle, $"/constraints/{i}/tools", "names no tool that the grant names, so it constrains nothing"));
            }
        }
    }

    private static string? InvalidSchema(System.Text.Json.JsonElement schema)
    {
        try
        {
            ValueSchema.Build(schema);
            return null;
        }
        catch (Exception e) when (e is JsonSchemaException or RefResolutionException)
        {
            return "is not a valid JSON Schema";
        }
    }

    /// <summary>Whether there may be a name that both stand for. True in doubt: a warning has to be sure.</summary>
    private static bool MayOverlap(string a, string b) =>
        a.AsSpan().ContainsAny('*', '?') && b.AsSpan().ContainsAny('*', '?') ? true
        : a.AsSpan().ContainsAny('*', '?') ? NamePattern.Matches(a, b) : NamePattern.Matches(b, a);

    private static void CheckContext(CatalogueFile file, Grant grant, List<CatalogueFinding> findings)
    {
        if (grant.Context is not { } context) return;
        for (var i = 0; i < context.Networks.Count; i++)
        {
            if (!IPNetwork.TryParse(context.Networks[i], out _)) findings.Add(file.Finding(FindingRule.ContextInvalid, $"/context/networks/{i}", $"'{context.Networks[i]}' is no network such as 10.0.0.0/8 or 2001:db8::/32"));
        }

        for (var i = 0; i < context.Hours.Count; i++)
        {
            if (context.Hours[i].FindZone() is null) findings.Add(file.Finding(FindingRule.ContextInvalid, $"/context/hours/{i}/timeZone", $"'{context.Hours[i].TimeZone}' is no time zone such as Europe/Berlin"));
        }
    }

    /// <summary>Two persons for what is sensitive.</summary>
    private static void CheckPeople(CatalogueFile file, Grant grant, CatalogueVersion catalogue, List<CatalogueFinding> findings)
    {
        if (grant.Effect == GrantEffect.Deny || ReviewSchedule.SensitivityOf(grant, catalogue) != Sensitivity.High) return;
        if (grant.Requester is null) findings.Add(file.Finding(FindingRule.RequesterMissing, "", "allows something of high sensitivity, so it has to say who asked for it (requester)"));
        else if (string.Equals(grant.Requester, grant.Approver, StringComparison.OrdinalIgnoreCase)) findings.Add(file.Finding(FindingRule.ApproverIsRequester, "/approver", "is also the requester; what is highly sensitive takes two persons"));
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
