using System.Buffers;
using System.Globalization;
using System.Text;

namespace McpServerless.Azure.Storage;

/// <summary>Values as parts of partition and row keys, and back.</summary>
/// <remarks>
/// Keys must not hold <c>/ \ # ?</c> or control characters ("Understanding the Table service data model"), and parts are joined with
/// <c>|</c>. Such a character becomes <c>~</c> and the four hexadecimal digits of its UTF-16 code unit. So do the tilde itself and
/// surrogates, half a pair of which would not survive UTF-8. Not the percent sign: a proxy on the way may decode it.
/// </remarks>
internal static class TableKey
{
    private const char Escape = '~';

    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. "/\\#?|~", .. Range('\u0000', '\u001f'), .. Range('\u007f', '\u009f'), .. Range('\ud800', '\udfff')]);

    public static string Of(string part)
    {
        if (part.AsSpan().IndexOfAny(Special) < 0) return part;
        var key = new StringBuilder(part.Length + 16);
        foreach (var c in part)
        {
            if (Special.Contains(c)) key.Append(Escape).Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
            else key.Append(c);
        }

        return key.ToString();
    }

    public static string Of(string first, string second) => $"{Of(first)}|{Of(second)}";

    public static string Of(string first, string second, string third) => $"{Of(first)}|{Of(second)}|{Of(third)}";

    /// <summary>The parts of a key; null when it is not one that this class wrote.</summary>
    public static string[]? Parts(string key)
    {
        var parts = key.Split('|');
        for (var i = 0; i < parts.Length; i++)
        {
            if (Decode(parts[i]) is not { } part) return null;
            parts[i] = part;
        }

        return parts;
    }

    private static string? Decode(string part)
    {
        if (!part.Contains(Escape)) return part;
        var value = new StringBuilder(part.Length);
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] != Escape)
            {
                value.Append(part[i]);
                continue;
            }

            if (i + 4 >= part.Length || !ushort.TryParse(part.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                return null;
            }

            value.Append((char)unit);
            i += 4;
        }

        return value.ToString();
    }

    private static IEnumerable<char> Range(char first, char last)
    {
        for (var c = first; c <= last; c++) yield return c;
    }
}
