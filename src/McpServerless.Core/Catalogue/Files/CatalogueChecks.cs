using System.Globalization;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Budgets;

namespace McpServerless.Catalogue.Files;

/// <summary>What no schema can say of one file: the folder as a whole, dates, URLs, and what contracts hold.</summary>
internal static class CatalogueChecks
{
    /// <summary>In characters, of one file as JSON: a row of the store holds 480,000, and 1 MiB in all.</summary>
    internal const int MaxLength = 400_000;

    private static readonly string[] Moments = ["expiresAt", "nextReview", "sunset"];

    /// <param name="files">Everything that could be read, also files that break their schema: their names are not missing.</param>
    /// <param name="sound">The files that keep their schema.</param>
    /// <param name="referencesComplete">False when a file could not be read at all: what it describes is then not reported as missing.</param>
    /// <param name="findings">What was found before; more is added.</param>
    /// <param name="now">The present, by which expiries are judged.</param>
    public static LoadedCatalogue Check(
        IReadOnlyList<CatalogueFile> files,
        IReadOnlyList<CatalogueFile> sound,
        bool referencesComplete,
        List<CatalogueFinding> findings,
        DateTimeOffset now)
    {
        var names = new DeclaredNames(files, findings);
        var readable = new List<CatalogueFile>();
        foreach (var file in sound)
        {
            var before = findings.Count;
            CheckValues(file, findings);
            if (findings.Count == before) readable.Add(file);
        }

        if (referencesComplete) names.CheckReferences(findings);

        // What a broken file would offer cannot be matched, and is not reported as missing.
        var complete = referencesComplete && !findings.Exists(f => f.Severity == FindingSeverity.Error);
        var set = FileSet.From(readable, now);
        foreach (var (file, upstream) in set.Upstreams) CheckUpstream(file, upstream, findings);
        foreach (var (file, tool) in set.Tools)
        {
            ToolChecks.Check(file, tool, findings, now);
            BudgetChecks.Check(file, "/budget/limits", LimitHolder.Tool, tool.Budget?.Limits ?? [], findings);
        }

        ToolChecks.CheckLookAlikes(set.Tools, findings);
        foreach (var (file, prompt) in set.Prompts) PromptChecks.Check(file, prompt, findings, now);
        foreach (var (file, resource) in set.Resources) ResourceChecks.Check(file, resource, findings, now);
        HttpChecks.Check(set, findings);
        var catalogue = set.ToContent().Catalogue;
        foreach (var (file, server) in set.Servers) ServerChecks.Check(file, server, catalogue, complete, findings);
        foreach (var (file, client) in set.Clients) CheckClient(file, client, findings, now);
        CheckTenants(set.Clients, findings);
        foreach (var (file, grant) in set.Grants) GrantChecks.Check(file, grant, set, catalogue, complete, findings, now);

        findings.Sort();
        return new LoadedCatalogue(findings, findings.Exists(f => f.Severity == FindingSeverity.Error) ? null : set.ToContent());
    }

    /// <summary>What the schema's formats let pass and .NET does not: a leap second, or an offset of 20 hours.</summary>
    internal static void CheckValues(CatalogueFile file, List<CatalogueFinding> findings)
    {
        var length = file.Root.GetRawText().Length;
        if (length > MaxLength) findings.Add(file.Finding(FindingRule.ObjectTooLarge, "", $"takes {length} characters as JSON; at most {MaxLength} can be kept"));
        foreach (var name in Moments)
        {
            if (file.Text(name) is { } text && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _))
            {
                findings.Add(file.Finding(FindingRule.InvalidValue, "/" + name, "is not a date and time with a time zone"));
            }
        }

