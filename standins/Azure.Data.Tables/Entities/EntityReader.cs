#nullable enable
using System.Text.Json;

namespace Azure.Data.Tables;

/// <summary>Reads entities straight off the answer's bytes, without a document in between.</summary>
internal static class EntityReader
{
    /// <param name="json">One entity.</param>
    public static T ReadEntity<T>(ReadOnlySpan<byte> json)
        where T : class, ITableEntity
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Read<T>(ref reader);
    }

    /// <param name="json"><c>{"odata.metadata":"...","value":[...]}</c></param>
    public static List<T> ReadPage<T>(ReadOnlySpan<byte> json)
        where T : class, ITableEntity
    {
        var page = new List<T>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isValue = reader.ValueTextEquals("value"u8);
            reader.Read();
            if (!isValue)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                page.Add(Read<T>(ref reader));
        }

        return page;
    }

    /// <summary>From the entity's opening brace to its closing one.</summary>
    private static T Read<T>(ref Utf8JsonReader reader)
        where T : class, ITableEntity
    {
        if (typeof(T) == typeof(TableEntity))
        {
            var table = new TableEntity();
            ReadInto(ref reader, table.Properties);
            return (T)(object)table;
        }

        var entity = Activator.CreateInstance<T>();
        if (entity is IDictionary<string, object?> properties)
            ReadInto(ref reader, properties);
        else
            ReadInto(ref reader, entity, EntityMembers.Of(typeof(T)));
        return entity;
    }

    private static void ReadInto(ref Utf8JsonReader reader, IDictionary<string, object?> properties)
    {
        Dictionary<string, EdmType>? types = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = PropertyNames.Read(ref reader);
            reader.Read();
            if (name.EndsWith("@odata.type", StringComparison.Ordinal))
            {
                var property = name[..^"@odata.type".Length];
                var type = EdmValue.TypeNamed(ref reader);
                // The service writes the type first, but JSON does not bind it to.
                if (properties.TryGetValue(property, out var early) && early is string text)
                    properties[property] = EdmValue.Parse(text, type);
                else
                    (types ??= [])[property] = type;
            }
            else if (name != "odata.metadata")
            {
                var type = EdmType.None;
                if (name == nameof(ITableEntity.Timestamp))
                    type = EdmType.DateTime; // A system property: the service leaves its type out.
                else
                    types?.TryGetValue(name, out type);
                properties[name] = EdmValue.Read(ref reader, type);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadInto(ref Utf8JsonReader reader, object entity, EntityMembers members)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The member's type decides, as in the real package; annotations fall out because no member has such a name.
            var member = members.Writable(PropertyNames.Read(ref reader));
            reader.Read();
            if (member is null)
                reader.Skip();
            else if (EdmValue.TryRead(ref reader, member.Type, out var value))
                member.Write(entity, value);
        }
    }
}
