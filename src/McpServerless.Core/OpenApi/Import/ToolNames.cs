using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace McpServerless.OpenApi.Import;

/// <summary>Names that models and file systems take: letters, digits, <c>_</c>, <c>-</c> and dots, told apart without their case.</summary>
internal sealed partial class ToolNames
{
    /// <summary>Characters. MCP allows 128, several models no more than 64, and a virtual server may put a prefix before them.</summary>
    private const int MaxLength = 56;

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The operation's own id, or its method and path; made unique.</summary>
    public string Of(string? operationId, string method, string path)
    {
        var wanted = Clean(string.IsNullOrWhiteSpace(operationId) ? $"{method.ToLowerInvariant()}_{path.Trim('/')}" : operationId);
        var name = Shorten(wanted.Length == 0 ? method.ToLowerInvariant() : wanted);
        for (var i = 2; !_taken.Add(name); i++) name = Shorten($"{wanted}_{i}");
        return name;
    }

    /// <summary>A parameter's name as that of an argument, which several models want to be of the same letters.</summary>
    public static string Argument(string name, Func<string, bool> isTaken, string place)
    {
        var cleaned = Shorten(Clean(name));
        if (cleaned.Length == 0) cleaned = place;
        if (!isTaken(cleaned)) return cleaned;
        var placed = Shorten($"{cleaned}_{place}");
        for (var i = 2; isTaken(placed); i++) placed = Shorten($"{cleaned}_{place}_{i}");
        return placed;
    }

    /// <summary>What other letters leave at the ends goes too: <c>filter[status]</c> becomes <c>filter_status</c>, <c>$top</c> becomes <c>top</c>.</summary>
    private static string Clean(string text)
    {
        var cleaned = Others().Replace(text, "_");
        if (cleaned.Length > 0 && cleaned[0] != text[0]) cleaned = cleaned[1..];
        if (cleaned.Length > 0 && cleaned[^1] != text[^1]) cleaned = cleaned[..^1];
        return cleaned;
    }

    private static string Shorten(string name)
    {
        if (name.Length <= MaxLength) return name;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..7];
        return $"{name[..(MaxLength - 8)].TrimEnd('_', '.', '-')}_{digest}";
    }

    [GeneratedRegex("[^A-Za-z0-9_.-]+")]
    private static partial Regex Others();
}
