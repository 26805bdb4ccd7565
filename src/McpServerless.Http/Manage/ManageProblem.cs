using System.Reflection;
using McpServerless.Access.Administration;

namespace McpServerless.Http.Manage;

/// <summary>A problem of the management API. The one table of all of them; codes are stable and never reused.</summary>
/// <remarks><c>docs/management-api.md</c> is generated from this table. The form of the answer is RFC 9457.</remarks>
internal sealed record ManageProblemCode
{
    public static readonly ManageProblemCode MalformedRequest = new("malformed_request", 400, "The body is not JSON that can be read, or a header or parameter is not what it has to be.", "Look at detail and errors.");
    public static readonly ManageProblemCode InvalidToken = new("invalid_token", 401, "The access token is missing, malformed, expired, or not for this gateway.", "Get a token for the resource that the challenge names.");
    public static readonly ManageProblemCode InsufficientScope = new("insufficient_scope", 403, "A user's token lacks the scope of the management API (RFC 6750, section 3.1).", "Get a token with the scope that the challenge names.");
    public static readonly ManageProblemCode RoleMissing = new("role_missing", 403, "The token has none of the app roles that may do this; roles names them.", "Ask an administrator of the gateway for the role.");
    public static readonly ManageProblemCode NotAllowed = new("not_allowed", 403, "The role is right, but this is for somebody else to do, or nobody may do it for themselves.", "detail says who may.");
    public static readonly ManageProblemCode NotFound = new("not_found", 404, "There is no such thing, or it is not yours to know of.", "");
    public static readonly ManageProblemCode MethodNotAllowed = new("method_not_allowed", 405, "The path has no such method; the header Allow names those that it has.", "");
    public static readonly ManageProblemCode NotAcceptable = new("not_acceptable", 406, "The header Accept has no application/json.", "Leave it out, or add application/json.");
    public static readonly ManageProblemCode RequestTimeout = new("request_timeout", 408, "The body did not arrive in time.", "Send it again.");
    public static readonly ManageProblemCode IdempotencyInProgress = new("idempotency_in_progress", 409, "A request under the same Idempotency-Key is being answered.", "Wait for Retry-After, and send it again.");
    public static readonly ManageProblemCode PreconditionFailed = new("precondition_failed", 412, "It is no longer what was read; nothing was changed.", "Read it again, and decide anew.");
    public static readonly ManageProblemCode RequestTooLarge = new("request_too_large", 413, "The body is larger than Management:MaxRequestBytes.", "");
    public static readonly ManageProblemCode MediaTypeUnsupported = new("media_type_unsupported", 415, "The body is not application/json.", "");
    public static readonly ManageProblemCode BodyInvalid = new("body_invalid", 422, "The body breaks its schema; errors has pointers and what was expected.", "");
    public static readonly ManageProblemCode ChangeInvalid = new("change_invalid", 422, "The change makes no sense as things are; detail says why.", "");
    public static readonly ManageProblemCode IdempotencyKeyReused = new("idempotency_key_reused", 422, "The Idempotency-Key was used for another request.", "Take another key.");
    public static readonly ManageProblemCode PreconditionRequired = new("precondition_required", 428, "A change of what exists needs If-Match (RFC 6585, section 3).", "Read it, and send its ETag; * stands for whatever it is now.");
    public static readonly ManageProblemCode TooManyRefusals = new("too_many_refusals", 429, "Too many requests of this caller were refused in the last minute.", "Wait for Retry-After.");
    public static readonly ManageProblemCode HeadersTooLarge = new("headers_too_large", 431, "The headers are larger than Gateway:MaxHeaderBytes.", "");
    public static readonly ManageProblemCode InternalError = new("internal_error", 500, "A fault of the gateway; the log has it under requestId.", "Report it with requestId.");
    public static readonly ManageProblemCode AuditUnavailable = new("audit_unavailable", 503, "The ledger cannot be written, so nothing was changed and nothing of it shown.", "Wait for Retry-After.");
    public static readonly ManageProblemCode StateUnavailable = new("state_unavailable", 503, "The state cannot be used. Whether a change was made is told by reading it, or by sending it again under its Idempotency-Key.", "Wait for Retry-After.");

    private ManageProblemCode(string name, int status, string meaning, string advice) => (Name, Status, Meaning, Advice) = (name, status, meaning, advice);

    public string Name { get; }

    public int Status { get; }

    public string Meaning { get; }

    public string Advice { get; }

    /// <summary>The problem's type: a name and no address, because it stays the same wherever the gateway runs (RFC 4151).</summary>
    public string Type => $"tag:mcpserverless.github.io,2026:problem/{Name}";

    public static IReadOnlyList<ManageProblemCode> All { get; } =
    [
        .. typeof(ManageProblemCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.FieldType == typeof(ManageProblemCode)).Select(f => (ManageProblemCode)f.GetValue(null)!), // all are set above
    ];

    public static ManageProblemCode Of(ChangeProblem problem) => problem switch
    {
        ChangeProblem.NotFound => NotFound,
        ChangeProblem.Conflict => PreconditionFailed,
        ChangeProblem.NotAllowed => NotAllowed,
        ChangeProblem.Invalid => ChangeInvalid,
        _ => AuditUnavailable,
    };
}

/// <summary>Why a request is not answered with what it asks for.</summary>
/// <param name="Detail">For the person who asked.</param>
internal sealed record ManageProblem(ManageProblemCode Code, string Detail)
{
    /// <summary>What is wrong in particular: a pointer or the name of a parameter, and a message.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>For <c>role_missing</c>: the roles of which one is needed.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public int? RetryAfterSeconds { get; init; }

    /// <summary>The header <c>Allow</c> of a 405.</summary>
    public string? Allow { get; init; }

    /// <summary>The header <c>WWW-Authenticate</c> of a 401 or 403.</summary>
    public string? Challenge { get; init; }

    /// <summary>The same for what is not there and for what is not the caller's to know of.</summary>
    public static ManageProblem Absent { get; } = new(ManageProblemCode.NotFound, "There is no such thing, or it is not yours to know of.");

    public static ManageProblem Parameter(string name, string fault) => new(ManageProblemCode.MalformedRequest, $"The parameter {name} is wrong.") { Errors = [$"{name}: {fault}"] };
}
