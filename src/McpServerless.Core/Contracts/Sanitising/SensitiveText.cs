using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Contracts.Sanitising;

/// <summary>Finds by their form what should not stand in a record: credentials, numbers of cards, accounts and persons, addresses and phones.</summary>
/// <remarks>Where a number has a check digit it has to be right, so that order numbers are not taken for cards. Every pattern runs without backtracking.</remarks>
internal static partial class SensitiveText
{
    /// <summary>Fewer digits than this make no number that is looked for.</summary>
    private const int LeastDigits = 6;

    /// <summary>No credential that is looked for is shorter.</summary>
    private const int LeastCredential = 16;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private static readonly Form[] WithDigits =
    [
        new("[iban]", FieldRule.Mask, Iban(), CheckDigits.IsIban),
        new("[card]", FieldRule.Mask, Card(), CheckDigits.IsCard),
        new("[national number]", FieldRule.Mask, SwissNumber(), CheckDigits.IsSwissNumber),
        new("[national number]", FieldRule.Mask, FrenchNumber(), CheckDigits.IsFrenchNumber),
        new("[national number]", FieldRule.Mask, SpanishNumber(), CheckDigits.IsSpanishNumber),
        new("[national number]", FieldRule.Mask, SwedishNumber(), CheckDigits.IsSwedishNumber),
        new("[national number]", FieldRule.Mask, AmericanNumber(), CheckDigits.IsAmericanNumber),
        new("[national number]", FieldRule.Mask, LetteredNumber(), static _ => true),
        new("[phone]", FieldRule.Hash, Phone(), CheckDigits.IsPhone),
    ];

    private static readonly Form Address = new("[e-mail]", FieldRule.Hash, EMail(), static _ => true);

    /// <summary>What is to be done with a text. The rule is null where parts of it are concealed and the rest may be kept.</summary>
    /// <returns>Null when nothing was found.</returns>
    public static (FieldRule? Rule, string Text)? Inspect(string text)
    {
        var concealed = text;
        // Where a credential begins can be seen, but not always where it ends.
        if (text.Length >= LeastCredential && DefinitionGuards.Secrets().IsMatch(text)) return (FieldRule.Mask, "");
        if (text.Contains('@', StringComparison.Ordinal) && Apply(Address, ref concealed)) return (FieldRule.Hash, "");
        if (HasDigits(text))
        {
            foreach (var form in WithDigits)
            {
                if (Apply(form, ref concealed)) return (form.Rule, "");
            }
        }

        return ReferenceEquals(concealed, text) ? null : (null, concealed);
    }

    /// <summary>Whether a number is one of a card.</summary>
    public static bool IsCard(ReadOnlySpan<byte> number) => number.Length is >= 13 and <= 19 && !number.ContainsAnyExceptInRange((byte)'0', (byte)'9') && CheckDigits.IsCard(Encoding.ASCII.GetString(number));

    /// <summary>True when the whole text is such a thing; else its places are concealed.</summary>
    private static bool Apply(Form form, ref string text)
    {
        var whole = text.Trim().Length;
        var isWhole = false;
        var replaced = form.Pattern.Replace(text, match =>
        {
            if (!form.Check(match.Value)) return match.Value;
            isWhole |= match.Length == whole;
            return form.Placeholder;
        });
        // Replace gives the same instance back where nothing matched, and an equal one where no match passed the check.
        if (replaced != text) text = replaced;
        return isWhole;
    }

    private static bool HasDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (text.IndexOfAny(Digits) is >= 0 and var at)
        {
            if (++count == LeastDigits) return true;
            text = text[(at + 1)..];
        }

        return false;
    }

    [GeneratedRegex(@"[\w.%+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,8}", RegexOptions.NonBacktracking)]
    private static partial Regex EMail();

    [GeneratedRegex(@"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]){11,30}\b", RegexOptions.NonBacktracking)]
    private static partial Regex Iban();

    [GeneratedRegex(@"\b[2-6][0-9]([ -]?[0-9]){11,17}\b", RegexOptions.NonBacktracking)]
    private static partial Regex Card();

    [GeneratedRegex(@"\b756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}\b", RegexOptions.NonBacktracking)]
    private static partial Regex SwissNumber();

    [GeneratedRegex(@"\b[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}\b", RegexOptions.NonBacktracking)]
    private static partial Regex FrenchNumber();

    [GeneratedRegex(@"\b([0-9]{8}|[XYZ]-?[0-9]{7})-?[A-Z]\b", RegexOptions.NonBacktracking)]
    private static partial Regex SpanishNumber();

    [GeneratedRegex(@"\b([0-9]{2})?[0-9]{6}[-+][0-9]{4}\b", RegexOptions.NonBacktracking)]
    private static partial Regex SwedishNumber();

    [GeneratedRegex(@"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", RegexOptions.NonBacktracking)]
    private static partial Regex AmericanNumber();

    /// <summary>The British National Insurance number and the Italian codice fiscale.</summary>
    [GeneratedRegex(@"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b|\b[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]\b", RegexOptions.NonBacktracking)]
    private static partial Regex LetteredNumber();

    /// <summary>With the sign of a country code (ITU-T E.164), or as written in North America.</summary>
    [GeneratedRegex(@"\+[1-9][0-9 ()./-]{6,20}[0-9]|\(?\b[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}\b", RegexOptions.NonBacktracking)]
    private static partial Regex Phone();

    private sealed record Form(string Placeholder, FieldRule Rule, Regex Pattern, Func<string, bool> Check);
}
