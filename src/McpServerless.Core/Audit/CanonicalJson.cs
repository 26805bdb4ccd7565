using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace McpServerless.Audit;

/// <summary>JSON Canonicalization Scheme (RFC 8785): one spelling for each value, so that hashes compare values.</summary>
/// <remarks>
/// Integers that a binary64 does not hold, fractions of more than 17 digits and numbers beyond its range keep their own text instead of being
/// rounded as section 3.2.2.3 would: two different arguments must not have one digest. For what I-JSON allows (RFC 7493, section 2.2) the
/// result is the standard's.
/// </remarks>
public static class CanonicalJson
{
    /// <summary>The canonical text.</summary>
    public static string Write(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    /// <summary>SHA-256 over the canonical text's UTF-8, lower-case hexadecimal.</summary>
    public static string Hash(JsonElement value) => Hash(Write(value));

    /// <summary>SHA-256 over a text's UTF-8, lower-case hexadecimal.</summary>
    public static string Hash(string text)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = size > 4096 ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> bytes = rented ?? stackalloc byte[4096];
        var length = Encoding.UTF8.GetBytes(text, bytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return Convert.ToHexStringLower(hash);
    }

    public static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    if (!first) text.Append(',');
                    first = false;
                    Append(text, item);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString());
                break;
            case JsonValueKind.Number:
                AppendNumber(text, value);
                break;
            default:
                text.Append(value.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => "null" });
                break;
        }
    }

    /// <summary>A string with the escapes of section 3.2.2.2 and no others.</summary>
    public static void AppendString(StringBuilder text, ReadOnlySpan<char> value)
    {
        text.Append('"');
        while (value.IndexOfAny(Escaped) is >= 0 and var at)
        {
            text.Append(value[..at]);
            var c = value[at];
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
            value = value[(at + 1)..];
        }

        text.Append(value).Append('"');
    }

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create(string.Create(34, 0, (span, _) =>
        {
            for (var i = 0; i < 32; i++) span[i] = (char)i;
            span[32] = '"';
            span[33] = '\\';
        }));

    /// <summary>An object's members in canonical order: by UTF-16 code units (section 3.2.3), which is what ordinal comparison does.</summary>
    internal static JsonProperty[] SortedMembers(JsonElement value)
    {
        var members = new JsonProperty[value.GetPropertyCount()];
        var count = 0;
        foreach (var member in value.EnumerateObject()) members[count++] = member;
        if (count > 1) Array.Sort(members, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return members;
    }

    private static void AppendObject(StringBuilder text, JsonElement value)
    {
        var members = SortedMembers(value);
        text.Append('{');
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0) text.Append(',');
            AppendString(text, members[i].Name);
            text.Append(':');
            Append(text, members[i].Value);
        }

        text.Append('}');
    }

    private static void AppendNumber(StringBuilder text, JsonElement value)
    {
        var raw = value.GetRawText();
        if (raw.Length <= 15 && !raw.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            text.Append(raw == "-0" ? "0" : raw);
            return;
        }

        var number = value.GetDouble();
        if (!double.IsFinite(number) || !IsExact(raw, number)) text.Append(raw);
        else AppendEcmaScript(text, number);
    }

    /// <summary>Whether the binary64 stands for the number: for a fraction to its 17 digits, for an integer exactly.</summary>
    private static bool IsExact(string raw, double number)
    {
        var own = Decimal(raw);
        var isInteger = own.Exponent >= own.Digits.Length;
        return (!isInteger && own.Digits.Length <= 17) || own == Decimal(number.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>Sign, digits without leading or trailing zeros, and the exponent of the first digit: equal for equal numbers.</summary>
    private static (bool Negative, string Digits, int Exponent) Decimal(ReadOnlySpan<char> text)
    {
        var negative = text[0] == '-';
        if (negative) text = text[1..];
        var e = text.IndexOfAny('e', 'E');
        var exponent = 0L;
        if (e >= 0)
        {
            if (!long.TryParse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)) exponent = int.MaxValue;
            text = text[..e];
        }

        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var digits = string.Concat(whole, point < 0 ? [] : text[(point + 1)..]);
        var trimmed = digits.TrimStart('0');
        exponent += whole.Length - (digits.Length - trimmed.Length);
        trimmed = trimmed.TrimEnd('0');
        return trimmed.Length == 0 ? (false, "", 0) : (negative, trimmed, (int)Math.Clamp(exponent, int.MinValue, int.MaxValue));
    }

    /// <summary>ECMAScript's Number::toString, which section 3.2.2.3 names.</summary>
    private static void AppendEcmaScript(StringBuilder text, double number)
    {
        if (number == 0)
        {
            text.Append('0');
            return;
        }

        var (negative, digits, exponent) = Decimal(number.ToString("R", CultureInfo.InvariantCulture));
        if (negative) text.Append('-');
        switch (exponent)
        {
            case > 0 and <= 21 when digits.Length <= exponent:
                text.Append(digits).Append('0', exponent - digits.Length);
                break;
            case > 0 and <= 21:
                text.Append(digits.AsSpan(0, exponent)).Append('.').Append(digits.AsSpan(exponent));
                break;
            case > -6 and <= 0:
                text.Append("0.").Append('0', -exponent).Append(digits);
                break;
            default:
                text.Append(digits[0]);
                if (digits.Length > 1) text.Append('.').Append(digits.AsSpan(1));
                text.Append('e').Append(exponent > 0 ? '+' : '-').Append(Math.Abs(exponent - 1));
                break;
        }
    }
}
