#nullable enable
using System.Globalization;
using System.Text.Json;

namespace Azure.Data.Tables;

/// <summary>The types that need an annotation; the others show in the JSON.</summary>
internal enum EdmType
{
    None,
    Binary,
    DateTime,
    Double,
    Guid,
    Int64,
}

/// <summary>One property's value: from JSON to the .NET type that its EDM type, or the member that takes it, asks for.</summary>
internal static class EdmValue
{
    /// <exception cref="NotSupportedException">Another type than these five: those that show in the JSON are not annotated.</exception>
    public static EdmType TypeNamed(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("Edm.Int64"u8))
            return EdmType.Int64;
        if (reader.ValueTextEquals("Edm.DateTime"u8))
            return EdmType.DateTime;
        if (reader.ValueTextEquals("Edm.Guid"u8))
            return EdmType.Guid;
        if (reader.ValueTextEquals("Edm.Binary"u8))
            return EdmType.Binary;
        return reader.ValueTextEquals("Edm.Double"u8)
            ? EdmType.Double
            : throw new NotSupportedException($"The service answered with the type {reader.GetString()}.");
    }

    public static object? Read(ref Utf8JsonReader reader, EdmType type) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        JsonTokenType.Number => Number(ref reader, type),
        JsonTokenType.String when type == EdmType.Binary => reader.GetBytesFromBase64(),
        JsonTokenType.String when type == EdmType.DateTime => Time(ref reader),
        JsonTokenType.String => Parse(reader.GetString()!, type), // A string token has a string.
        _ => throw new JsonException("A property of an entity is a single value."),
    };

    public static object Parse(string text, EdmType type) => type switch
    {
        EdmType.Binary => Convert.FromBase64String(text),
        EdmType.DateTime => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        EdmType.Double => double.Parse(text, CultureInfo.InvariantCulture),
        EdmType.Guid => Guid.Parse(text),
        EdmType.Int64 => long.Parse(text, CultureInfo.InvariantCulture),
        _ => text,
    };

    /// <returns>False for what the type cannot hold and the real package passes over: an enum member that is not there.</returns>
    public static bool TryRead(ref Utf8JsonReader reader, Type type, out object? value)
    {
        value = null;
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (type == typeof(string))
            value = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        else if (type == typeof(bool))
            value = reader.GetBoolean();
        else if (type == typeof(int))
            value = reader.GetInt32();
        else if (type == typeof(long))
            value = reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : long.Parse(reader.GetString()!, CultureInfo.InvariantCulture);
        else if (type == typeof(ulong))
            value = reader.TokenType == JsonTokenType.Number ? reader.GetUInt64() : ulong.Parse(reader.GetString()!, CultureInfo.InvariantCulture);
        else if (type == typeof(double))
            value = reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : double.Parse(reader.GetString()!, CultureInfo.InvariantCulture);
        else if (type == typeof(Guid))
            value = Guid.Parse(reader.GetString()!);
        else if (type == typeof(DateTimeOffset))
            value = Time(ref reader);
        else if (type == typeof(DateTime))
            value = Time(ref reader).UtcDateTime;
        else if (type == typeof(byte[]))
            value = reader.GetBytesFromBase64();
        else if (type == typeof(BinaryData))
            value = new BinaryData(reader.GetBytesFromBase64());
        else if (type == typeof(ETag))
            value = new ETag(reader.GetString()!);
        else if (type.IsEnum)
            return Enum.TryParse(type, reader.GetString(), out value) && Enum.IsDefined(type, value!); // Parsed, so not null.
        return true;
    }

    private static object Number(ref Utf8JsonReader reader, EdmType type)
    {
        if (type == EdmType.Double)
            return reader.GetDouble();
        if (type != EdmType.Int64 && reader.TryGetInt32(out var small))
            return small;
        // A whole double comes as 3.0, which is no integer to the reader.
        return reader.TryGetInt64(out var large) ? (object)large : reader.GetDouble();
    }

    private static DateTimeOffset Time(ref Utf8JsonReader reader) =>
        reader.TryGetDateTimeOffset(out var time)
            ? time
            : DateTimeOffset.Parse(reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
