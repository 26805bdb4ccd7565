using System.Diagnostics;
using McpServerless.Catalogue;
using McpServerless.ToolCalls;

namespace McpServerless.Telemetry;

/// <summary>One request in telemetry: a span for it and one for each stage, and its numbers.</summary>
/// <remarks>
/// The span belongs to the trace of whoever hosts the gateway. The trace that a caller names is linked and not joined: anybody can name any, and with it
/// would decide what is sampled and whose trace a call shows up in (W3C Trace Context, section 3.4, "Mutating", and its privacy chapter).
/// </remarks>
internal sealed class CallTrace
{
    private static readonly string[] Names = [.. Enum.GetNames<CallStage>().Select(name => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name))];

    private readonly Activity? _call;
    private readonly RequestContext _context;
    private readonly TimeProvider _time;
    private Activity? _stage;
    private string? _upstream;
    private long _enteredAt;

    private CallTrace(RequestContext context, TimeProvider time, Activity? call) => (_context, _time, _call) = (context, time, call);

    public static CallTrace Begin(RequestContext context, TimeProvider time)
    {
        if (!GatewayTelemetry.Source.HasListeners()) return new CallTrace(context, time, null);
        ActivityLink[]? links = context.ClaimedTrace == default ? null : [new ActivityLink(context.ClaimedTrace)];
        return new CallTrace(context, time, GatewayTelemetry.Source.StartActivity(ActivityKind.Server, links: links, name: context.Method ?? "request"));
    }

    /// <summary>Ends the stage before and begins the next.</summary>
    /// <param name="stage">The next.</param>
    /// <param name="upstream">Who is asked in it; null for the gateway itself.</param>
    public void Enter(CallStage stage, string? upstream = null)
    {
        LeaveStage(null);
        (_upstream, _enteredAt) = (upstream, _time.GetTimestamp());
        if (_call is null) return;
        _stage = GatewayTelemetry.Source.StartActivity(upstream is null ? ActivityKind.Internal : ActivityKind.Client, _call.Context, name: Names[(int)stage]);
        if (upstream is not null) _stage?.SetTag("mcpserverless.upstream", upstream);
    }

    /// <summary>The stage that ended the request says why; then comes its record.</summary>
    public void EnterRecord(Refusal? refusal)
    {
        LeaveStage(refusal);
        Enter(CallStage.Record);
    }

    public void End(AuditEntry entry, Refusal? refusal)
    {
        LeaveStage(refusal?.Code == RefusalCode.AuditUnavailable ? refusal : null);
        var known = entry.Admission?.Server.Name ?? "_other";
        var error = refusal?.Code.Name ?? (entry.ResultIsError == true ? "tool_error" : null);
        var tags = new TagList { { "mcp.method.name", MethodName(_context.Method) }, { "mcpserverless.server", known } };
        if (refusal is not null)
        {
            GatewayTelemetry.Refusals.Add(1, [new("mcpserverless.server", known), new("error.type", error)]);
        }

        if (error is not null) tags.Add("error.type", error);
        GatewayTelemetry.Duration.Record(_time.GetElapsedTime(_context.StartedAt).TotalSeconds, tags);
        if (_call is not null) Describe(_call, entry, refusal, error);
        _call?.Dispose();
    }

    /// <summary>A method that the gateway does not know is anybody's text, and would make a series of its own.</summary>
    private static string MethodName(string? method) => method is not null && KnownMethods.Contains(method) ? method : "_OTHER";

    private void LeaveStage(Refusal? refusal)
    {
        if (_upstream is not null)
        {
            var tags = new TagList { { "mcpserverless.upstream", _upstream }, { "mcp.method.name", MethodName(_context.Method) } };
            if (refusal is not null) tags.Add("error.type", refusal.Code.Name);
            GatewayTelemetry.UpstreamDuration.Record(_time.GetElapsedTime(_enteredAt).TotalSeconds, tags);
        }

        _upstream = null;
        if (_stage is null) return;
        if (refusal is not null) _stage.SetTag("error.type", refusal.Code.Name).SetStatus(ActivityStatusCode.Error);
        _stage.Dispose();
        _stage = null;
    }

    private void Describe(Activity call, AuditEntry entry, Refusal? refusal, string? error)
    {
        var feature = entry.Grant?.Feature;
        // What nobody may see, or nobody has, does not name a span.
        if (feature is not null && _context.Method is not null) call.DisplayName = $"{_context.Method} {feature.Name}";
        call.SetTag("mcp.method.name", MethodName(_context.Method))
            .SetTag("mcp.protocol.version", _context.Revision)
            .SetTag("mcp.session.id", _context.Session?.Id)
            .SetTag(feature?.Kind switch { SubjectKind.Tool => "gen_ai.tool.name", SubjectKind.Prompt => "gen_ai.prompt.name", _ => "mcp.resource.uri" }, feature?.Name)
            .SetTag("mcpserverless.request.id", _context.RequestId.ToString("D"))
            .SetTag("mcpserverless.server", entry.Admission?.Server.Name)
            .SetTag("mcpserverless.client.id", entry.Caller?.ClientId)
            .SetTag("mcpserverless.upstream", feature?.Upstream.Name)
            .SetTag("mcpserverless.grant.id", entry.Grant?.Grant.GrantId)
            .SetTag("error.type", error);
        if (refusal is not null) call.SetStatus(ActivityStatusCode.Error, refusal.Code.Name);
    }

    private static readonly HashSet<string> KnownMethods = new(StringComparer.Ordinal)
    {
        "initialize", "ping", "server/discover", "tools/list", "tools/call", "prompts/list", "prompts/get", "resources/list", "resources/templates/list", "resources/read", "resources/subscribe",
        "resources/unsubscribe", "completion/complete", "logging/setLevel", "subscriptions/listen", "tasks/get", "tasks/list", "tasks/cancel", "tasks/result", "tasks/update", "notifications/initialized",
        "notifications/cancelled", "notifications/progress", "notifications/roots/list_changed", "response", "GET", "DELETE",
    };
}
