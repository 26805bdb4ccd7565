namespace McpServerless.Contracts.Sanitising;

/// <summary>What the name of a field says of its value, where no rule does.</summary>
internal static class SensitiveNames
{
    private static readonly string[] Secrets =
        ["password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "credential", "authorization", "cookie", "cardnumber", "cvv", "cvc", "ssn", "iban", "pin"];

    private static readonly string[] Numbers =
        ["pan", "creditcard", "socialsecuritynumber", "nationalid", "nationalidnumber", "nationalnumber", "taxid", "taxnumber", "passportnumber", "personnummer", "ahvnumber", "nino"];

    private static readonly string[] Persons =
        ["email", "emailaddress", "mail", "phone", "phonenumber", "mobile", "mobilenumber", "telephone", "tel", "fax", "faxnumber", "msisdn"];

    /// <summary>Whether a name speaks of a secret.</summary>
    public static bool IsSecret(string name)
    {
        Span<char> plain = stackalloc char[Math.Min(name.Length, 128)];
        return EndsWithOne(Plain(name, plain), Secrets);
    }

    /// <summary>Mask for secrets and numbers of cards and persons, hash for addresses and phones; null for any other name.</summary>
    public static FieldRule? RuleOf(string name)
    {
        Span<char> letters = stackalloc char[Math.Min(name.Length, 128)];
        var plain = Plain(name, letters);
        return EndsWithOne(plain, Secrets) || EndsWithOne(plain, Numbers) ? FieldRule.Mask
            : EndsWithOne(plain, Persons) ? FieldRule.Hash
            : null;
    }

    private static ReadOnlySpan<char> Plain(string name, Span<char> plain)
    {
        var length = 0;
        foreach (var c in name)
        {
            if (length == plain.Length) break;
            if (char.IsAsciiLetterOrDigit(c)) plain[length++] = char.ToLowerInvariant(c);
        }

        return plain[..length];
    }

    /// <summary>A short word has to be the whole name: many longer ones end like it by chance.</summary>
    private static bool EndsWithOne(ReadOnlySpan<char> name, string[] words)
    {
        foreach (var word in words)
        {
            if (name.EndsWith(word, StringComparison.Ordinal) && (word.Length > 4 || name.Length == word.Length)) return true;
        }

        return false;
    }
}
