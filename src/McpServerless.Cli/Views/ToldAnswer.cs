using System.Text.Json;
using McpServerless.Access;
using McpServerless.Access.Explaining;

namespace McpServerless.Cli.Views;

/// <summary>What a call would get, as it is shown: decided here on the storage account, or told by the gateway.</summary>
/// <param name="RefusalCode">Null when it is allowed.</param>
/// <param name="Note">Why, for operators; null when it is allowed.</param>
/// <param name="GrantId">The grant that allows it; null when it is refused.</param>
internal sealed record ToldAnswer(string ClientId, string Server, string Name, string? RefusalCode, bool DependsOnArguments, string? Note, string? GrantId, IReadOnlyList<ToldRule> Rules)
{
    public bool IsAllowed => RefusalCode is null;

    public static ToldAnswer Of(AccessAnswer answer) => new(
        answer.ClientId, answer.Server, answer.Name, answer.Refusal?.Name, answer.DependsOnArguments, answer.Note, answer.GrantId,
        [
            .. answer.Rules.Select(r => new ToldRule(
                r.Grant.GrantId,
                r.Grant.Effect == GrantEffect.Deny ? "deny" : "allow",
                r.Counts,
                [.. r.Conditions.Select(c => (JsonNamingPolicy.CamelCase.ConvertName($"{c.Condition}"), c.Verdict switch { ConditionVerdict.Met => "met", ConditionVerdict.Unmet => "unmet", _ => "unknown" }))],
                r.ArgumentViolations)),
        ]);

    /// <summary>An answer of the management API (<c>AccessAnswers</c>).</summary>
    public static ToldAnswer Of(JsonElement answer) => new(
        Text(answer, "clientId"), Text(answer, "server"), Text(answer, "name"), JsonMembers.Text(answer, "refusalCode"), answer.GetProperty("dependsOnArguments").GetBoolean(), JsonMembers.Text(answer, "note"), JsonMembers.Text(answer, "grantId"),
        [
            .. answer.GetProperty("rules").EnumerateArray().Select(r => new ToldRule(
                Text(r, "grantId"),
                Text(r, "effect"),
                r.GetProperty("counts").GetBoolean(),
                [.. r.GetProperty("conditions").EnumerateArray().Select(c => (Text(c, "condition"), Text(c, "verdict")))],
                r.TryGetProperty("argumentViolations", out var violations) ? [.. violations.EnumerateArray().Select(v => v.ToString())] : null)),
        ]);

    private static string Text(JsonElement item, string name) => JsonMembers.Text(item, name) ?? "";
}

/// <summary>A rule that names what is asked for, as it was judged.</summary>
/// <param name="Effect"><c>allow</c> or <c>deny</c>.</param>
/// <param name="Counts">Whether it counts for this call.</param>
/// <param name="ArgumentViolations">Where the arguments are not what it is for; null when it asks nothing of them, or there were none.</param>
internal sealed record ToldRule(string GrantId, string Effect, bool Counts, IReadOnlyList<(string Condition, string Verdict)> Conditions, IReadOnlyList<string>? ArgumentViolations);