        if (file.Kind != FileSchemas.Upstream) return;
        if (!Uri.TryCreate(file.Text("url"), UriKind.Absolute, out _)) findings.Add(file.Finding(FindingRule.InvalidValue, "/url", "is not an absolute URL"));
        if (JsonMembers.Text(JsonMembers.Member(file.Root, "credential"), "tokenUrl") is { } tokens && !Uri.TryCreate(tokens, UriKind.Absolute, out _))
        {
            findings.Add(file.Finding(FindingRule.InvalidValue, "/credential/tokenUrl", "is not an absolute URL"));
        }
    }

    private static void CheckUpstream(CatalogueFile file, Upstream upstream, List<CatalogueFinding> findings)
    {
        if (upstream.Name == GatewayTools.UpstreamName) findings.Add(file.Finding(FindingRule.NameReserved, "/name", "stands for the gateway's own tools; choose another name"));
        var url = upstream.Url;
        var problem = (url.Scheme, url) switch
        {
            ("http", { IsLoopback: false }) when !upstream.AllowPrivateNetwork => "is http, which is only for loopback addresses or with allowPrivateNetwork: true; use https",
            (not ("http" or "https"), _) => $"has the scheme {url.Scheme}; use https",
            (_, { UserInfo.Length: > 0 }) => "carries a user name or password, which everybody who reads the catalogue would see",
            (_, { Fragment.Length: > 0 }) => "has a fragment, which is never sent",
            (_, { IsLoopback: true }) when !upstream.AllowPrivateNetwork => "is a loopback address, which is refused when connecting unless allowPrivateNetwork is true",
            _ => null,
        };
        if (problem is not null) findings.Add(file.Finding(FindingRule.UrlNotAllowed, "/url", problem));
        if (upstream.Credential is { } credential) CredentialChecks.Check(file, upstream, credential, findings);
    }

    internal static void CheckClient(CatalogueFile file, DeclaredClient declared, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        CheckExpiry(file, declared.Client.ExpiresAt, findings, now);
        BudgetChecks.Check(file, "/budgets", LimitHolder.Client, declared.Client.Budgets, findings);
        if (declared.Client.ExpiresAt > now.AddDays(Client.MaxDays))
        {
            findings.Add(file.Finding(FindingRule.ExpiryTooFar, ExpiryPointer(file), "is more than 365 days ahead; register it for less and renew it"));
        }
    }

    /// <summary>A gateway accepts the tokens of one tenant: a client of another is never let in.</summary>
    private static void CheckTenants(IReadOnlyList<(CatalogueFile File, DeclaredClient Item)> clients, List<CatalogueFinding> findings)
    {
        var byTenant = clients.GroupBy(c => c.Item.Client.TenantId, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        foreach (var (file, client) in byTenant.Skip(1).SelectMany(g => g))
        {
            findings.Add(file.Finding(FindingRule.TenantDiffers, "/tenantId", $"is {client.Client.TenantId}, and other clients are of {byTenant[0].Key}; a gateway accepts tokens of one tenant"));
        }
    }

    internal static void CheckExpiry(CatalogueFile file, DateTimeOffset expiresAt, List<CatalogueFinding> findings, DateTimeOffset now)
    {
        if (expiresAt <= now) findings.Add(file.Finding(FindingRule.ExpiryPast, ExpiryPointer(file), "is past; remove the file or set a later time"));
    }

    internal static string ExpiryPointer(CatalogueFile file) => file.Root.TryGetProperty("expiresAt", out _) ? "/expiresAt" : "/expiresIn";
}

/// <summary>The records of a folder, each with the file that describes it.</summary>
internal sealed record FileSet
{
    public required IReadOnlyList<(CatalogueFile File, Upstream Item)> Upstreams { get; init; }

    public required IReadOnlyList<(CatalogueFile File, ToolContract Item)> Tools { get; init; }

    public required IReadOnlyList<(CatalogueFile File, PromptContract Item)> Prompts { get; init; }

    public required IReadOnlyList<(CatalogueFile File, ResourceContract Item)> Resources { get; init; }

    public required IReadOnlyList<(CatalogueFile File, VirtualServer Item)> Servers { get; init; }

    public required IReadOnlyList<(CatalogueFile File, DeclaredClient Item)> Clients { get; init; }

    public required IReadOnlyList<(CatalogueFile File, DeclaredGrant Item)> Grants { get; init; }

    public static FileSet From(IReadOnlyList<CatalogueFile> files, DateTimeOffset now)
    {
        return new FileSet
        {
            Upstreams = Of(FileSchemas.Upstream, FileContent.Upstream),
            Tools = Of(FileSchemas.ToolContract, FileContent.Tool),
            Prompts = Of(FileSchemas.PromptContract, FileContent.Prompt),
            Resources = Of(FileSchemas.ResourceContract, FileContent.Resource),
            Servers = Of(FileSchemas.VirtualServer, FileContent.Server),
            Clients = Of(FileSchemas.Client, file => FileContent.Client(file, now)),
            Grants = Of(FileSchemas.Grant, file => FileContent.Grant(file, now)),
        };

        IReadOnlyList<(CatalogueFile, T)> Of<T>(string kind, Func<JsonElement, T> read) =>
            [.. files.Where(file => file.Kind == kind).Select(file => (file, read(file.Root)))];
    }

    public CatalogueContent ToContent() => new()
    {
        Catalogue = new CatalogueVersion
        {
            Number = 0,
            Upstreams = [.. Upstreams.Select(u => u.Item).OrderBy(u => u.Name, StringComparer.Ordinal)],
            Tools = Ordered(Tools),
            Prompts = Ordered(Prompts),
            Resources = Ordered(Resources),
            Servers = [.. Servers.Select(s => s.Item).OrderBy(s => s.Name, StringComparer.Ordinal)],
        },
        Clients = [.. Clients.Select(c => c.Item).OrderBy(c => c.Client.TenantId, StringComparer.Ordinal).ThenBy(c => c.Client.ClientId, StringComparer.Ordinal)],
        Grants = [.. Grants.Select(g => g.Item).OrderBy(g => g.Grant.GrantId, StringComparer.Ordinal)],
        ToolFiles = Tools.ToDictionary(t => $"{t.Item.Upstream}/{t.Item.Name}", t => t.File, StringComparer.Ordinal),
        WithoutState = WithoutState(Tools).Concat(WithoutState(Prompts)).Concat(WithoutState(Resources)).ToHashSet(),
    };

    private static IReadOnlyList<T> Ordered<T>(IEnumerable<(CatalogueFile File, T Item)> contracts)
        where T : Contract =>
        [.. contracts.Select(c => c.Item).OrderBy(c => c.Upstream, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal)];

    private static IEnumerable<Contract> WithoutState<T>(IEnumerable<(CatalogueFile File, T Item)> contracts)
        where T : Contract => contracts.Where(c => !c.File.Root.TryGetProperty("state", out _)).Select(c => c.Item);
}
