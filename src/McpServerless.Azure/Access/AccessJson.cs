using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpServerless.Azure.Access;

/// <summary>JSON within rows of clients and grants.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class AccessJson : JsonSerializerContext;
