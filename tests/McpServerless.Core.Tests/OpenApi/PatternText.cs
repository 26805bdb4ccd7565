using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace McpServerless.Core.Tests.OpenApi;

/// <summary>A text for the simple patterns that documents have: classes, groups, counts. Whoever uses it checks the text against the pattern.</summary>
internal static class PatternText
{
    private static bool Matches(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking);

    private static readonly string[] Candidates = ["a", "abc", "A", "AAAA", "a1", "1", "12345", "0a1b2c3d", "2026-05-04", "1.2.3", "aaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdef0123456789abcdef"];

    public static string For(string pattern, Random random)
    {
        var made = new StringBuilder();
        var rest = pattern.TrimStart('^');
        var hex = Regex.Match(rest, @"^\[(?<class>[^\]]+)\]\{(?<count>\d+)(,\d*)?\}");
        if (hex.Success)
        {
            var letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".Where(c => Regex.IsMatch(c.ToString(), $"[{hex.Groups["class"].Value}]")).ToArray();
            for (var i = 0; i < int.Parse(hex.Groups["count"].Value, CultureInfo.InvariantCulture) && letters.Length > 0; i++) made.Append(letters[random.Next(letters.Length)]);
        }

        // Patterns of real documents take minutes with backtracking; those that need it were left out by the import.
        return Candidates.Prepend(made.ToString()).FirstOrDefault(c => c.Length > 0 && Matches(c, pattern)) ?? "a";
    }
}
