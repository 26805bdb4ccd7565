using System.Globalization;
using System.Text.Json.Nodes;
using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Queries;
using McpServerless.Management;

namespace McpServerless.Http.Manage.Operations;

/// <summary>The ledger. Whoever looks into it is in it.</summary>
internal sealed class AuditOperations(IAuditReader reader, IAuditIndex index, ChangeRecords records, TimeProvider time) : IManageOperations
{
    /// <summary>What a query without a client or an id reads at most.</summary>
    private const int MaxDays = 31;

    private const int MaxKnownDays = 400;
    private const int MaxTimeline = 1000;
    private const GovernanceRoles Readers = GovernanceRoles.Admin | GovernanceRoles.Auditor;

    private static readonly (string Name, string Description, string Example)[] Filters =
    [
        ("client", "The application (client) id in lower case; anonymous for callers without a valid token, gateway for what the gateway says of itself. All clients where left out, but not the gateway.", "33333333-3333-3333-3333-333333333333"),
        ("user", "The user of a delegated token.", "66666666-6666-6666-6666-666666666666"),
        ("tool", "The tool as the virtual server names it.", "refund"),
        ("prompt", "The prompt as the virtual server names it.", "briefing"),
        ("resource", "URI of the resource.", "orders://order/4711"),
        ("server", "The virtual server.", "demo"),
        ("method", "The MCP method.", "tools/call"),
        ("refusal", "Name of the refusal.", "grant_missing"),
        ("grant", "The grant that allowed the call.", "support-refunds"),
        ("session", "The session, as the records name it.", "0199d0c2-0000-7000-8000-000000000001"),
        ("trace", "W3C trace id.", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("request", "The id that the caller was told.", "0199d0c2-0000-7000-8000-000000000002"),
    ];

    private static readonly ManageResult Records = new("AuditRecord", RecordSchema()) { IsPage = true };

    private AuditSearch Search => new(reader, index);

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "audit/records", Id = "queryAudit",
            Summary = $"Records that answer a question, by day, client, writer and sequence. Over more than {MaxDays} days only with client, session, trace or request. The question itself goes on record.",
            Roles = Readers,
            Query =
            [
                Parameters.Moment("from", "From this moment on; a day ago where left out."),
                Parameters.Moment("until", "Before this moment; now where left out."),
                .. Filters.Select(f => Parameters.Of(f.Name, f.Description, f.Example, "^[^\\x00-\\x1f\\x7f-\\x9f]{1,2048}$")),
                Parameters.OneOf("decision", "How it was decided.", "allowed", "refused"),
                Parameters.Flag("intents", "Also intents, which strict tools record before a call is forwarded."),
                .. Parameters.Paging,
            ],
            Result = Records, RunAsync = QueryAsync,
        },
        new()
        {
            Method = "GET", Path = "audit/timeline/{id}", Id = "readTimeline", Summary = $"What was asked in a session, a trace or a request and how it was decided, in order; at most {MaxTimeline} records. The question itself goes on record.",
            Roles = Readers,
            Query = [Parameters.Moment("from", "From this moment on; 31 days ago where left out."), Parameters.Moment("until", "Before this moment; now where left out."), Parameters.Of(Filters[0].Name, Filters[0].Description, Filters[0].Example)],
            Result = Records, RunAsync = TimelineAsync,
        },
    ];

    private async Task<ManageAnswer> QueryAsync(ManageRequest request, CancellationToken ct)
    {
        var until = request.Moment("until") ?? time.GetUtcNow().AddSeconds(1);
        var from = request.Moment("from") ?? until.AddDays(-1);
        var query = new AuditQuery
        {
            From = from,
            Until = until,
            ClientId = request.Ask("client")?.ToLowerInvariant(),
            UserId = request.Ask("user"),
            Tool = request.Ask("tool"),
            Prompt = request.Ask("prompt"),
            Resource = request.Ask("resource"),
            Server = request.Ask("server"),
            Method = request.Ask("method"),
            Decision = request.Ask("decision"),
            RefusalCode = request.Ask("refusal"),
            GrantId = request.Ask("grant"),
            SessionId = request.Ask("session")?.ToLowerInvariant(),
            TraceId = request.Ask("trace")?.ToLowerInvariant(),
            RequestId = request.Ask("request")?.ToLowerInvariant(),
            WithIntents = request.Ask("intents") == "true",
        };
        if (FindFault(query) is { } fault) return fault;
        AuditCursor? after = null;
        if (request.Ask("cursor") is { } cursor && (after = AuditCursor.Read(cursor)) is null) return Pages.BadCursor;
        if (!await NoteAsync(request, "auditQueried", null, ct)) return NotRecorded;
        var page = await Search.PageAsync(query, after, request.Limit, ct);
        return Pages.Write(request, page.Records, page.Next?.ToString(), (json, found) => json.WriteRawValue(found.Json.Span, skipInputValidation: true));
    }

    private async Task<ManageAnswer> TimelineAsync(ManageRequest request, CancellationToken ct)
    {
        var until = request.Moment("until") ?? time.GetUtcNow().AddSeconds(1);
        var query = new AuditQuery { From = request.Moment("from") ?? until.AddDays(-MaxDays), Until = until, ClientId = request.Ask("client")?.ToLowerInvariant(), WithIntents = true, SessionId = "" };
        if (FindFault(query) is { } fault) return fault;
        if (!await NoteAsync(request, "auditTimelineRead", request.Path["id"], ct)) return NotRecorded;
        var records = await Search.TimelineAsync(request.Path["id"].ToLowerInvariant(), query with { SessionId = null }, MaxTimeline, ct);
        return Pages.Write(request, records.OrderBy(r => JsonMembers.Text(r.Root, "time"), StringComparer.Ordinal), null, (json, found) => json.WriteRawValue(found.Json.Span, skipInputValidation: true));
    }

    private static ManageProblem? FindFault(AuditQuery query)
    {
        var known = query.ClientId is not null || query.SessionId is not null || query.TraceId is not null || query.RequestId is not null;
        var most = known ? MaxKnownDays : MaxDays;
        if (query.From.Year < 2000 || query.Until.Year > 2200) return ManageProblem.Parameter("from", "is not in the years 2000 to 2200");
        if (query.From >= query.Until) return ManageProblem.Parameter("from", "is not before until");
        return query.Until - query.From > TimeSpan.FromDays(most) ? ManageProblem.Parameter("from", string.Create(CultureInfo.InvariantCulture, $"is more than {most} days before until")) : null;
    }

    private ValueTask<bool> NoteAsync(ManageRequest request, string happening, string? id, CancellationToken ct) =>
        records.NoteAsync(new ChangeSubject(happening, request.Actor, "looked at the ledger"), id is null ? request.Query : request.Query.Append(new("id", id)), ct);

    private static ManageProblem NotRecorded { get; } = new(ManageProblemCode.AuditUnavailable, "The question could not be recorded, so nothing is shown; try again later.") { RetryAfterSeconds = 5 };

    /// <summary>The published schema of records (<c>schemas/audit-record.schema.json</c>).</summary>
    private static JsonObject RecordSchema()
    {
        using var stream = typeof(AuditRecord).Assembly.GetManifestResourceStream("audit-record.schema.json") ?? throw new InvalidOperationException("The schema of records is not embedded.");
        var schema = JsonNode.Parse(stream)!.AsObject(); // a schema is an object
        schema.Remove("$schema");
        schema.Remove("$id");
        return ManageSchemas.Inlined(schema);
    }
}
