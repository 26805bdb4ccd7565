using McpServerless.Access.Administration;
using McpServerless.Authentication;
using McpServerless.Http.Mcp;
using McpServerless.Management;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Manage;

/// <summary>The management API: reads HTTP, lets in whom the table lets in, and answers what the operation makes. It decides nothing itself.</summary>
/// <remarks>Whoever has no valid token hears only that, whatever is asked for; who has no role for it learns which one.</remarks>
public sealed partial class ManageEndpoint
{
    private const string Document = "openapi.json";

    private readonly ManageTable _table;
    private readonly AccessTokenVerifier _tokens;
    private readonly GovernanceCallers _callers;
    private readonly OpenApiDescription _description;
    private readonly ManageReader _reader;
    private readonly ManageWriter _writer;
    private readonly RepeatedRequests _repeated;
    private readonly RefusalBrake _brake;
    private readonly ChangeRecords _records;
    private readonly GatewayOptions _gateway;
    private readonly TimeProvider _time;
    private readonly ILogger<ManageEndpoint> _logger;

    internal ManageEndpoint(
        ManageTable table,
        AccessTokenVerifier tokens,
        GovernanceCallers callers,
        OpenApiDescription description,
        ManageReader reader,
        ManageWriter writer,
        RepeatedRequests repeated,
        RefusalBrake brake,
        ChangeRecords records,
        IOptions<GatewayOptions> gateway,
        TimeProvider time,
        ILogger<ManageEndpoint> logger)
    {
        (_table, _tokens, _callers, _description, _reader, _writer) = (table, tokens, callers, description, reader, writer);
        (_repeated, _brake, _records, _gateway, _time, _logger) = (repeated, brake, records, gateway.Value, time, logger);
    }

    /// <param name="path">Behind <c>/manage/</c>; null or empty for that itself.</param>
    public async Task HandleAsync(HttpContext http, string? path, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(http);
        var requestId = Guid.CreateVersion7(_time.GetUtcNow());
        try
        {
            var answer = await AnswerAsync(http.Request, path ?? "", requestId, ct);
            Log.Answered(_logger, requestId, http.Request.Method, answer.Status);
            await ManageWriter.WriteAsync(http, answer, requestId, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Nobody is there to answer.
        }
    }

    private async Task<ManageAnswer> AnswerAsync(HttpRequest request, string path, Guid requestId, CancellationToken ct)
    {
        try
        {
            if (_reader.CheckHeaders(request) is { } fault) return fault;
            if (path == Document && HttpMethods.IsGet(request.Method)) return await _description.AnswerAsync(ct);

            // 1. Who is calling? Before that nothing is told, not even which paths there are.
            var address = $"address {CallerAddress.Of(request, _gateway.TrustedProxies)}";
            if (_brake.IsHeld(address)) return Held;
            var token = McpEndpoint.ReadToken(request);
            if (!(await _tokens.AuthenticateAsync(token, ct)).Succeeded(out var caller, out var refusal))
            {
                if (refusal.Code == RefusalCode.InvalidToken) _brake.Count(address);
                return _writer.ProblemOf(refusal, token is not null);
            }

            if (_brake.IsHeld(caller.Principal)) return Held;
            var answer = await AnswerAsync(request, path, caller, requestId, ct);
            if (answer.Problem is { Code.Status: 401 or 403 or 404 }) _brake.Count(caller.Principal);
            return answer;
        }
        catch (StoreUnavailableException e)
        {
            Log.Unavailable(_logger, e, requestId);
            return new ManageProblem(ManageProblemCode.StateUnavailable, "The state cannot be used; try again shortly.") { RetryAfterSeconds = 2 };
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException))
        {
            Log.Unforeseen(_logger, e, requestId);
            return new ManageProblem(ManageProblemCode.InternalError, "Internal error; the log has it under requestId.");
        }
    }

    private async Task<ManageAnswer> AnswerAsync(HttpRequest request, string path, Caller caller, Guid requestId, CancellationToken ct)
    {
        // 2. For whom does it speak? 3. What is asked for? 4. May one of its roles?
        if (!(await _callers.IdentifyAsync(caller, ct)).Succeeded(out var governor, out var refusal)) return _writer.ProblemOf(refusal, hadToken: true);
        if (!_table.TryFind(request.Method, path, out var operation, out var values, out var allowed))
        {
            return allowed.Count == 0 && path != Document
                ? ManageProblem.Absent
                : new ManageProblem(ManageProblemCode.MethodNotAllowed, "The path has no such method.") { Allow = allowed.Count == 0 ? "GET" : string.Join(", ", allowed) };
        }

        if ((operation.Roles & governor.Roles) == 0)
        {
            string[] roles = [.. GovernanceRoleNames.NamesOf(operation.Roles)];
            await _records.NoteAsync(new ChangeSubject("managementRefused", governor.Actor, "none of the roles"), [new("operation", operation.Id)], ct);
            return new ManageProblem(ManageProblemCode.RoleMissing, $"This needs one of the app roles {string.Join(", ", roles)}.") { Roles = roles };
        }

        // 5. Is it what the operation takes? 6. Was it answered before?
        var (read, problem, body) = await _reader.ReadAsync(operation, governor, values, request, ct);
        using (body)
        {
            if (read is null) return problem!; // one of the two is there
            var named = read with { RequestId = requestId };
            return await _repeated.AnswerAsync(operation, named, () => operation.RunAsync(named, ct), ct);
        }
    }

    private static ManageProblem Held { get; } = new(ManageProblemCode.TooManyRefusals, "Too many requests were refused; wait a minute.") { RetryAfterSeconds = RefusalBrake.WindowSeconds };

    private static partial class Log
    {
        [LoggerMessage(5201, LogLevel.Information, "Management request {RequestId} {Method} ended with {Status}")]
        public static partial void Answered(ILogger logger, Guid requestId, string method, int status);

        [LoggerMessage(5202, LogLevel.Warning, "The state could not be used for management request {RequestId}")]
        public static partial void Unavailable(ILogger logger, Exception exception, Guid requestId);

        [LoggerMessage(5203, LogLevel.Error, "Unforeseen fault around management request {RequestId}")]
        public static partial void Unforeseen(ILogger logger, Exception exception, Guid requestId);
    }
}
