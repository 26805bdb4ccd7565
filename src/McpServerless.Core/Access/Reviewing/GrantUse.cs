using System.Globalization;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Catalogue;
using Microsoft.Extensions.Options;

namespace McpServerless.Access.Reviewing;

/// <summary>What the ledger says of how a grant was used.</summary>
/// <param name="From">Since when.</param>
/// <param name="Calls">Requests that it allowed.</param>
/// <param name="Refusals">Requests for something that it names which were refused, whatever the reason.</param>
/// <param name="Last">The last one that it allowed; null for none.</param>
/// <param name="Tools">Tools that were called by it, and how often.</param>
/// <param name="Prompts">Prompts that were asked for.</param>
/// <param name="Resources">Its patterns of which a resource was read.</param>
/// <param name="IsComplete">False when there was more than is read: what is not named here may have been used earlier.</param>
public sealed record GrantUse(
    DateTimeOffset From,
    int Calls,
    int Refusals,
    DateTimeOffset? Last,
    IReadOnlyDictionary<string, int> Tools,
    IReadOnlyList<string> Prompts,
    IReadOnlyList<string> Resources,
    bool IsComplete)
{
    /// <summary>What is left when a grant is reduced to what was used.</summary>
    public ReducedGrant Reduced() => new([.. Tools.Keys.Order(StringComparer.Ordinal)], Prompts, Resources);
}

/// <summary>Reads how a client used its grants. One client's days are read, the latest first, and no more records than settings say.</summary>
public sealed class GrantUseSurvey(IAuditReader audit, IOptions<ReviewOptions> options, TimeProvider time)
{
    /// <summary>How each of a client's grants was used, in their order.</summary>
    /// <exception cref="StoreUnavailableException">The ledger could not be read.</exception>
    public async Task<IReadOnlyList<GrantUse>> ReadAsync(string clientId, IReadOnlyList<Grant> grants, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var from = today.AddDays(1 - options.Value.UseDays);
        var tallies = grants.Select(g => new Tally(g)).ToList();
        var left = options.Value.MaxRecords;
        var day = today;
        for (; day >= from && left > 0; day = day.AddDays(-1))
        {
            await foreach (var segment in audit.ReadAsync(day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), clientId, ct))
            {
                if ((left -= segment.Records.Count) < 0) break;
                foreach (var record in segment.Records) See(tallies, record);
            }
        }

        var since = new DateTimeOffset(from.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return [.. tallies.Select(t => t.Of(since, isComplete: left > 0 || day < from))];
    }

    private static void See(List<Tally> tallies, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var record = document.RootElement;
            if (JsonMembers.Text(record, "event") != "outcome" || JsonMembers.Text(record, "server") is not { } server) return;
            var (kind, name) = SubjectOf(record);
            if (name is null) return;
            foreach (var tally in tallies) tally.See(record, server, kind, name);
        }
        catch (JsonException)
        {
            // Verification names it.
        }
    }

    private static (SubjectKind Kind, string? Name) SubjectOf(JsonElement record) =>
        JsonMembers.Text(record, "tool") is { } tool ? (SubjectKind.Tool, tool)
        : JsonMembers.Text(record, "prompt") is { } prompt ? (SubjectKind.Prompt, prompt)
        : (SubjectKind.Resource, JsonMembers.Text(record, "resource"));

    private sealed class Tally(Grant grant)
    {
        private readonly GrantRule _rule = new(grant);
        private readonly SortedDictionary<string, int> _tools = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _prompts = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _resources = new(StringComparer.Ordinal);
        private int _calls;
        private int _refusals;
        private DateTimeOffset? _last;

        public void See(JsonElement record, string server, SubjectKind kind, string name)
        {
            if (server != grant.Server) return;
            if (JsonMembers.Text(record, "decision") != "allowed")
            {
                if (_rule.Covers(kind, name)) _refusals++;
                return;
            }

            if (JsonMembers.Text(record, "grantId") != grant.GrantId) return;
            _calls++;
            if (DateTimeOffset.TryParse(JsonMembers.Text(record, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && (_last is null || at > _last)) _last = at;
            if (kind == SubjectKind.Tool) _tools[name] = _tools.GetValueOrDefault(name) + 1;
            else if (kind == SubjectKind.Prompt) _prompts.Add(name);
            else _resources.UnionWith(grant.Resources.Where(p => NamePattern.Matches(p, name)));
        }

        public GrantUse Of(DateTimeOffset from, bool isComplete) => new(from, _calls, _refusals, _last, _tools, [.. _prompts], [.. _resources], isComplete);
    }
}
