using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using McpServerless.Audit;
using McpServerless.Catalogue.Files;

namespace McpServerless.Catalogue.Publishing;

/// <summary>The active catalogue with what a folder names in it replaced.</summary>
internal sealed class CatalogueMerge(CatalogueContent content, CatalogueVersion? active, bool prune, DateTimeOffset now)
{
    public List<PlannedChange> Changes { get; } = [];

    public List<CatalogueFinding> Findings { get; } = [];

    /// <summary>The next version, or null when it would be the active one again.</summary>
    public CatalogueVersion? Run()
    {
        var merged = new CatalogueVersion
        {
            Number = 0,
            Upstreams = Merge(FileSchemas.Upstream, content.Catalogue.Upstreams, active?.Upstreams, u => u.Name, GovernanceJson.Default.Upstream),
            Tools = Merge(FileSchemas.ToolContract, Settle(FileSchemas.ToolContract, content.Catalogue.Tools, active?.Tools), active?.Tools, Name, GovernanceJson.Default.ToolContract),
            Prompts = Merge(FileSchemas.PromptContract, Settle(FileSchemas.PromptContract, content.Catalogue.Prompts, active?.Prompts), active?.Prompts, Name, GovernanceJson.Default.PromptContract),
            Resources = Merge(FileSchemas.ResourceContract, Settle(FileSchemas.ResourceContract, content.Catalogue.Resources, active?.Resources), active?.Resources, Name, GovernanceJson.Default.ResourceContract),
            Servers = Merge(FileSchemas.VirtualServer, content.Catalogue.Servers, active?.Servers, s => s.Name, GovernanceJson.Default.VirtualServer),
        };
        foreach (var server in merged.Servers)
        {
            // The folder by itself was checked already; what is kept can clash with it.
            foreach (var (rule, _, message) in ServerChecks.Clashes(server, merged)) Report(rule, $"{FileSchemas.VirtualServer} {server.Name}: {message}");
        }

        return Changes.Exists(c => c.Action is ChangeAction.Added or ChangeAction.Changed or ChangeAction.Removed) ? merged : null;
    }

    public static bool Same<T>(T a, T b, JsonTypeInfo<T> type) => Text(a, type) == Text(b, type);

    private static string Text<T>(T value, JsonTypeInfo<T> type) => CanonicalJson.Write(JsonSerializer.SerializeToElement(value, type));

    private static string Name(Contract contract) => $"{contract.Upstream}/{contract.Name}";

    private IReadOnlyList<T> Merge<T>(string kind, IReadOnlyList<T> wanted, IReadOnlyList<T>? published, Func<T, string> name, JsonTypeInfo<T> type)
    {
        var before = (published ?? []).ToDictionary(name, StringComparer.Ordinal);
        var merged = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in wanted)
        {
            merged[name(item)] = item;
            var action = !before.TryGetValue(name(item), out var old) ? ChangeAction.Added : Same(item, old, type) ? ChangeAction.Unchanged : ChangeAction.Changed;
            Changes.Add(new PlannedChange(kind, name(item), action));
        }

        foreach (var (key, old) in before.OrderBy(b => b.Key, StringComparer.Ordinal))
        {
            if (merged.ContainsKey(key)) continue;
            Changes.Add(new PlannedChange(kind, key, prune ? ChangeAction.Removed : ChangeAction.Kept));
            if (prune) continue;
            merged[key] = old;
            Report(FindingRule.NotInFolder, $"{kind} {key} is published, but no file describes it; --prune removes it");
        }

        return [.. merged.Values];
    }

    private IReadOnlyList<T> Settle<T>(string kind, IReadOnlyList<T> wanted, IReadOnlyList<T>? published)
        where T : Contract => DateDeprecations(KeepQuarantine(kind, wanted, published), published);

    /// <summary>What becomes deprecated without a date is so from now on, and stays so since then.</summary>
    private IReadOnlyList<T> DateDeprecations<T>(IReadOnlyList<T> wanted, IReadOnlyList<T>? published)
        where T : Contract
    {
        var since = (published ?? []).Where(c => c.DeprecatedSince is not null).ToDictionary(Name, c => c.DeprecatedSince, StringComparer.Ordinal);
        return [.. wanted.Select(c => c is { State: ToolState.Deprecated, DeprecatedSince: null } ? c with { DeprecatedSince = since.GetValueOrDefault(Name(c)) ?? Moment } : c)];
    }

    /// <summary>Whole seconds: nobody means more, and stores differ in what they keep.</summary>
    private DateTimeOffset Moment => DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());

    /// <summary>A pipeline that applies the same files again must not release what was held back meanwhile.</summary>
    private IReadOnlyList<T> KeepQuarantine<T>(string kind, IReadOnlyList<T> wanted, IReadOnlyList<T>? published)
        where T : Contract
    {
        var held = (published ?? []).Where(c => c.State == ToolState.Quarantined).Select(c => (c.Upstream, c.Name, c.Hash)).ToHashSet();
        return [.. wanted.Select(Keep)];

        T Keep(T contract)
        {
            if (!content.WithoutState.Contains(contract) || !held.Contains((contract.Upstream, contract.Name, contract.Hash))) return contract;
            Report(FindingRule.StillQuarantined, $"{kind} {Name(contract)} stays in quarantine; write state: active into its file to release it");
            return contract with { State = ToolState.Quarantined };
        }
    }

    private void Report(FindingRule rule, string message) => Findings.Add(new CatalogueFinding(rule, "", default, "", message));
}
