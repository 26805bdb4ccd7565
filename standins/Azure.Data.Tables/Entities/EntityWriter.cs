#nullable enable
using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Azure.Data.Tables;

/// <summary>Writes an entity as JSON with the EDM type beside each value that JSON alone would not tell.</summary>
internal static class EntityWriter
{
    private static readonly JsonWriterOptions Options = new()
    {
        // The default escapes: the emulator decodes a large body piece by piece, and so damages characters of more than one byte.
        Encoder = JavaScriptEncoder.Default,
        SkipValidation = true,
    };

    /// <exception cref="NotSupportedException">A property has a type that the service cannot store.</exception>
    /// <exception cref="ArgumentException">A property is infinite, which the package cannot write although the service could store it.</exception>
    public static void Write(IBufferWriter<byte> output, ITableEntity entity)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        switch (entity)
        {
            // The concrete dictionary first: its enumerator is a struct.
            case TableEntity table:
                foreach (var (name, value) in table.Properties)
                    Write(json, name, value);
                break;
            case IDictionary<string, object> properties:
                foreach (var (name, value) in properties)
                    Write(json, name, value);
                break;
            default:
                foreach (var member in EntityMembers.Of(entity.GetType()).Readable)
                    Write(json, member.Name, member.Read(entity));
                break;
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        // The service sets these itself.
        if (name is TableEntity.ETagKey or nameof(ITableEntity.Timestamp))
            return;
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case string text:
                json.WriteString(name, text);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                Annotate(json, name, "Edm.Int64"u8);
                json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
                break;
            case ulong number:
                Annotate(json, name, "Edm.Int64"u8);
                json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                // Without the type a whole double would be stored as Int32.
                Annotate(json, name, "Edm.Double"u8);
                if (double.IsNaN(number))
                    json.WriteString(name, "NaN"u8);
                else
                    json.WriteNumber(name, number); // Throws for an infinite one.
                break;
            case Guid id:
                Annotate(json, name, "Edm.Guid"u8);
                json.WriteString(name, id);
                break;
            case DateTimeOffset time:
                Annotate(json, name, "Edm.DateTime"u8);
                json.WriteString(name, time.ToUniversalTime().ToString(ODataFilter.TimeFormat, CultureInfo.InvariantCulture));
                break;
            case DateTime { Kind: DateTimeKind.Utc } time:
                Annotate(json, name, "Edm.DateTime"u8);
                json.WriteString(name, time.ToString(ODataFilter.TimeFormat, CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                throw new NotSupportedException($"Property '{name}' holds a {time.Kind} DateTime; only DateTimeKind.Utc can be stored.");
            case byte[] bytes:
                Annotate(json, name, "Edm.Binary"u8);
                json.WriteBase64String(name, bytes);
                break;
            case BinaryData binary:
                Annotate(json, name, "Edm.Binary"u8);
                json.WriteBase64String(name, binary.ToMemory().Span);
                break;
            default:
                throw new NotSupportedException($"Property '{name}' holds a {value.GetType()}, which Table Storage has no type for.");
        }
    }

    private static void Annotate(Utf8JsonWriter json, string name, ReadOnlySpan<byte> type) => json.WriteString(name + "@odata.type", type);
}
