using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using McpServerless.Catalogue;

namespace McpServerless.Azure.Catalogue;

/// <summary>JSON within rows of the catalogue.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, Converters = [typeof(EnumText<ClientRequestKind>)])]
[JsonSerializable(typeof(UpstreamRow))]
[JsonSerializable(typeof(ContractRow))]
[JsonSerializable(typeof(ServerRow))]
internal sealed partial class CatalogueJson : JsonSerializerContext
{
    public static CatalogueJson Rows { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Strict)
    {
        // The text is never within HTML, and a definition in another script would else take six times its room.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,

        // A definition was admitted with limits of its own, and lies one level deeper here.
        MaxDepth = 512,
        Converters = { new EnumText<ClientRequestKind>() },
    });
}

/// <summary>A value exactly as it was written: member order, spelling of numbers and strings, repeated members.</summary>
internal sealed class RawJson : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
}

/// <summary>An enum by the names of its members; a number could stand for one that does not exist.</summary>
internal sealed class EnumText<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
