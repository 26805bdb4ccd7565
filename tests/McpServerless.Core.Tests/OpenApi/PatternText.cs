using System.Text.RegularExpressions;
using Fare;

namespace McpServerless.Core.Tests.OpenApi;

/// <summary>A text for the patterns that documents have.</summary>
internal static partial class PatternText
{
    private const int Tries = 20;

    private static readonly string[] Candidates = ["a", "abc", "A", "AAAA", "a1", "1", "12345", "0a1b2c3d", "2026-05-04", "1.2.3", "aaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdef0123456789abcdef"];

    // Patterns of real documents take minutes with backtracking; those that need it were left out by the import.
    private static bool Matches(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking);

    public static string For(string pattern, Random random) =>
        Made(pattern, random).Concat(Candidates).FirstOrDefault(c => c.Length > 0 && Matches(c, pattern)) ?? "a";

    /// <summary>Made from the pattern itself, where its automaton can be built; in plain letters, so that the text can stand in a path.</summary>
    private static IEnumerable<string> Made(string pattern, Random random)
    {
        Xeger? generator = null;
        try
        {
            var plain = Escapes().Replace(pattern.TrimStart('^').TrimEnd('$'), match => match.Value switch { ['[', ..] inside => inside.Replace(@"\d", "0-9", StringComparison.Ordinal).Replace(@"\w", "A-Za-z0-9_", StringComparison.Ordinal), "(?:" => "(", @"\d" => "[0-9]", @"\w" => "[A-Za-z0-9_]", @"\/" => "/", ".*" => "[a-z]{0,3}", _ => match.Value });
            generator = new Xeger(plain, random);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            // Not a pattern that it reads.
        }

        for (var i = 0; i < Tries && generator is not null; i++) yield return generator.Generate();
    }

    // Within a class the short forms mean the same without brackets of their own.
    [GeneratedRegex(@"\[[^\]]*\]|\(\?:|\\d|\\w|\\/|\.\*")]
    private static partial Regex Escapes();
}
