using System.Collections.Frozen;
using System.Reflection;
using McpServerless.Catalogue;

namespace McpServerless.ToolCalls;

/// <summary>How a refusal of a tool call reaches the agent.</summary>
public enum RefusalForm
{
    /// <summary>An HTTP error status. The body is a JSON-RPC error.</summary>
    Http,

    /// <summary>A JSON-RPC error on HTTP 200: the call itself was wrong.</summary>
    JsonRpcError,

    /// <summary>A tool result with <c>isError: true</c>: the model reads it and can try something else (MCP, Tools, "Error Handling").</summary>
    ToolResult,
}

/// <summary>A decision not to serve. The one table of all of them; names are stable and never reused.</summary>
/// <remarks>`docs/refusals.md` is generated from this table, and a test walks every row.</remarks>
public sealed record RefusalCode
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodUnknown = -32601;
    public const int InvalidParams = -32602;
    public const int InternalFault = -32603;

    public static readonly RefusalCode InvalidToken = Http("invalid_token", 401, InvalidRequest,
        "The access token is missing, malformed, expired, or not for this gateway.", "Get a new token for the resource named in the challenge.");

    public static readonly RefusalCode ClientUnknown = Http("client_unknown", 403, InvalidRequest,
        "The calling application is not registered.", "Ask the platform team to register the application.");

    public static readonly RefusalCode ClientSuspended = Http("client_suspended", 403, InvalidRequest,
        "The client is not active.", "Ask the client's owner; it was suspended, is still pending, or was deprovisioned.");

    public static readonly RefusalCode ClientExpired = Http("client_expired", 403, InvalidRequest,
        "The client's registration has expired.", "Ask the client's owner to renew it.");

    public static readonly RefusalCode InsufficientScope = Http("insufficient_scope", 403, InvalidRequest,
        "A delegated token lacks a scope (RFC 6750, section 3.1).", "Get a token with the scopes in the challenge.");

    public static readonly RefusalCode GrantMissing = AsUnknown("grant_missing",
        "No grant lets this client use the tool, prompt or resource.");

    public static readonly RefusalCode GrantExpired = AsUnknown("grant_expired",
        "The grant for it is past its end.");

    public static readonly RefusalCode GrantDenied = AsUnknown("grant_denied",
        "A rule denies it, which wins over every grant that allows it.");

    public static readonly RefusalCode ContextUnmet = AsUnknown("context_unmet",
        "The grant is for another network, time, token, model or environment than this call's.");

    public static readonly RefusalCode RoleMissing = AsUnknown("role_missing",
        "The token lacks an app role or a scope that the contract or the grant requires.");

    public static readonly RefusalCode RoleMissingAtGateway = Http("gateway_role_missing", 403, InvalidRequest,
        "The application's token lacks the gateway's own app role.", "Ask an administrator to assign the gateway's app role to the application.");

    public static readonly RefusalCode ToolUnknown = AsUnknown("tool_unknown",
        "The virtual server has no such tool.");

    public static readonly RefusalCode PromptUnknown = AsUnknown("prompt_unknown",
        "The virtual server has no such prompt.");

    public static readonly RefusalCode ResourceUnknown = AsUnknown("resource_unknown",
        "The virtual server has no such resource, or its URI is not one that can be decided on.");

    public static readonly RefusalCode TaskUnknown = AsError("task_unknown",
        "The task's id was not given to this caller on this server.", "Begin the call again.");

    public static readonly RefusalCode RequestStateInvalid = AsError("request_state_invalid",
        "What the client brought back to go on with a call was changed, is too old, or belongs to another request or caller.", "Begin the call again, without requestState.");

    public static readonly RefusalCode CursorInvalid = AsError("cursor_invalid",
        "The cursor was not given out for this list to this caller.", "List again from the beginning.");

    public static readonly RefusalCode CapabilityMissing = Http("capability_missing", 400, -32021,
        "The request needs a capability that its client did not declare (MCP 2026-07-28, Base Protocol).", "Declare the capability that the answer names, if the client has it.");

    public static readonly RefusalCode MethodNotServed = Http("method_not_served", 404, MethodUnknown,
        "The virtual server does not serve this method.", "Use what server/discover or initialize names.");

    public static readonly RefusalCode SessionUnknown = Http("session_unknown", 404, InvalidRequest,
        "The session has ended, is another caller's, or was never opened here.", "Open a new session with initialize.");

    public static readonly RefusalCode ToolRetired = ToModel("tool_retired", InvalidParams,
        "The contract is retired.", "Use another one.");

    public static readonly RefusalCode ContractQuarantined = ToModel("contract_quarantined", InvalidParams,
        "The upstream's definition no longer keeps its contract; a person has to decide.", "Use another one, or try again later.");

    public static readonly RefusalCode SwitchedOff = ToModel("switched_off", InvalidParams,
        "An operator has switched the tool or the whole virtual server off.", "Use another one, or try again later.");

    public static readonly RefusalCode ConstraintViolated = ToModel("constraint_violated", InvalidParams,
        "The client may use the tool, but not with these arguments.", "Keep the arguments to what the answer names, or ask for a wider grant.");

    public static readonly RefusalCode ArgumentsInvalid = ToModel("arguments_invalid", InvalidParams,
        "The arguments break the tool's inputSchema, or are not those of the prompt.", "Correct the arguments that the answer names and call again.");

    public static readonly RefusalCode HeaderMismatch = Http("header_mismatch", 400, -32020,
        "A header that mirrors an argument is missing or differs from it (MCP 2026-07-28, Streamable HTTP).", "Send the headers that the tool's inputSchema asks for with x-mcp-header.");

    public static readonly RefusalCode RateLimited = ToModel("rate_limited", InvalidRequest,
        "A limit on calls in a time, or on calls at once, has no place for the call.", "Call again after the time that the answer names.");

    public static readonly RefusalCode BudgetExhausted = ToModel("budget_exhausted", InvalidRequest,
        "A budget of an hour, day or month is used up.", "Call again after the time that the answer names, or ask for more.");

    public static readonly RefusalCode RunawayPaused = ToModel("runaway_paused", InvalidRequest,
        "The client repeated itself with the tool without a change, so that the tool is paused for it.", "Do something else than before; call again after the time that the answer names.");

    public static readonly RefusalCode BudgetUnavailable = Http("budget_unavailable", 503, InternalFault,
        "The counters of budgets cannot be asked, and the tool's fail mode does not let the call pass.", "Try again after the time in Retry-After.");

    public static readonly RefusalCode TooManyRefusals = Http("too_many_refusals", 429, InvalidRequest,
        "Too many requests of the client were refused, so that it is told no more reasons.", "Wait for the time in Retry-After, and correct what was refused before.");

    public static readonly RefusalCode UpstreamUnavailable = ToModel("upstream_unavailable", InternalFault,
        "The upstream could not be reached or refused the request.", "Try again later.");

    public static readonly RefusalCode UpstreamTimeout = ToModel("upstream_timeout", InternalFault,
        "The upstream did not answer within its time limit. The call may have taken effect.", "Check its effect before calling again.");

    public static readonly RefusalCode UpstreamProtocolError = ToModel("upstream_protocol_error", InternalFault,
        "The upstream's answer was not a valid MCP answer.", "Tell the tool's owner; a new try is unlikely to help.");

    public static readonly RefusalCode ResultInvalid = ToModel("result_invalid", InternalFault,
        "The result breaks the tool's outputSchema and was withheld.", "Tell the tool's owner; the call took effect.");

    public static readonly RefusalCode ResultTooLarge = ToModel("result_too_large", InternalFault,
        "The result is larger than the upstream's limit and was withheld.", "Ask for less; the call took effect.");

    public static readonly RefusalCode AuditUnavailable = Http("audit_unavailable", 503, InternalFault,
        "The audit record could not be made durable, so the answer is withheld.", "Try again after the time in Retry-After.");

    public static readonly RefusalCode StateUnavailable = Http("state_unavailable", 503, InternalFault,
        "Clients, grants or the catalogue cannot be read, or not freshly enough to decide.", "Try again after the time in Retry-After.");

    public static readonly RefusalCode RequestTooLarge = Http("request_too_large", 413, InvalidRequest,
        "The request body is over the limit.", "Send less.");

    public static readonly RefusalCode MalformedRequest = Http("malformed_request", 400, InvalidRequest,
        "The request is not a valid MCP request.", "Correct it as the message says.");

    public static readonly RefusalCode ServerUnknown = Http("server_unknown", 404, InvalidRequest,
        "The gateway has no such virtual server.", "Check the URL.");

    public static readonly RefusalCode Cancelled = Http("cancelled", 499, InternalFault,
        "The client went away before the answer was ready.", "Nothing was delivered; the call may have taken effect.");

    public static readonly RefusalCode InternalError = new()
    {
        Name = "internal_error",
        HttpStatus = 200,
        JsonRpcCode = InternalFault,
        Form = RefusalForm.JsonRpcError,
        Meaning = "An unforeseen fault in the gateway.",
        Advice = "Report the correlation id to the platform team.",
    };

    /// <summary>Every code, in the order of the table.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
        [.. typeof(RefusalCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<RefusalCode>()];

    private static readonly FrozenDictionary<string, RefusalCode> ByName = All.ToFrozenDictionary(c => c.Name);

    private RefusalCode()
    {
    }

    /// <summary>Stable <c>snake_case</c> name; RFC 6750's where it has one.</summary>
    public required string Name { get; init; }

    /// <summary>HTTP status of the answer in the modern era; 200 unless <see cref="Form"/> is <see cref="RefusalForm.Http"/>.</summary>
    public required int HttpStatus { get; init; }

    /// <summary>JSON-RPC code of the answer, where it is an error.</summary>
    public required int JsonRpcCode { get; init; }

    public required RefusalForm Form { get; init; }

    public required string Meaning { get; init; }

    /// <summary>What the client should do.</summary>
    public required string Advice { get; init; }

    /// <summary>True where the answer must not differ from that for what does not exist.</summary>
    public bool LooksUnknown { get; init; }

    /// <summary>What stands in for every refusal that must not differ from "there is none".</summary>
    public static RefusalCode UnknownOf(SubjectKind kind) => kind switch
    {
        SubjectKind.Tool => ToolUnknown,
        SubjectKind.Prompt => PromptUnknown,
        _ => ResourceUnknown,
    };

    /// <summary>True where the request itself was wrong: such refusals are limited, since they are what probing consists of.</summary>
    internal bool CountsAsProbing =>
        LooksUnknown || this == ArgumentsInvalid || this == InsufficientScope || this == ServerUnknown || this == HeaderMismatch || this == ToolRetired
        || this == TaskUnknown || this == RequestStateInvalid;

    public static RefusalCode? Find(string name) => ByName.GetValueOrDefault(name);

    public override string ToString() => Name;

    private static RefusalCode Http(string name, int status, int jsonRpcCode, string meaning, string advice) =>
        new() { Name = name, HttpStatus = status, JsonRpcCode = jsonRpcCode, Form = RefusalForm.Http, Meaning = meaning, Advice = advice };

    /// <param name="jsonRpcCode">For methods whose results no model reads, and for revisions that want an error.</param>
    private static RefusalCode ToModel(string name, int jsonRpcCode, string meaning, string advice) =>
        new() { Name = name, HttpStatus = 200, JsonRpcCode = jsonRpcCode, Form = RefusalForm.ToolResult, Meaning = meaning, Advice = advice };

    private static RefusalCode AsError(string name, string meaning, string advice) =>
        new() { Name = name, HttpStatus = 200, JsonRpcCode = InvalidParams, Form = RefusalForm.JsonRpcError, Meaning = meaning, Advice = advice };

    private static RefusalCode AsUnknown(string name, string meaning) =>
        AsError(name, meaning, "List what there is and use that, or ask for a grant.") with { LooksUnknown = true };
}
