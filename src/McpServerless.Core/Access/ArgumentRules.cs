using System.Text.Json;
using McpServerless.ToolCalls;

namespace McpServerless.Access;

/// <summary>The rules that are left to decide by a call's arguments.</summary>
/// <param name="Tool">Its name on the virtual server.</param>
/// <param name="Denying">Rules that deny when the arguments are what they describe.</param>
/// <param name="Allowing">Rules of which one has to find the arguments right; the last may ask nothing of them.</param>
internal sealed record ArgumentRules(string Tool, IReadOnlyList<GrantRule> Denying, IReadOnlyList<GrantRule> Allowing)
{
    /// <summary>The grant that allows these arguments, or <c>constraint_violated</c> with where they break the first one that might have.</summary>
    public Outcome<CallGrant> Choose(CallGrant grant, JsonElement arguments)
    {
        foreach (var rule in Denying)
        {
            if (!rule.IsBroken(Tool) && rule.CheckArguments(Tool, arguments).Count > 0) continue;
            return new Refusal(RefusalCode.ConstraintViolated, "A rule denies these arguments.") { OperatorNote = $"grant {rule.Grant.GrantId} denies them" };
        }

        IReadOnlyList<string>? first = null;
        foreach (var rule in Allowing)
        {
            var violations = rule.CheckArguments(Tool, arguments);
            if (violations.Count == 0) return new CallGrant(grant.Admission, rule.Grant, grant.Feature);
            first ??= violations;
        }

        return new Refusal(RefusalCode.ConstraintViolated, "The client may not use the tool with these arguments. " + string.Join("; ", (first ?? []).Select(v => v[0] == ':' ? "(arguments)" + v : v)))
        {
            Violations = first ?? [],
            OperatorNote = $"grant {grant.Grant.GrantId}: {string.Join("; ", first ?? [])}",
        };
    }
}
