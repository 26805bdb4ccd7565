using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Contracts.Guarding;

/// <summary>Looks through everything that a model would read of a tool: names, words and examples, of members as well as of values.</summary>
/// <remarks>It stops what is clumsy and what is common. A person still has to read what they approve.</remarks>
public static partial class DefinitionGuards
{
    private const int LongText = 4_096;

    public static IReadOnlyList<GuardFinding> Check(JsonElement definition)
    {
        var findings = new List<GuardFinding>();
        if (definition.ValueKind == JsonValueKind.Object && !(definition.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && Name().IsMatch(name.GetString()!)))
            findings.Add(new GuardFinding(GuardRule.NameInvalid, "/name", "not a name that MCP allows"));
        Visit(definition, "", findings);
        return findings;
    }

    /// <summary>Pairs of different names, of two upstreams, that look the same.</summary>
    public static IEnumerable<(string Subject, string Other)> LookAlikes(IEnumerable<(string Upstream, string Name)> tools) =>
        from twins in tools.GroupBy(t => Skeleton(t.Name), StringComparer.Ordinal)
        from one in twins
        from other in twins
        where string.CompareOrdinal(one.Upstream, other.Upstream) < 0 && one.Name != other.Name
        select ($"{one.Upstream}/{one.Name}", $"{other.Upstream}/{other.Name}");

    private static void Visit(JsonElement node, string at, List<GuardFinding> findings)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in node.EnumerateObject())
                {
                    var here = $"{at}/{JsonPointers.Escape(member.Name)}";
                    CheckText(member.Name, here, findings);
                    Visit(member.Value, here, findings);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in node.EnumerateArray()) Visit(item, $"{at}/{index++}", findings);
                break;
            case JsonValueKind.String:
                CheckText(node.GetString()!, at, findings);
                break;
        }
    }

    private static void CheckText(string text, string at, List<GuardFinding> findings)
    {
        if (text.Length > LongText && !at.Contains("/icons/", StringComparison.Ordinal)) findings.Add(new GuardFinding(GuardRule.LongText, at, $"{text.Length} characters"));
        Rune? before = null;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsBidirectional(rune)) Once(GuardRule.BidirectionalText, rune);
            else if (IsHidden(rune, before)) Once(GuardRule.HiddenText, rune);
            before = rune;
        }

        // What is spelled in wide letters is read by a model all the same.
        var plain = string.Concat(text.Select(c => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c));
        if (Instructions().Match(plain) is { Success: true } told) findings.Add(new GuardFinding(GuardRule.ModelInstructions, at, $"at character {told.Index}"));
        if (Secrets().Match(plain) is { Success: true } secret) findings.Add(new GuardFinding(GuardRule.Secret, at, $"at character {secret.Index}"));

        void Once(GuardRule rule, Rune rune)
        {
            if (!findings.Exists(f => f.Rule == rule && f.Pointer == at)) findings.Add(new GuardFinding(rule, at, string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}")));
        }
    }

    /// <summary>Unicode Standard Annex 9, section 2: embeddings, overrides, isolates and marks.</summary>
    private static bool IsBidirectional(Rune rune) => rune.Value is 0x200E or 0x200F or 0x061C or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static bool IsHidden(Rune rune, Rune? before) => rune.Value switch
    {
        '\n' or '\r' or '\t' => false,
        // They join and colour the parts of one picture.
        0x200D or 0xFE0F => before is not { } part || !(Rune.GetUnicodeCategory(part) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol or UnicodeCategory.OtherPunctuation || part.Value is 0xFE0F or (>= '0' and <= '9')),
        0x2028 or 0x2029 or 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800 or (>= 0xFE00 and <= 0xFE0E) or (>= 0xE0100 and <= 0xE01EF) => true,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned,
    };

    /// <summary>A name with everything taken out by which look-alikes differ.</summary>
    private static string Skeleton(string name) => string.Concat(name.ToLowerInvariant().Replace("rn", "m", StringComparison.Ordinal).Replace("vv", "w", StringComparison.Ordinal).Where(c => c is not ('_' or '-' or '.')).Select(c => c switch
    {
        '0' => 'o',
        '1' or 'i' => 'l',
        '5' => 's',
        _ => c,
    }));

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,128}\z")]
    private static partial Regex Name();

    [GeneratedRegex(
        """
        \b(ignore|disregard|forget|override)\b.{0,40}\b(previous|prior|above|earlier|other|all|any|your|system)\b.{0,30}\b(instruction|prompt|rule|guideline|direction|message)
        |\b(do\ not|don't|never|without)\s+(tell|inform|mention|reveal|show|notify|ask|alert)\w*\s+(this\s+to\s+|it\s+to\s+|to\s+)?the\s+user
        |\b(before|after|when|whenever)\s+(using|calling|invoking|you\s+(use|call|invoke))\b.{0,60}\b(you\s+must|always|first|also)\b
        |\byou\s+(must|have\s+to|are\s+required\s+to)\s+(always\s+|first\s+|also\s+)?(call|invoke|use|read|send|include|pass|execute|run|fetch|append)\b
        |\b(system|developer)\s+prompt\b|<\s*/?\s*(important|system|instructions?|secret|hidden)\s*>|\[\s*(system|inst)\s*\]
        |(~|\$home|/root|/home/\w+)/\.(ssh|aws|kube|config|env)|\bid_rsa\b|/etc/(passwd|shadow)
        |\b(exfiltrat\w+|jailbreak|new\s+instructions?\s*:)
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Instructions();

    [GeneratedRegex(
        """
        \bA(KIA|SIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bsk-[A-Za-z0-9_-]{20,}
        |\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}|-----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----|\bAccountKey=[A-Za-z0-9+/]{40,}|\bsig=[A-Za-z0-9%+/]{40,}|\bAIza[0-9A-Za-z_-]{35}
        |\b(Bearer|Basic)\s+[A-Za-z0-9+/_.-]{24,}
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.NonBacktracking)]
    internal static partial Regex Secrets();
}
