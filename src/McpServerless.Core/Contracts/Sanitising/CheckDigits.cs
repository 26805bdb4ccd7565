using System.Globalization;

namespace McpServerless.Contracts.Sanitising;

/// <summary>Whether a number of the right form is one: by its prefix, its length and its check digits.</summary>
internal static class CheckDigits
{
    private const string SpanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

    /// <summary>A prefix that an issuer of cards has, with a length that it uses, and the check of ISO/IEC 7812-1 (annex B).</summary>
    public static bool IsCard(string text)
    {
        var digits = DigitsOf(text);
        return HasCardPrefix(digits) && Luhn(digits);
    }

    /// <summary>ISO 13616-1 and ISO 7064, MOD 97-10.</summary>
    public static bool IsIban(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal);
        if (plain.Length is < 15 or > 34) return false;
        var rest = 0;
        foreach (var c in string.Concat(plain.AsSpan(4), plain.AsSpan(0, 4)))
        {
            var value = char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10;
            rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
        }

        return rest == 1;
    }

    /// <summary>The Swiss AHV number has the check digit of EAN-13.</summary>
    public static bool IsSwissNumber(string text)
    {
        var digits = DigitsOf(text);
        var sum = 0;
        for (var i = 0; i < 12; i++) sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
        return (10 - (sum % 10)) % 10 == digits[12] - '0';
    }

    /// <summary>The French NIR: 97 less the number modulo 97; Corsica's 2A and 2B stand for 19 and 18.</summary>
    public static bool IsFrenchNumber(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal).Replace("2A", "19", StringComparison.Ordinal).Replace("2B", "18", StringComparison.Ordinal);
        return long.TryParse(plain.AsSpan(0, 13), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && 97 - (number % 97) == int.Parse(plain.AsSpan(13), CultureInfo.InvariantCulture);
    }

    /// <summary>The Spanish DNI and NIE: the letter stands for the number modulo 23.</summary>
    public static bool IsSpanishNumber(string text)
    {
        var plain = text.Replace("-", "", StringComparison.Ordinal);
        var number = plain[0] is >= 'X' and <= 'Z' ? $"{plain[0] - 'X'}{plain[1..^1]}" : plain[..^1];
        return SpanishLetters[int.Parse(number, CultureInfo.InvariantCulture) % 23] == plain[^1];
    }

    /// <summary>The Swedish personnummer: a day, with the check of Luhn over its last ten digits.</summary>
    public static bool IsSwedishNumber(string text)
    {
        var digits = DigitsOf(text)[^10..];
        return int.Parse(digits.AsSpan(2, 2), CultureInfo.InvariantCulture) is >= 1 and <= 12 && Luhn(digits);
    }

    /// <summary>The American social security number has areas, groups and serials that are never given.</summary>
    public static bool IsAmericanNumber(string text) =>
        text[..3] is not ("000" or "666") && text[0] != '9' && text[4..6] != "00" && text[7..] != "0000";

    /// <summary>ITU-T E.164: up to 15 digits.</summary>
    public static bool IsPhone(string text) => text.Count(char.IsAsciiDigit) is >= 8 and <= 15;

    private static bool HasCardPrefix(string digits)
    {
        if (digits.Length is < 13 or > 19) return false;
        var two = int.Parse(digits.AsSpan(0, 2), CultureInfo.InvariantCulture);
        var four = int.Parse(digits.AsSpan(0, 4), CultureInfo.InvariantCulture);
        return digits.Length switch
        {
            13 => two / 10 == 4,
            14 => two is 36 or 38 or 39 || four / 10 is >= 300 and <= 305,
            15 => two is 34 or 37,
            16 => two / 10 == 4 || two is (>= 50 and <= 58) or 62 or 63 or 65 or 67 || four is (>= 2221 and <= 2720) or (>= 3528 and <= 3589) or 6011 or (>= 6440 and <= 6499),
            _ => two is 62 or 65 or 50 or (>= 56 and <= 58) or 63 or 67 || four == 6011 || (digits.Length == 19 && two / 10 == 4),
        };
    }

    private static bool Luhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 1) digit = digit * 2 > 9 ? (digit * 2) - 9 : digit * 2;
            sum += digit;
        }

        return sum % 10 == 0;
    }

    private static string DigitsOf(string text) => string.Concat(text.Where(char.IsAsciiDigit));
}
