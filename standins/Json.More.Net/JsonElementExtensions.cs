using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Json.More;

/// <summary>Conversions between .NET values and JSON, and the equality of JSON Schema (core, section 4.2.2).</summary>
public static class JsonElementExtensions
{
    private static readonly JsonElement True = JsonElement.Parse("true");
    private static readonly JsonElement False = JsonElement.Parse("false");
    private static readonly JsonElement Null = JsonElement.Parse("null");

    public static JsonElement AsJsonElement(this bool value) => value ? True : False;

    public static JsonElement AsJsonElement(this int value) => JsonElement.Parse(value.ToString(CultureInfo.InvariantCulture));

    public static JsonElement AsJsonElement(this string? value) =>
        value is null ? Null : JsonElement.Parse(Print(writer => writer.WriteStringValue(value)).WrittenSpan);

    /// <returns>null for JSON's null, as everywhere with <see cref="JsonNode"/>.</returns>
    public static JsonNode? AsNode(this JsonElement element) => JsonNode.Parse(element.GetRawText());

    /// <summary>The element's JSON without white space between its tokens.</summary>
    public static string ToJsonString(this JsonElement element) => Encoding.UTF8.GetString(Print(element.WriteTo).WrittenSpan);

    /// <summary>Whether both are the same JSON value: numbers by their value, objects in any order of their properties.</summary>
    public static bool IsEquivalentTo(this JsonElement a, JsonElement b) => JsonEquivalence.AreEqual(a, b);

    /// <summary>A hash code that equivalent elements share.</summary>
    /// <param name="element">The value.</param>
    /// <param name="maxHashDepth">How many levels down are looked at; -1 is all of them.</param>
    public static int GetEquivalenceHashCode(this JsonElement element, int maxHashDepth = -1) => JsonEquivalence.Hash(element, maxHashDepth);

    private static ArrayBufferWriter<byte> Print(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        write(writer);
        writer.Flush();
        return buffer;
    }
}
