using McpServerless.Catalogue;
using McpServerless.ToolCalls;

namespace McpServerless.Access;

/// <summary>Why something is not allowed.</summary>
internal readonly record struct AccessObstacle(RefusalCode Code, string Note);

/// <summary>What a client's rules say of one tool, prompt or resource, before its arguments are known.</summary>
/// <remarks>
/// The one place where grants are weighed: lists, calls, and the commands that explain come here. A denying rule that counts ends it. Otherwise the
/// first rule that allows counts; where it depends on arguments, those behind it are kept too, up to the first that does not.
/// </remarks>
internal readonly record struct AccessDecision(Grant? Grant, ArgumentRules? Arguments, AccessObstacle? Obstacle)
{
    public static AccessDecision Decide(ApplicableRules rules, in CallFacts facts, SubjectKind kind, string name, Contract contract)
    {
        if (rules.Allowing.Length == 0) return Refused(RefusalCode.GrantMissing, "no grant names it");
        List<GrantRule>? denying = null;
        foreach (var rule in rules.Denying)
        {
            if (rule.FirstObstacle(facts) is not null) continue;
            if (!rule.IsConstrained(kind, name)) return Refused(RefusalCode.GrantDenied, $"grant {rule.Grant.GrantId} denies it");
            (denying ??= []).Add(rule);
        }

        List<GrantRule>? constrained = null;
        GrantRule? allowing = null;
        (GrantRule Rule, GrantCondition Condition)? closest = null;
        foreach (var rule in rules.Allowing)
        {
            if (rule.FirstObstacle(facts) is { } obstacle)
            {
                // The one that got furthest says most to whoever has to repair it.
                if (closest is null || obstacle > closest.Value.Condition) closest = (rule, obstacle);
                continue;
            }

            allowing ??= rule;
            if (denying is null && !rule.IsConstrained(kind, name) && constrained is null) break;
            (constrained ??= []).Add(rule);
            if (!rule.IsConstrained(kind, name)) break;
        }

        if (allowing is null) return Refused(CodeOf(closest!.Value.Condition), $"grant {closest.Value.Rule.Grant.GrantId}: {Words(closest.Value.Condition)}"); // Allowing is not empty
        if (contract.RequiredRole is { } role && !facts.Caller.Roles.Contains(role, StringComparer.Ordinal)) return Refused(RefusalCode.RoleMissing, $"the contract needs role {role}");
        return new AccessDecision(allowing.Grant, constrained is null ? null : new ArgumentRules(name, denying ?? [], constrained), null);
    }

    /// <summary>What a condition is called where it does not hold.</summary>
    public static RefusalCode CodeOf(GrantCondition condition) => condition switch
    {
        GrantCondition.Expiry => RefusalCode.GrantExpired,
        GrantCondition.Role or GrantCondition.Scope or GrantCondition.UserRole => RefusalCode.RoleMissing,
        _ => RefusalCode.ContextUnmet,
    };

    public static string Words(GrantCondition condition) => condition switch
    {
        GrantCondition.Expiry => "it is past its end",
        GrantCondition.Model => "it is for another registered model",
        GrantCondition.Environment => "it is for another environment",
        GrantCondition.Caller => "it is for another kind of caller",
        GrantCondition.Role => "the application lacks the role that it asks for",
        GrantCondition.Scope => "the token lacks the scope that it asks for",
        GrantCondition.UserRole => "the user lacks the role that it asks for",
        GrantCondition.Network => "the call comes from another network, or from where is not known",
        GrantCondition.Hours => "it is for other hours",
        GrantCondition.TokenAge => "the token is too old, or does not say when it was issued",
        GrantCondition.AuthContext => "the token has none of the authentication contexts that it asks for",
        GrantCondition.AuthMethods => "the user did not sign in with the methods that it asks for",
        _ => "a condition is not met",
    };

    private static AccessDecision Refused(RefusalCode code, string note) => new(null, null, new AccessObstacle(code, note));
}
