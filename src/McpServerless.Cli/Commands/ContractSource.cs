using System.Globalization;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Importing;

namespace McpServerless.Cli.Commands;

/// <summary>One side of a comparison.</summary>
/// <param name="Label">For people.</param>
/// <param name="OneUpstream">The upstream that it speaks of alone; null when it is a whole catalogue.</param>
/// <param name="Files">Where its contracts are described; null when not in files.</param>
internal sealed record ContractSource(string Label, CatalogueVersion Catalogue, string? OneUpstream, CatalogueContent? Files)
{
    public const string Forms = "a folder; catalogue (the active version); catalogue:NUMBER; upstream:NAME (one of the active version's, as it is now); or the URL of an MCP server.";

    /// <summary>File, as it is reached from where the command runs, and place of a change; null when no file describes it.</summary>
    public (string File, TextPlace Place)? PlaceOf(string subject, string pointer) =>
        Files?.PlaceOf(subject, pointer) is var (file, place) ? ($"{Label.Replace('\\', '/').TrimEnd('/')}/{file}", place) : null;

    /// <exception cref="UsageException">There is no such folder, version or upstream.</exception>
    public static async Task<ContractSource> OpenAsync(string text, string? upstream, Func<GovernanceStores> stores, CommandContext context, CancellationToken ct)
    {
        if (text == "catalogue") return new("the active catalogue", await ActiveAsync(stores(), ct), null, null);
        if (text.StartsWith("catalogue:", StringComparison.Ordinal)) return await VersionAsync(text["catalogue:".Length..], stores(), ct);
        if (text.StartsWith("upstream:", StringComparison.Ordinal))
        {
            var name = text["upstream:".Length..];
            var known = (await ActiveAsync(stores(), ct)).Upstreams.FirstOrDefault(u => u.Name == name) ?? throw new UsageException($"the active catalogue has no upstream {name}");
            return await LiveAsync(known, context, ct);
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            if (upstream is null) throw new UsageException("--upstream NAME says which upstream of the other side the URL stands for");
            return await LiveAsync(new Upstream { Name = upstream, Url = url!, AllowPrivateNetwork = true }, context, ct);
        }

        return await FolderAsync(text, context, ct);
    }

    private static async Task<CatalogueVersion> ActiveAsync(GovernanceStores stores, CancellationToken ct) =>
        await stores.Catalogues.ReadActiveAsync(ct) ?? throw new UsageException("no catalogue has been applied yet");

    private static async Task<ContractSource> VersionAsync(string text, GovernanceStores stores, CancellationToken ct)
    {
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw new UsageException($"catalogue:{text}: write a version's number");
        return new($"catalogue version {number}", await stores.History.ReadAsync(number, ct) ?? throw new UsageException($"there is no catalogue version {number}"), null, null);
    }

    private static async Task<ContractSource> LiveAsync(Upstream upstream, CommandContext context, CancellationToken ct)
    {
        using var live = new LiveUpstream(OperatorCredentials.Open(context.Time), context.Time);
        try
        {
            var tools = await live.ReadAsync(upstream, ct);
            return new($"{upstream.Name} as it is now", new CatalogueVersion { Number = 0, Upstreams = [upstream], Tools = tools, Servers = [] }, upstream.Name, null);
        }
        catch (UpstreamUnreadableException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<ContractSource> FolderAsync(string folder, CommandContext context, CancellationToken ct)
    {
        try
        {
            var loaded = await CatalogueFolder.LoadAsync(folder, [], context.Time, ct);
            if (loaded.Content is { } content) return new(folder, content.Catalogue, null, content);
            Output.Findings.Write(context.Error, loaded.Findings);
            throw new UsageException($"{folder} has errors");
        }
        catch (DirectoryNotFoundException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
