using System.Globalization;
using System.Text.Json;
using McpServerless.Access;

namespace McpServerless.Audit.Evidence;

/// <summary>One change of who may do what, as the ledger has it.</summary>
/// <param name="Time">When it was recorded as done.</param>
/// <param name="Happening">What it was, such as <c>grantRevoked</c>.</param>
/// <param name="By">Who did it; a timer where <paramref name="ByTimer"/>.</param>
/// <param name="Place">The record: day, client, writer and sequence.</param>
public sealed record AccessChange(string Time, string Happening, string By, bool ByTimer, string Reason, string? ClientId, string? GrantId, string Place);

/// <summary>What a client could do on a virtual server, from when to when.</summary>
public sealed record AccessSpan
{
    public required string ClientId { get; init; }

    public required string Server { get; init; }

    public required string GrantId { get; init; }

    public string Effect { get; set; } = "allow";

    /// <summary>Names and patterns of tools, prompts and resources.</summary>
    public IReadOnlyList<string> Names { get; set; } = [];

    /// <summary>When it was given; null when that was before the first day that was read.</summary>
    public string? Began { get; set; }

    /// <summary>Its end by date, unless something ended it before.</summary>
    public string? ExpiresAt { get; set; }

    public string? Ended { get; set; }

    /// <summary>Why it ended and by whom; null while it lasts.</summary>
    public string? EndedWhy { get; set; }

    public string? RequestedBy { get; set; }

    public string? ApprovedBy { get; set; }

    public string? Justification { get; set; }

    /// <summary>Reviews of it: who, when, and what came of it.</summary>
    public List<string> Reviews { get; } = [];
}

/// <summary>Who had access when: rebuilt from what the ledger has of changes, and from what there is now.</summary>
/// <remarks>
/// What is read begins with the first day and ends today, since what there is now is of today. What was given before the first day and taken away before it is not in it; what was given
/// before and lasted has no beginning. Only changes that were recorded as done count.
/// </remarks>
public sealed class AccessHistory
{
    private readonly Dictionary<(string Client, string Server, string Grant), AccessSpan> _spans = [];
    private readonly List<AccessSpan> _ended = [];

    /// <summary>Oldest first.</summary>
    public List<AccessChange> Changes { get; } = [];

    /// <summary>By client, server and grant.</summary>
    public IReadOnlyList<AccessSpan> Spans =>
    [
        .. _ended.Concat(_spans.Values).OrderBy(s => s.ClientId, StringComparer.Ordinal).ThenBy(s => s.Server, StringComparer.Ordinal).ThenBy(s => s.GrantId, StringComparer.Ordinal).ThenBy(s => s.Began, StringComparer.Ordinal),
    ];

    /// <param name="audit">The ledger.</param>
    /// <param name="first">The first UTC day of the period.</param>
    /// <param name="last">Its last day: what began later is left out.</param>
    /// <param name="clientId">Whose access alone is asked for; null for all.</param>
    /// <param name="today">Up to which changes are read.</param>
    /// <param name="present">The grants that there are now.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">Something could not be read.</exception>
    public static async Task<AccessHistory> ReadAsync(IAuditReader audit, DateOnly first, DateOnly last, string? clientId, DateOnly today, IEnumerable<Grant> present, CancellationToken ct)
    {
        var history = new AccessHistory();
        var records = new List<(string Time, LedgerRecord Record)>();
        for (var day = first; day <= today; day = day.AddDays(1))
        {
            records.Clear();
            await foreach (var segment in audit.ReadAsync(day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), AuditRecord.Gateway, ct))
            {
                for (var i = 0; i < segment.Records.Count; i++)
                {
                    // The gateway's own records are never purged, so that their places can be counted.
                    if (Read(segment, i) is { } record) records.Add((JsonMembers.Text(record.Root, "time") ?? "", record));
                }
            }

            foreach (var (_, record) in records.OrderBy(r => r.Time, StringComparer.Ordinal)) history.Apply(record, day <= last);
        }

