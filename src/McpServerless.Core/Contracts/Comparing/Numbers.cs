using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

/// <summary>Numbers of schemas, calculated with exactly or not at all.</summary>
internal static class Numbers
{
    /// <summary>A decimal holds 28 digits; a longer text would be rounded.</summary>
    private const int MaxExactDigits = 28;

    /// <summary>Null for what is no number, or one beyond exact reckoning.</summary>
    public static decimal? Read(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Number && rule.GetRawText().Length <= MaxExactDigits && rule.TryGetDecimal(out var number) ? number : null;

    /// <summary>Whether every multiple of one is a multiple of the other; false also where that cannot be reckoned.</summary>
    public static bool IsMultiple(decimal number, decimal of)
    {
        try
        {
            return of != 0 && number % of == 0;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    public static Kinds KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Kinds.Null,
        JsonValueKind.True or JsonValueKind.False => Kinds.Boolean,
        JsonValueKind.Object => Kinds.Object,
        JsonValueKind.Array => Kinds.Array,
        JsonValueKind.String => Kinds.String,
        _ => Read(value) is not { } number ? Kinds.Number : decimal.IsInteger(number) ? Kinds.Integer : Kinds.Fraction,
    };
}

/// <summary>Kinds of JSON values. Integers and the other numbers are disjoint here, so that sets of kinds can be compared.</summary>
[Flags]
internal enum Kinds
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    String = 16,
    Integer = 32,
    Fraction = 64,
    Number = Integer | Fraction,
    All = Null | Boolean | Object | Array | String | Number,
}
