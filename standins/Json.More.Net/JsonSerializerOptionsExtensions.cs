using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Json.More;

/// <summary>Reads and writes inside a converter without reflection: a converter of the caller's options, or else the given one.</summary>
public static class JsonSerializerOptionsExtensions
{
    public static T? Read<T>(this JsonSerializerOptions options, ref Utf8JsonReader reader, JsonTypeInfo<T> typeInfo) =>
        Converter(options, typeInfo).Read(ref reader, typeof(T), options);

    public static void Write<T>(this JsonSerializerOptions options, Utf8JsonWriter writer, T value, JsonTypeInfo<T> typeInfo) =>
        Converter(options, typeInfo).Write(writer, value, options);

    public static void Write(this JsonSerializerOptions options, Utf8JsonWriter writer, object? value, Type inputType) =>
        JsonSerializer.Serialize(writer, value, options.GetTypeInfo(inputType));

    public static void WriteList<T>(
        this JsonSerializerOptions options, Utf8JsonWriter writer, IEnumerable<T>? values, JsonTypeInfo<T> typeInfo)
    {
        if (values is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartArray();
        foreach (var value in values) options.Write(writer, value, typeInfo);
        writer.WriteEndArray();
    }

    public static void WriteDictionary<T>(
        this JsonSerializerOptions options, Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, T>>? values, JsonTypeInfo<T> valueTypeInfo)
    {
        if (values is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        foreach (var (name, value) in values)
        {
            writer.WritePropertyName(name);
            options.Write(writer, value, valueTypeInfo);
        }

        writer.WriteEndObject();
    }

    private static JsonConverter<T> Converter<T>(JsonSerializerOptions options, JsonTypeInfo<T> typeInfo) =>
        options.Converters.OfType<JsonConverter<T>>().FirstOrDefault() ?? (JsonConverter<T>)typeInfo.Converter;
}