        foreach (var grant in present) history.Settle(grant);
        history.LeaveOut(last, clientId);
        return history;
    }

    private static LedgerRecord? Read(AuditSegment segment, int at)
    {
        try
        {
            using var document = JsonDocument.Parse(segment.Records[at]);
            if (JsonMembers.Text(document.RootElement, "event") is not ("administration" or "timer")) return null;
            return JsonMembers.Text(JsonMembers.Member(document.RootElement, "details"), "ending") == "done"
                ? new LedgerRecord(document.RootElement.Clone(), string.Create(CultureInfo.InvariantCulture, $"{segment.Day}/{segment.ClientId}/{segment.Writer}/{segment.FirstSequence + at}"))
                : null;
        }
        catch (JsonException)
        {
            // Verification names it.
            return null;
        }
    }

    private void Apply(LedgerRecord record, bool isInPeriod)
    {
        var (time, happening, by, reason) = (record.Text("time") ?? "", record.Detail("happening") ?? "", record.Detail("by") ?? "", record.Detail("reason") ?? "");
        var byTimer = record.Text("event") == "timer";
        if (isInPeriod) Changes.Add(new AccessChange(time, happening, by, byTimer, reason, record.Text("clientId"), record.Text("grantId"), record.Place));
        if (record.Text("clientId") is not { } client || record.Text("grantId") is not { } grantId) return;
        var key = (client, record.Text("server") ?? "", grantId);
        var (before, after) = (GrantOf(record, "before"), GrantOf(record, "after"));
        if (happening.StartsWith("review", StringComparison.OrdinalIgnoreCase)) SpanOf(key, before ?? after).Reviews.Add($"{time} {by}: {happening}, {reason}");
        if (happening is "grantExpired" && before is { } expired)
        {
            End(key, expired, JsonMembers.Text(expired, "expiresAt") ?? time, "past its end");
        }
        else if (after is { } given)
        {
            var known = _spans.ContainsKey(key) || before is not null;
            var span = SpanOf(key, given);
            if (!known) span.Began = time;
            Describe(span, given);
        }
        else if (before is { } gone && happening is not "grantPurged")
        {
            End(key, gone, time, $"{happening} by {by}: {reason}");
        }
    }

    private void End((string Client, string Server, string Grant) key, JsonElement grant, string time, string why)
    {
        var span = SpanOf(key, grant);
        (span.Ended, span.EndedWhy) = (time, why);
        _ended.Add(span);
        _spans.Remove(key);
    }

    private AccessSpan SpanOf((string Client, string Server, string Grant) key, JsonElement? grant)
    {
        if (_spans.TryGetValue(key, out var span)) return span;
        span = _spans[key] = new AccessSpan { ClientId = key.Client, Server = key.Server, GrantId = key.Grant };
        if (grant is { } known) Describe(span, known);
        return span;
    }

    /// <summary>What there is now says how a grant is that no record of the period is about.</summary>
    private void Settle(Grant grant)
    {
        var key = (grant.ClientId, grant.Server, grant.GrantId);
        if (_ended.Exists(e => (e.ClientId, e.Server, e.GrantId) == key)) return;
        var isNew = !_spans.TryGetValue(key, out var span);
        if (isNew) span = _spans[key] = new AccessSpan { ClientId = grant.ClientId, Server = grant.Server, GrantId = grant.GrantId };
        span!.Effect = grant.Effect == GrantEffect.Deny ? "deny" : "allow";
        span.Names = [.. grant.Tools, .. grant.Prompts, .. grant.Resources];
        span.ExpiresAt = grant.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        (span.RequestedBy, span.ApprovedBy, span.Justification) = (grant.Requester, grant.Approver, grant.Justification);
    }

    private void LeaveOut(DateOnly last, string? clientId)
    {
        var after = last.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        bool IsOut(AccessSpan span) => string.CompareOrdinal(span.Began, after) >= 0 || (clientId is not null && span.ClientId != clientId);
        _ended.RemoveAll(IsOut);
        if (clientId is not null) Changes.RemoveAll(c => c.ClientId is { } other && other != clientId);
        foreach (var key in _spans.Where(s => IsOut(s.Value)).Select(s => s.Key).ToList()) _spans.Remove(key);
    }

    private static void Describe(AccessSpan span, JsonElement grant)
    {
        span.Effect = JsonMembers.Text(grant, "effect") ?? "allow";
        span.Names = [.. NamesOf(grant, "tools"), .. NamesOf(grant, "prompts"), .. NamesOf(grant, "resources")];
        (span.ExpiresAt, span.RequestedBy, span.ApprovedBy, span.Justification) =
            (JsonMembers.Text(grant, "expiresAt"), JsonMembers.Text(grant, "requester"), JsonMembers.Text(grant, "approver"), JsonMembers.Text(grant, "justification"));
    }

    private static IEnumerable<string> NamesOf(JsonElement grant, string name) =>
        JsonMembers.Member(grant, name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!) : [];

    /// <summary>A request for a grant is none: it has no approver.</summary>
    private static JsonElement? GrantOf(LedgerRecord record, string name) =>
        JsonMembers.Member(JsonMembers.Member(record.Root, "details"), name) is { ValueKind: JsonValueKind.Object } grant && JsonMembers.Text(grant, "approver") is not null ? grant : null;

    private sealed record LedgerRecord(JsonElement Root, string Place)
    {
        public string? Text(string name) => JsonMembers.Text(Root, name);

        public string? Detail(string name) => JsonMembers.Text(JsonMembers.Member(Root, "details"), name);
    }
}
