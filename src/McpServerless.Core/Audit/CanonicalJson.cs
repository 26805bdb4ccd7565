using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
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
        using var json = new PooledBytes();
        Write(json, value);
        return Encoding.UTF8.GetString(json.Memory.Span);
    }

    /// <summary>SHA-256 over the canonical text, lower-case hexadecimal.</summary>
    public static string Hash(JsonElement value)
    {
        using var json = new PooledBytes();
        Write(json, value);
        return Hash(json.Memory.Span);
    }

    /// <summary>SHA-256 over a text that is canonical already, lower-case hexadecimal.</summary>
    public static string Hash(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Writes the canonical text in UTF-8, as the standard wants it (section 3.2.4).</summary>
    public static void Write(IBufferWriter<byte> to, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(to, value);
                break;
            case JsonValueKind.Array:
                to.Write("["u8);
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    if (!first) to.Write(","u8);
                    first = false;
                    Write(to, item);
                }

                to.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(to, value);
                break;
            case JsonValueKind.Number:
                WriteNumber(to, JsonMarshal.GetRawUtf8Value(value));
                break;
            default:
                to.Write(value.ValueKind switch { JsonValueKind.True => "true"u8, JsonValueKind.False => "false"u8, _ => "null"u8 });
                break;
        }
    }

    /// <summary>A string with the escapes of section 3.2.2.2 and no others.</summary>
    public static void WriteString(IBufferWriter<byte> to, ReadOnlySpan<char> value)
    {
        to.Write("\""u8);
        while (value.IndexOfAny(Escaped) is >= 0 and var at)
        {
            Encoding.UTF8.GetBytes(value[..at], to);
            to.Write(value[at] switch
            {
                '"' => "\\\""u8,
                '\\' => "\\\\"u8,
                '\b' => "\\b"u8,
                '\t' => "\\t"u8,
                '\n' => "\\n"u8,
                '\f' => "\\f"u8,
                '\r' => "\\r"u8,
                var c => Encoding.UTF8.GetBytes($"\\u{(int)c:x4}"),
            });
            value = value[(at + 1)..];
        }

        Encoding.UTF8.GetBytes(value, to);
        to.Write("\""u8);
    }

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create(string.Create(34, 0, (span, _) =>
        {
            for (var i = 0; i < 32; i++) span[i] = (char)i;
            span[32] = '"';
            span[33] = '\\';
        }));

    /// <summary>An object's members in canonical order: by UTF-16 code units (section 3.2.3), which is what ordinal comparison does.</summary>
    internal static (string Name, JsonElement Value)[] SortedMembers(JsonElement value)
    {
        var members = new (string Name, JsonElement Value)[value.GetPropertyCount()];
        var count = 0;
        foreach (var member in value.EnumerateObject()) members[count++] = (member.Name, member.Value);
        if (count > 1) Array.Sort(members, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return members;
    }

    private static void WriteObject(IBufferWriter<byte> to, JsonElement value)
    {
        to.Write("{"u8);
        var first = true;
        foreach (var (name, member) in SortedMembers(value))
        {
            if (!first) to.Write(","u8);
            first = false;
            WriteString(to, name);
            to.Write(":"u8);
            Write(to, member);
        }

        to.Write("}"u8);
    }

    /// <summary>A string without an escape has its canonical spelling already: JSON lets nothing stand bare that would need one.</summary>
    private static void WriteString(IBufferWriter<byte> to, JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (Ascii.IsValid(raw) && !raw.Contains((byte)'\\')) to.Write(raw);
        else WriteString(to, value.GetString());
    }

    private static void WriteNumber(IBufferWriter<byte> to, ReadOnlySpan<byte> raw)
    {
        if (raw.Length <= 15 && !raw.ContainsAny((byte)'.', (byte)'e', (byte)'E'))
        {
            to.Write(raw.SequenceEqual("-0"u8) ? "0"u8 : raw);
            return;
        }

        var text = Encoding.ASCII.GetString(raw);
        var number = double.Parse(text, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number) || !IsExact(text, number)) to.Write(raw);
        else Encoding.ASCII.GetBytes(EcmaScript(number), to);
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
    private static string EcmaScript(double number)
    {
        if (number == 0) return "0";
        var (negative, digits, exponent) = Decimal(number.ToString("R", CultureInfo.InvariantCulture));
        var text = exponent switch
        {
            > 0 and <= 21 when digits.Length <= exponent => digits.PadRight(exponent, '0'),
            > 0 and <= 21 => digits.Insert(exponent, "."),
            > -6 and <= 0 => "0." + new string('0', -exponent) + digits,
            _ => string.Create(CultureInfo.InvariantCulture, $"{(digits.Length > 1 ? digits.Insert(1, ".") : digits)}e{(exponent > 0 ? '+' : '-')}{Math.Abs(exponent - 1)}"),
        };
        return negative ? "-" + text : text;
    }
}
