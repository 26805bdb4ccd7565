using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Json.More;

/// <summary>A JSON number in its one shortest form: 1, 1.0 and 10e-1 are digits "1", exponent 0.</summary>
/// <remarks>Works on the text, so that numbers beyond <see cref="decimal"/> and <see cref="double"/> compare exactly.</remarks>
internal readonly record struct JsonNumber(bool Negative, string Digits, BigInteger Exponent)
{
    public static JsonNumber Read(JsonElement number)
    {
        var text = number.GetRawText();
        var negative = text[0] == '-';
        var mantissaEnd = text.AsSpan().IndexOfAny('e', 'E') is var e and >= 0 ? e : text.Length;
        var mantissa = text[(negative ? 1 : 0)..mantissaEnd];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);

        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var significant = digits.TrimEnd('0');
        // Zero has neither sign nor exponent.
        if (significant.Length == 0) return new JsonNumber(false, "", 0);

        var exponent = mantissaEnd == text.Length
            ? BigInteger.Zero
            : BigInteger.Parse(text.AsSpan(mantissaEnd + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var decimals = point < 0 ? 0 : mantissa.Length - point - 1;
        return new JsonNumber(negative, significant, exponent - decimals + (digits.Length - significant.Length));
    }
}
