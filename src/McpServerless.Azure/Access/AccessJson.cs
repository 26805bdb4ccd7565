using System.Text.Json;
using System.Text.Json.Serialization;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Azure.Budgets;

namespace McpServerless.Azure.Access;

/// <summary>JSON within rows of clients and grants.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<ClientStateChange>))]
[JsonSerializable(typeof(IReadOnlyList<ArgumentConstraint>))]
[JsonSerializable(typeof(GrantContext))]
[JsonSerializable(typeof(GrantRequest))]
[JsonSerializable(typeof(IReadOnlyList<BudgetLimitRow>))]
internal sealed partial class AccessJson : JsonSerializerContext;
