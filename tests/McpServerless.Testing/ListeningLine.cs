using System.Text.RegularExpressions;

namespace McpServerless.Testing;

/// <summary>The line with which a server that was given port 0 says where it listens.</summary>
internal static partial class ListeningLine
{
    [GeneratedRegex(@"[Ll]istening on:? (http://127\.0\.0\.1:\d+)\b")]
    public static partial Regex Pattern { get; }

    public static async Task<Uri> AddressAsync(ChildProcess server, TimeSpan limit, CancellationToken cancellationToken)
    {
        var match = await server.ReadyAsync(limit, cancellationToken);
        return new Uri(match.Groups[1].Value);
    }
}
