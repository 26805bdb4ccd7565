using System.Text.Json.Serialization;

namespace Json.More;

/// <summary>The base that JsonSchema.Net's own converters derive from.</summary>
public abstract class WeaklyTypedJsonConverter<T> : JsonConverter<T>;
