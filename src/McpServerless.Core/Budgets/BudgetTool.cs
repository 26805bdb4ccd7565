using System.Text.Json;
using McpServerless.Access;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using ModelContextProtocol.Protocol;

namespace McpServerless.Budgets;

/// <summary>Answers <c>gateway.budget</c>: how the limits of the caller stand in the store, for one of its tools or for all of them.</summary>
/// <remarks>Refuses with <c>budget_unavailable</c>, or for one tool as a call of that tool would be: nobody learns here of what it may not use.</remarks>
internal sealed class BudgetTool(BudgetOperations operations, BudgetStage stage, Authorizer authorizer, TimeProvider time)
{
    /// <summary>Pages that are read for one answer: the caller's own, and those that clients share.</summary>
    private const int MaxPages = 20;

    public async ValueTask<Outcome<UpstreamAnswer>> AnswerAsync(CheckedCall checkedCall, CancellationToken ct)
    {
        var admission = checkedCall.Grant.Admission;
        List<CallGrant> grants;
        if (checkedCall.Call.Arguments.ValueKind == JsonValueKind.Object && checkedCall.Call.Arguments.TryGetProperty("tool"u8, out var tool))
        {
            if (!authorizer.Authorize(admission, SubjectKind.Tool, tool.GetString()!).Succeeded(out var one, out var refusal)) return refusal; // The schema says it is a text.
            grants = [one];
        }
        else
        {
            grants = [.. authorizer.Visible(admission, SubjectKind.Tool).Select(f => authorizer.Authorize(admission, SubjectKind.Tool, f.Name).Succeeded(out var grant, out _) ? grant : null).OfType<CallGrant>()];
        }

        var limits = grants.SelectMany(g => stage.LimitsOf(g).Select(l => (l.Page, l.Counter, Limit: l, Tool: g.Feature.Name))).ToLookup(l => (l.Page, l.Counter));
        var own = new BudgetPageKey(admission.Caller.TenantId, admission.Caller.ClientId);
        var pages = new Dictionary<BudgetPageKey, PageView?>();
        try
        {
            foreach (var key in limits.Select(l => l.Key.Page).Prepend(own).Distinct().Take(MaxPages)) pages[key] = await operations.ShowAsync(key, ct);
        }
        catch (StoreUnavailableException)
        {
            return BudgetRefusals.Unavailable();
        }

        var message = new PooledBytes();
        using (var writer = new Utf8JsonWriter(message))
        {
            var structured = Structured(limits.Where(l => pages.ContainsKey(l.Key.Page)), grants, pages, own);
            writer.WriteStartObject();
            writer.WriteStartObject("result"u8);
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("text"u8, structured.Memory.Span);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WritePropertyName("structuredContent"u8);
            writer.WriteRawValue(structured.Memory.Span);
            writer.WriteEndObject();
            writer.WriteEndObject();
            structured.Dispose();
        }

        return new UpstreamAnswer(JsonDocument.Parse(message.Memory), message, 200, isModern: false);
    }

    private PooledBytes Structured(
        IEnumerable<IGrouping<(BudgetPageKey Page, string Counter), (BudgetPageKey Page, string Counter, AppliedLimit Limit, string Tool)>> limits,
        List<CallGrant> grants,
        Dictionary<BudgetPageKey, PageView?> pages,
        BudgetPageKey own)
    {
        var bytes = new PooledBytes();
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        writer.WriteStartArray("limits"u8);
        foreach (var group in limits)
        {
            var applied = group.First().Limit;
            var tools = applied.Holder == LimitHolder.Client || grants.Count == 1 ? [] : group.Select(g => g.Tool).Distinct(StringComparer.Ordinal).ToList();
            WriteLimit(writer, applied, pages[group.Key.Page], tools.Count == grants.Count ? [] : tools);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("paused"u8);
        var names = grants.ToLookup(g => stage.PauseKey(g, RequestMethods.ToolsCall), g => g.Feature.Name);
        foreach (var (tool, pause) in pages[own]?.Pauses ?? []) WritePauses(writer, names[tool], pause);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return bytes;
    }

    private void WriteLimit(Utf8JsonWriter writer, AppliedLimit applied, PageView? page, List<string> tools)
    {
        var limit = applied.Limit;
        var now = time.GetUtcNow();
        var counter = page?.Counters.FirstOrDefault(c => c.Counter == applied.Counter && c.Kind == limit.Kind && (c.Until is null || c.Until > now));
        var extra = page?.Extras.Where(e => e.Counter == applied.Counter && e.Extra.Until > now).Sum(e => e.Extra.Amount) ?? 0;
        var whole = limit.Kind == LimitKind.Rate ? limit.BurstInForce : limit.Amount + extra;
        var used = counter?.Used ?? 0;
        writer.WriteStartObject();
        writer.WriteString("limit"u8, applied.PublicName);
        writer.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(limit.Kind.ToString()));
        writer.WriteString("unit"u8, JsonNamingPolicy.CamelCase.ConvertName(limit.Unit.ToString()));
        writer.WriteNumber("amount"u8, limit.Amount);
        if (limit.Per is { } per) writer.WriteString("per"u8, JsonNamingPolicy.CamelCase.ConvertName(per.ToString()));
        writer.WriteNumber("left"u8, Math.Max(0, whole - used));
        if (RenewsIn(limit, used, now) is { } seconds) writer.WriteNumber("renewsInSeconds"u8, seconds);
        if (tools.Count > 0)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in tools) writer.WriteStringValue(tool);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static long? RenewsIn(BudgetLimit limit, long used, DateTimeOffset now) => limit.Kind switch
    {
        LimitKind.Rate => (long)Math.Ceiling((double)used * limit.PeriodMicroseconds / limit.Amount / 1e6),
        LimitKind.Budget => (long)Math.Max(0, Math.Ceiling((CalendarWindow.Containing(limit, Moment.Of(now)).End - Moment.Of(now)) / 1e6)),
        _ => null,
    };

    private void WritePauses(Utf8JsonWriter writer, IEnumerable<string> tools, RunawayPause pause)
    {
        foreach (var tool in tools)
        {
            writer.WriteStartObject();
            writer.WriteString("tool"u8, tool);
            writer.WriteNumber("seconds"u8, (long)Math.Max(1, Math.Ceiling((pause.Until - time.GetUtcNow()).TotalSeconds)));
            writer.WriteString("reason"u8, pause.Reason);
            writer.WriteEndObject();
        }
    }
}
