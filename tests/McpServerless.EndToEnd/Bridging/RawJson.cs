using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>JSON texts as others write them: numbers that no type holds, names and texts of every kind, any nesting.</summary>
internal static class RawJson
{
    private static readonly Gen<string> Numbers = Gen.Elements(
        "0", "-0", "-0.0", "1.0", "1.50", "1E400", "-1e-400", "1e5", "1E+05", "123456789012345678901234567890", "-99999999999999999999999999999.000", "0.1000000000000000055511151231257827", "9007199254740993");

    private static readonly Gen<string> Words = Gen.Elements(
        "\"\"", "\"plain\"", "\"\\u00e9\"", "\"é\"", "\"\\ud83d\\ude00\"", "\"😀\"", "\"<script>&'+\"", "\"\\\\ \\/ \\n\\r\\t\\b\\f\"", "\"\\u0000\"", "\"\\u2028\u2028\"", "\"data: x\"", "\"\\\"\"", "\"Zürich\"");

    private static readonly Gen<string> Names = Gen.Elements("x-a", "x-é", "x-\\u0061b", "x- ", "x-😀", "x-\\\"", "x-type", "x-resultType", "x-n/m", "x-~", "x-$ref", "X-A", "x-\\n");

    private static readonly Gen<string> Plain = Gen.OneOf(Numbers, Words, Gen.Elements("null", "true", "false", "[]", "{}", "[ ]", "{ }"));

    /// <summary>A value of any kind.</summary>
    public static Gen<string> Values { get; } = ValuesTo(3);

    /// <summary>Members of an object, each before a comma, with names that the protocol does not know.</summary>
    public static Gen<string> Members { get; } = MembersOf(Values, "");

    /// <summary>The same as keys of a vendor in <c>_meta</c>.</summary>
    public static Gen<string> MetaMembers { get; } = MembersOf(Values, "vendor.example/");

    /// <summary>One of each.</summary>
    public static Gen<(string Members, string Meta, string Value)> Samples { get; } =
        from members in Members
        from meta in MetaMembers
        from value in Values
        select (members, meta, value);

    /// <summary>A value's meaning: kinds, order, texts, and numbers by their digits.</summary>
    public static string Meaning(JsonElement value)
    {
        var text = new StringBuilder();
        Append(value, text);
        return text.ToString();
    }

    public static string Meaning(string json) => Meaning(JsonDocument.Parse(json).RootElement);

    private static Gen<string> ValuesTo(int depth) => depth == 0
        ? Plain
        : Gen.Frequency(
            (3, Plain),
            (1, Gen.ArrayOf(ValuesTo(depth - 1), 3).Select(items => $"[{string.Join(" , ", items)}]")),
            (1, MembersOf(ValuesTo(depth - 1), "").Select(members => $"{{{members.TrimEnd(',')}}}")));

    private static Gen<string> MembersOf(Gen<string> values, string prefix) =>
        from count in Gen.Choose(0, 4)
        from members in Gen.ArrayOf(Gen.Zip(Names, values), count)
        select string.Concat(members.DistinctBy(m => Unescaped(m.Item1), StringComparer.Ordinal).Select(m => string.Create(CultureInfo.InvariantCulture, $"\"{prefix}{m.Item1}\" : {m.Item2},")));

    private static string Unescaped(string name) => JsonDocument.Parse($"\"{name}\"").RootElement.GetString()!;

    private static void Append(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var member in value.EnumerateObject())
                {
                    text.Append(JsonEncodedText.Encode(member.Name)).Append('=');
                    Append(member.Value, text);
                    text.Append(';');
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    Append(item, text);
                    text.Append(';');
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                text.Append('"').Append(JsonEncodedText.Encode(value.GetString()!)).Append('"');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }
}
