using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpServerless.Azure.Contracts;

/// <summary>JSON within rows of drifts.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class WatchJson : JsonSerializerContext;
