using System.CommandLine;
using McpServerless.Catalogue;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Watching;

namespace McpServerless.Cli.Commands.Contracts;

/// <summary>Names a tool on the command line, and reads what is known of drifts.</summary>
internal static class DriftSource
{
    public static Argument<string> ToolArgument() => new("UPSTREAM/TOOL") { Description = "The tool, by its upstream and the upstream's own name of it." };

    /// <exception cref="UsageException">It names no tool.</exception>
    public static (string Upstream, string Tool) Parse(string text) =>
        text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && slash < text.Length - 1
            ? (text[..slash], text[(slash + 1)..])
            : throw new UsageException($"{text}: write UPSTREAM/TOOL");

    /// <summary>All drifts of the active catalogue's upstreams, held ones first.</summary>
    public static async Task<IReadOnlyList<ContractDrift>> ReadAsync(GovernanceStores stores, CancellationToken ct)
    {
        var drifts = new List<ContractDrift>();
        var upstreams = (await stores.Catalogues.ReadActiveAsync(ct))?.Upstreams ?? (IReadOnlyList<Upstream>)[];
        foreach (var upstream in upstreams) drifts.AddRange(await stores.Drifts.ReadDriftsAsync(upstream.Name, ct));
        return [.. drifts.OrderByDescending(d => d.IsHeld).ThenByDescending(d => d.Verdict).ThenBy(d => d.Upstream, StringComparer.Ordinal).ThenBy(d => d.Tool, StringComparer.Ordinal)];
    }

    public static string Word(DriftVerdict verdict) => verdict switch
    {
        DriftVerdict.Returned => "returned",
        DriftVerdict.TextOnly => "text only",
        DriftVerdict.Compatible => "compatible",
        DriftVerdict.Breaking => "breaking",
        _ => "suspicious",
    };

    public static string Word(DriftState state) => state switch
    {
        DriftState.Reported => "reported",
        DriftState.Quarantined => "quarantined",
        _ => "rejected",
    };
}
