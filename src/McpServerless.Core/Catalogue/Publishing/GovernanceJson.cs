using System.Text.Json;
using System.Text.Json.Serialization;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Audit.Retention;
using McpServerless.Audit.Sinks;
using McpServerless.Budgets;
using McpServerless.Contracts;
using McpServerless.Contracts.Sanitising;

namespace McpServerless.Catalogue.Publishing;

/// <summary>Catalogue, clients and grants as JSON, for people and for comparing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(CamelCaseEnum<ToolState>), typeof(CamelCaseEnum<Sensitivity>), typeof(CamelCaseEnum<AuditMode>), typeof(CamelCaseEnum<ClientState>), typeof(CamelCaseEnum<ClientRequestKind>), typeof(CamelCaseEnum<OutputMode>),
        typeof(CamelCaseEnum<AdditionalArguments>), typeof(CamelCaseEnum<UpstreamProtocol>), typeof(CamelCaseEnum<LimitKind>), typeof(CamelCaseEnum<LimitUnit>), typeof(CamelCaseEnum<LimitPeriod>), typeof(CamelCaseEnum<LimitSharing>),
        typeof(CamelCaseEnum<BudgetFailMode>), typeof(CamelCaseEnum<DataClassification>), typeof(CamelCaseEnum<GrantEffect>), typeof(CamelCaseEnum<GrantRequestState>), typeof(CamelCaseEnum<GrantCaller>), typeof(CamelCaseEnum<DayOfWeek>),
        typeof(CamelCaseEnum<ReviewState>), typeof(CamelCaseEnum<ReviewAnswer>), typeof(CamelCaseEnum<CampaignKind>),
        typeof(CamelCaseEnum<CredentialType>), typeof(CamelCaseEnum<ApiKeyPlace>), typeof(CamelCaseEnum<HttpScheme>),
    ])]
[JsonSerializable(typeof(ActiveNumber))]
[JsonSerializable(typeof(BudgetChange))]
[JsonSerializable(typeof(SinkChange))]
[JsonSerializable(typeof(HashKeyChange))]
[JsonSerializable(typeof(IReadOnlyList<LegalHold>))]
[JsonSerializable(typeof(CatalogueChange))]
[JsonSerializable(typeof(CatalogueVersion))]
[JsonSerializable(typeof(IReadOnlyList<Client>))]
[JsonSerializable(typeof(IReadOnlyList<Grant>))]
[JsonSerializable(typeof(IReadOnlyList<GrantRequest>))]
[JsonSerializable(typeof(IReadOnlyList<KillSwitch>))]
[JsonSerializable(typeof(IReadOnlyList<Review>))]
[JsonSerializable(typeof(IReadOnlyList<ReviewPlace>))]
[JsonSerializable(typeof(ReviewCampaign))]
[JsonSerializable(typeof(ReviewSheet))]
[JsonSerializable(typeof(CampaignReport))]
[JsonSerializable(typeof(Team))]
public sealed partial class GovernanceJson : JsonSerializerContext;

/// <summary>Names of an enumeration as the files spell them.</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
