using System.Text.Json.Serialization;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Publishing;

namespace McpServerless.Notifying;

/// <summary>What the data of an event are.</summary>
public sealed record NoticeData(string Summary, string ToDo, string? Command, IReadOnlyList<string> Concerns, string? ClientId, string? Server, string? GrantId);

/// <summary>Notices as JSON: what is sent, what rows hold, and what commands show.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(CamelCaseEnum<NoticeState>), typeof(CamelCaseEnum<DeliveryState>), typeof(CamelCaseEnum<NoticeEvidence>), typeof(CamelCaseEnum<ClientState>), typeof(CamelCaseEnum<GrantRequestState>),
    ])]
[JsonSerializable(typeof(NoticeData))]
[JsonSerializable(typeof(GoneEndpoint))]
[JsonSerializable(typeof(HeldNotice))]
[JsonSerializable(typeof(IReadOnlyList<NoticeDelivery>))]
[JsonSerializable(typeof(IReadOnlyList<StoredNotice>))]
public sealed partial class NoticeJson : JsonSerializerContext;
