using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace McpServerless.Audit.Shapes;

/// <summary>What stood at one place of the arguments, over all values that stood there.</summary>
public sealed record ShapePlace
{
    /// <summary>JSON Schema's names: <c>null</c>, <c>boolean</c>, <c>integer</c> (also 1.0), <c>number</c> (with a fraction), <c>string</c>, <c>array</c>, <c>object</c>. A number of too many digits to tell has both of its names.</summary>
    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>How many values stood here: more than one only below an array.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Lengths of the strings, in characters as JSON Schema counts them (Unicode code points); null where none was seen or it may not be told.</summary>
    public Extent? Length { get; init; }

    /// <summary>How many items the arrays had.</summary>
    public Extent? Items { get; init; }

    /// <summary>How many members the objects had.</summary>
    public Extent? Members { get; init; }

    /// <summary>Between which round numbers (1, 2 and 5 times powers of ten) the numbers lay.</summary>
    public NumberRange? Range { get; init; }

    /// <summary>True when not all that stood below this place is listed and measured: it was too much, or the value is withheld.</summary>
    public bool IsCut { get; init; }

    internal static ShapePlace? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || TypesOf(JsonMembers.Member(json, "type")) is not { Count: > 0 } types) return null;
        var count = JsonMembers.Member(json, "count");
        return new ShapePlace
        {
            Types = types,
            Count = count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var number) ? number : 1,
            Length = Extent.Read(JsonMembers.Member(json, "length")),
            Items = Extent.Read(JsonMembers.Member(json, "items")),
            Members = Extent.Read(JsonMembers.Member(json, "members")),
            Range = NumberRange.Read(JsonMembers.Member(json, "range")),
            IsCut = JsonMembers.Member(json, "cut").ValueKind == JsonValueKind.True,
        };
    }

    /// <summary>Members stand in canonical order.</summary>
    internal void WriteTo(IBufferWriter<byte> to)
    {
        to.Write("{"u8);
        if (Count != 1) Write(to, $"\"count\":{Count},");
        if (IsCut) to.Write("\"cut\":true,"u8);
        if (Items is { } items) Write(to, $"\"items\":{items},");
        if (Length is { } length) Write(to, $"\"length\":{length},");
        if (Members is { } members) Write(to, $"\"members\":{members},");
        if (Range is { } range) Write(to, $"\"range\":{range},");
        to.Write("\"type\":"u8);
        if (Types.Count != 1) to.Write("["u8);
        for (var i = 0; i < Types.Count; i++)
        {
            if (i > 0) to.Write(","u8);
            CanonicalJson.WriteString(to, Types[i]);
        }

        if (Types.Count != 1) to.Write("]"u8);
        to.Write("}"u8);
    }

    private static List<string>? TypesOf(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => [type.GetString()!],
        JsonValueKind.Array when type.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String) => [.. type.EnumerateArray().Select(t => t.GetString()!)],
        _ => null,
    };

    private static void Write(IBufferWriter<byte> to, FormattableString text) => Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture).AsSpan(), to);
}

/// <summary>The least and the most of something. Written as one number where they are the same, else as a pair.</summary>
public readonly record struct Extent(long Min, long Max)
{
    public Extent With(long other) => new(Math.Min(Min, other), Math.Max(Max, other));

    public override string ToString() => Min == Max
        ? Min.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"[{Min},{Max}]");

    internal static Extent? Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var one)) return new Extent(one, one);
        return json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 2
            && json[0].ValueKind == JsonValueKind.Number && json[0].TryGetInt64(out var min)
            && json[1].ValueKind == JsonValueKind.Number && json[1].TryGetInt64(out var max)
                ? new Extent(min, max)
                : null;
    }
}
