using System.Text.Json.Nodes;
using McpServerless.Management;

namespace McpServerless.Http.Manage;

/// <summary>Whether an operation says what it read.</summary>
internal enum Precondition
{
    /// <summary>It changes nothing that exists.</summary>
    None,

    /// <summary>It stops something, which must not wait for a reading; <c>If-Match</c> counts where it is given.</summary>
    Optional,

    /// <summary>Without <c>If-Match</c> it is refused with 428.</summary>
    Required,

    /// <summary>Without <c>If-Match</c> it makes something new, and is refused with 428 where that exists.</summary>
    RequiredIfExists,
}

/// <summary>A parameter of a path or of a query.</summary>
/// <param name="Schema">What it has to be like: a text, an integer or a boolean.</param>
internal sealed record ManageParameter(string Name, JsonObject Schema, string Description, JsonNode Example);

/// <summary>What an operation answers when all goes well.</summary>
/// <param name="Name">Of the schema in the document.</param>
/// <param name="Schema">Of the whole, or of each item of a list.</param>
internal sealed record ManageResult(string Name, JsonObject Schema)
{
    /// <summary>200 where nothing else is said.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [200];

    public bool IsPage { get; init; }

    /// <summary>Whether the answer has an <c>ETag</c>.</summary>
    public bool IsTagged { get; init; }
}

/// <summary>A row of the table that routes requests, says who may, and makes the OpenAPI document and the page in <c>docs/</c>.</summary>
internal sealed record ManageOperation
{
    public required string Method { get; init; }

    /// <summary>Below <c>/manage</c>, with parameters in braces.</summary>
    public required string Path { get; init; }

    public required string Id { get; init; }

    public required string Summary { get; init; }

    /// <summary>Who may beside the role; null where the role is enough.</summary>
    public string? Remark { get; init; }

    /// <summary>The roles of which one is enough; none for everybody, also without a token.</summary>
    public required GovernanceRoles Roles { get; init; }

    public IReadOnlyList<ManageParameter> Query { get; init; } = [];

    /// <summary>The schema of the body; null for none.</summary>
    public JsonObject? Body { get; init; }

    public JsonObject? Example { get; init; }

    public Precondition Precondition { get; init; }

    /// <summary>False for a question that is asked with POST.</summary>
    public bool Changes { get; init; } = true;

    public required ManageResult Result { get; init; }

    public required Func<ManageRequest, CancellationToken, Task<ManageAnswer>> RunAsync { get; init; }

    public bool HasBody => Body is not null;

    /// <summary>Whether it takes an <c>Idempotency-Key</c>.</summary>
    public bool IsRepeatable => Method == "POST" && Changes;

    public IReadOnlyList<string> Segments { get; private init; } = [];

    public IEnumerable<string> PathParameters => Segments.Where(s => s[0] == '{').Select(s => s[1..^1]);

    /// <summary>The same, made ready for routing.</summary>
    public ManageOperation Prepared() => this with { Segments = Path.Split('/', StringSplitOptions.RemoveEmptyEntries), Changes = Changes && Method != "GET" };

    /// <summary>The problems that it can end with, beside faults of HTTP itself that every request can have.</summary>
    public IEnumerable<ManageProblemCode> Problems()
    {
        yield return ManageProblemCode.MalformedRequest;
        if (Roles != GovernanceRoles.None)
        {
            yield return ManageProblemCode.InvalidToken;
            yield return ManageProblemCode.InsufficientScope;
            yield return ManageProblemCode.RoleMissing;
            if (Changes) yield return ManageProblemCode.NotAllowed;
            yield return ManageProblemCode.TooManyRefusals;
        }

        if (PathParameters.Any() || Body is not null) yield return ManageProblemCode.NotFound;
        yield return ManageProblemCode.NotAcceptable;
        if (Body is not null)
        {
            yield return ManageProblemCode.RequestTimeout;
            yield return ManageProblemCode.RequestTooLarge;
            yield return ManageProblemCode.MediaTypeUnsupported;
            yield return ManageProblemCode.BodyInvalid;
            yield return ManageProblemCode.ChangeInvalid;
        }

        if (IsRepeatable)
        {
            yield return ManageProblemCode.IdempotencyInProgress;
            yield return ManageProblemCode.IdempotencyKeyReused;
        }

        if (Changes) yield return ManageProblemCode.PreconditionFailed;
        if (Precondition is Precondition.Required or Precondition.RequiredIfExists) yield return ManageProblemCode.PreconditionRequired;
        yield return ManageProblemCode.HeadersTooLarge;
        yield return ManageProblemCode.InternalError;
        if (Changes || Id is "queryAudit" or "readTimeline") yield return ManageProblemCode.AuditUnavailable;
        if (Roles != GovernanceRoles.None) yield return ManageProblemCode.StateUnavailable;
    }
}

/// <summary>Operations of one subject.</summary>
internal interface IManageOperations
{
    IEnumerable<ManageOperation> All { get; }
}
