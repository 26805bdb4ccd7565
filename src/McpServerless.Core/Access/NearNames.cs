using McpServerless.Catalogue;

namespace McpServerless.Access;

/// <summary>Which of the names that a caller may see it probably meant.</summary>
internal static class NearNames
{
    private const int MaxSuggestions = 3;

    /// <summary>A list that is longer is not looked through to its end: a refused call must stay cheap.</summary>
    private const int MaxCandidates = 1_000;

    private const int MaxLength = 128;

    /// <summary>The nearest names, nearest first; empty when none is near.</summary>
    public static IReadOnlyList<string> Find(string wanted, IEnumerable<ExposedFeature> visible)
    {
        if (wanted.Length is 0 or > MaxLength) return [];
        var limit = Math.Max(1, wanted.Length / 3);
        return
        [
            .. visible.Take(MaxCandidates)
                .Select(f => (f.Name, Distance: Distance(wanted, f.Name, limit)))
                .Where(n => n.Distance <= limit)
                .OrderBy(n => n.Distance).ThenBy(n => n.Name, StringComparer.Ordinal)
                .Take(MaxSuggestions)
                .Select(n => n.Name),
        ];
    }

    /// <summary>Characters to add, take out or replace, case and separators aside; more than the limit where it is more.</summary>
    private static int Distance(string a, string b, int limit)
    {
        if (b.Length > MaxLength || Math.Abs(a.Length - b.Length) > limit) return limit + 1;
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, least) = (row[0], row[0] = i);
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (Plain(a[i - 1]) == Plain(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
                least = Math.Min(least, row[j]);
            }

            if (least > limit) return limit + 1;
        }

        return row[b.Length];
    }

    private static char Plain(char c) => c is '-' or '.' ? '_' : char.ToLowerInvariant(c);
}
