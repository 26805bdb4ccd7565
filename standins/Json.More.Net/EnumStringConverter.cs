using System.ComponentModel;
using System.Reflection;
using System.Text.Json;

namespace Json.More;

/// <summary>Writes an enum's member by its <see cref="DescriptionAttribute"/>, or its name; a set of flags as an array of those.</summary>
public sealed class EnumStringConverter<T> : WeaklyTypedJsonConverter<T>
    where T : struct, Enum
{
    private static readonly (string Name, T Value)[] Members =
    [
        .. typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field =>
            (field.GetCustomAttribute<DescriptionAttribute>()?.Description ?? field.Name, (T)field.GetValue(null)!)),
    ];

    private static readonly bool IsFlags = typeof(T).IsDefined(typeof(FlagsAttribute));

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (!IsFlags || reader.TokenType != JsonTokenType.StartArray) return ReadMember(ref reader);

        var flags = 0L;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) flags |= ToInt64(ReadMember(ref reader));
        return (T)Enum.ToObject(typeof(T), flags);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var whole = Members.FirstOrDefault(member => member.Value.Equals(value)).Name;
        if (whole is not null)
        {
            writer.WriteStringValue(whole);
            return;
        }

        if (!IsFlags) throw new JsonException($"{value} is not a member of {typeof(T).Name}.");
        writer.WriteStartArray();
        foreach (var (name, member) in Members)
        {
            if (ToInt64(member) != 0 && value.HasFlag(member)) writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private static T ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String) throw new JsonException("A string was expected.");
        var name = reader.GetString();
        foreach (var member in Members)
        {
            if (member.Name == name) return member.Value;
        }

        throw new JsonException($"'{name}' is not a member of {typeof(T).Name}.");
    }

    private static long ToInt64(T value) => Convert.ToInt64(value, null);
}
