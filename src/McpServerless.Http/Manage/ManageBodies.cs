using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpServerless.Http.Manage;

/// <summary>What each item of a list of texts has to be like.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EachAttribute : Attribute
{
    public int MaxLength { get; init; } = 256;

    public string? Pattern { get; init; }
}

/// <summary>Says of any JSON that it has to be an object.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ObjectAttribute : Attribute;

/// <summary>Patterns of ids, for bodies and parameters.</summary>
internal static class Patterns
{
    public const string Guid = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$";
    public const string Name = "^[A-Za-z0-9._-]{1,64}$";
    public const string Campaign = "^[A-Za-z0-9-]{1,32}$";
    public const string Tools = "^[A-Za-z0-9_.*?-]{1,192}$";
    public const string Text = "^[^\\x00-\\x1f\\x7f-\\x9f]+$";
}

internal sealed record ReasonBody
{
    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record LongReasonBody
{
    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 8), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record ModelBody
{
    [Description("The model that works for the client from now on."), StringLength(128, MinimumLength = 1), RegularExpression(Patterns.Text)]
    public required string ModelId { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

/// <remarks>What has a default is set and not initialised: generated code would overwrite the default of an <c>init</c> property that is missing.</remarks>
internal sealed record QuestionBody
{
    [Description("The virtual server; every one that exposes it where left out."), RegularExpression(Patterns.Name)]
    public string? Server { get; init; }

    [Description("What is asked for.")]
    public SubjectKindName Kind { get; init; }

    [Description("The tool or prompt as the virtual server names it, or a URI."), StringLength(2048, MinimumLength = 1), RegularExpression(Patterns.Text)]
    public required string Name { get; init; }

    [Description("The call's arguments. Without them what hangs on them is said."), Object]
    public JsonElement? Arguments { get; init; }

    [Description("Supposes a signed-in user behind the token.")]
    public bool Delegated { get; init; }

    [Description("App roles of the supposed token, beside the gateway's own."), MaxLength(50), Each]
    public IReadOnlyList<string> Roles { get; set; } = [];

    [Description("Scopes of the supposed token, beside the gateway's own."), MaxLength(50), Each]
    public IReadOnlyList<string> Scopes { get; set; } = [];

    [Description("Authentication contexts of the supposed token (acrs)."), MaxLength(25), Each]
    public IReadOnlyList<string> AuthContexts { get; set; } = [];

    [Description("How the user signed in (amr)."), MaxLength(10), Each]
    public IReadOnlyList<string> AuthMethods { get; set; } = [];

    [Description("The address from which it calls; not known where left out."), StringLength(45, MinimumLength = 2)]
    public string? Address { get; init; }

    [Description("Minutes since the token was issued."), Range(0, 1440)]
    public int TokenAgeMinutes { get; init; }
}

internal enum SubjectKindName
{
    Tool,
    Prompt,
    Resource,
}

internal sealed record WishBody
{
    [Description("The application (client) id."), RegularExpression(Patterns.Guid)]
    public required string ClientId { get; init; }

    [Description("The virtual server."), RegularExpression(Patterns.Name)]
    public required string Server { get; init; }

    [Description("Names or globs of tools; an approval is for what they name at its moment."), Length(1, 100), Each(Pattern = Patterns.Tools)]
    public required IReadOnlyList<string> Tools { get; init; }

    [Description("What the arguments of some tools have to be like."), MaxLength(50)]
    public IReadOnlyList<ConstraintBody> Constraints { get; set; } = [];

    [Description("How long the grant lasts from its approval on, in minutes."), Range(1, 525600)]
    public required int Minutes { get; init; }

    [Description("What it is needed for."), StringLength(2048, MinimumLength = 1), RegularExpression("\\S")]
    public required string Justification { get; init; }

    [Description("Where it was asked for, such as a work item."), StringLength(256, MinimumLength = 1)]
    public string? Ticket { get; init; }
}

internal sealed record ConstraintBody
{
    [Description("Names or globs of the tools whose arguments are meant."), Length(1, 100), Each(Pattern = Patterns.Tools)]
    public required IReadOnlyList<string> Tools { get; init; }

    [Description("A JSON Schema that the arguments have to keep."), Object]
    public required JsonElement Arguments { get; init; }
}

internal sealed record SwitchBody
{
    [Description("server/NAME, or tool/UPSTREAM/NAME."), StringLength(300), RegularExpression("^(server/[A-Za-z0-9._-]{1,64}|tool/[A-Za-z0-9._-]{1,64}/[A-Za-z0-9_.-]{1,192})$")]
    public required string Subject { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record CounterBody
{
    [Description("The counter, as the budgets of the client name it."), StringLength(256, MinimumLength = 1), RegularExpression(Patterns.Text)]
    public required string Counter { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record ExtraBody
{
    [Description("The counter, as the budgets of the client name it."), StringLength(256, MinimumLength = 1), RegularExpression(Patterns.Text)]
    public required string Counter { get; init; }

    [Description("Units of the limit."), Range(1, 1_000_000_000_000)]
    public required long Amount { get; init; }

    [Description("For how long, in hours."), Range(1, 744)]
    public required int Hours { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record PauseBody
{
    [Description("UPSTREAM/NAME of one tool; all where left out."), StringLength(257, MinimumLength = 3), RegularExpression(Patterns.Text)]
    public string? Tool { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record ReplayBody
{
    [Description("Also to the endpoints that have it.")]
    public bool ToAll { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record TeamBody
{
    [Description("Object ids of users and service principals."), MaxLength(500), Each(Pattern = Patterns.Guid)]
    public required IReadOnlyList<string> Members { get; init; }

    [Description("Object ids of groups, for tokens with the claim groups."), MaxLength(100), Each(Pattern = Patterns.Guid)]
    public required IReadOnlyList<string> Groups { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

/// <summary>Who the caller is, as its token and the teams say.</summary>
internal sealed record SelfAnswer
{
    public required string ObjectId { get; init; }

    public required string Application { get; init; }

    public string? ClaimedName { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    public required IReadOnlyList<string> Teams { get; init; }

    [Description("Whether the user is in more groups than a token names, so that teams by group are not known.")]
    public required bool GroupsOmitted { get; init; }

    public required DateTimeOffset TokenExpiresAt { get; init; }

    public required DateTimeOffset Now { get; init; }
}

internal sealed record AccessAnswerBody
{
    public required string ClientId { get; init; }

    public required string Server { get; init; }

    public required string Name { get; init; }

    public required bool Allowed { get; init; }

    [Description("Whether it hangs on the arguments, and none were given.")]
    public required bool DependsOnArguments { get; init; }

    public string? RefusalCode { get; init; }

    public string? Note { get; init; }

    public string? GrantId { get; init; }

    public required IReadOnlyList<JudgedRuleBody> Rules { get; init; }
}

internal sealed record JudgedRuleBody
{
    public required string GrantId { get; init; }

    [Description("allow or deny.")]
    public required string Effect { get; init; }

    public required bool Counts { get; init; }

    public required IReadOnlyList<JudgedConditionBody> Conditions { get; init; }

    public IReadOnlyList<string>? ArgumentViolations { get; init; }
}

internal sealed record JudgedConditionBody
{
    public required string Condition { get; init; }

    [Description("met, unmet or unknown.")]
    public required string Verdict { get; init; }
}

internal sealed record AnswersBody
{
    public required IReadOnlyList<AccessAnswerBody> Answers { get; init; }
}

internal sealed record BudgetsBody
{
    public required IReadOnlyList<CounterStateBody> Counters { get; init; }

    public required IReadOnlyList<ExtraStateBody> Extras { get; init; }

    public required IReadOnlyList<PauseStateBody> Pauses { get; init; }
}

internal sealed record CounterStateBody
{
    public required string Counter { get; init; }

    [Description("rate, budget or concurrency.")]
    public required string Kind { get; init; }

    public required long Used { get; init; }

    public DateTimeOffset? Until { get; init; }
}

internal sealed record ExtraStateBody
{
    public required string Counter { get; init; }

    public required long Amount { get; init; }

    public required DateTimeOffset Until { get; init; }

    public required string By { get; init; }

    public required string Reason { get; init; }
}

internal sealed record PauseStateBody
{
    public required string Tool { get; init; }

    public required DateTimeOffset Until { get; init; }

    public required string Reason { get; init; }
}

internal sealed record VersionBody
{
    public required long Number { get; init; }

    public required bool Active { get; init; }
}

internal sealed record DriftBody
{
    public required string Upstream { get; init; }

    public required string Tool { get; init; }

    [Description("reported, quarantined or rejected.")]
    public required string State { get; init; }

    [Description("returned, textOnly, compatible, breaking or suspicious.")]
    public required string Verdict { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required string PinnedHash { get; init; }

    public string? LiveHash { get; init; }

    public required IReadOnlyList<string> Rules { get; init; }

    public required IReadOnlyList<string> Findings { get; init; }

    [Description("The upstream's definition, for a person to look at. No model ever reads it from here. Only where one is read alone."), Object]
    public JsonElement? Live { get; init; }
}

internal sealed record DecisionBody
{
    public required string ContractHash { get; init; }

    public required string ContractVersion { get; init; }

    [Description("The catalogue version that holds it, where a new one was published.")]
    public long? CatalogueVersion { get; init; }
}

/// <summary>RFC 9457.</summary>
internal sealed record ProblemBody
{
    [Description("A name that never changes.")]
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    [Description("The last part of type.")]
    public required string Code { get; init; }

    [Description("Names the request in the log.")]
    public required string RequestId { get; init; }

    [Description("Pointers or names of parameters, and what was expected.")]
    public IReadOnlyList<string>? Errors { get; init; }

    [Description("The app roles of which one is needed.")]
    public IReadOnlyList<string>? Roles { get; init; }
}

/// <summary>Bodies of the management API. What is read is read strictly; schemas are made from the same types.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(EnumNames<SubjectKindName>), typeof(EnumNames<ReviewAnswerName>)])]
[JsonSerializable(typeof(AccessAnswerBody))]
[JsonSerializable(typeof(AnswersBody))]
[JsonSerializable(typeof(BudgetsBody))]
[JsonSerializable(typeof(CampaignBody))]
[JsonSerializable(typeof(CounterBody))]
[JsonSerializable(typeof(DecisionBody))]
[JsonSerializable(typeof(DriftBody))]
[JsonSerializable(typeof(ExtraBody))]
[JsonSerializable(typeof(LongReasonBody))]
[JsonSerializable(typeof(ModelBody))]
[JsonSerializable(typeof(PauseBody))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(QuestionBody))]
[JsonSerializable(typeof(ReasonBody))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(ReviewAnswerBody))]
[JsonSerializable(typeof(ReviewAnswersBody))]
[JsonSerializable(typeof(ReviewOutcomesBody))]
[JsonSerializable(typeof(SelfAnswer))]
[JsonSerializable(typeof(SwitchBody))]
[JsonSerializable(typeof(TeamBody))]
[JsonSerializable(typeof(VersionBody))]
[JsonSerializable(typeof(WishBody))]
internal sealed partial class ManageJson : JsonSerializerContext;

/// <summary>Names of an enumeration as bodies spell them; numbers are refused.</summary>
internal sealed class EnumNames<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
