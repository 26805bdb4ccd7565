using System.Text.Json;
using System.Text.Json.Serialization;
using McpServerless.Azure.Budgets;

namespace McpServerless.Azure.Access;

/// <summary>JSON within rows of clients and grants.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<BudgetLimitRow>))]
internal sealed partial class AccessJson : JsonSerializerContext;
