using System.Globalization;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>Turns a refusal into HTTP: status, challenge, and the JSON-RPC form that the refusal's table asks for.</summary>
public sealed class RefusalAnswer(IOptions<GatewayOptions> gateway, IOptions<AuthenticationOptions> authentication)
{
    internal static async ValueTask WriteAsync(McpExchange exchange, ProtocolError error, CancellationToken ct)
    {
        if (error.Allow is { } allow) exchange.Answer.Header("Allow", allow);
        using var body = new PooledBytes();
        AnswerWriter.WriteProtocolError(body, exchange.Id, error);
        await exchange.Answer.EndAsync(error.HttpStatus, body.Memory, ct);
    }

    /// <summary>Records that a request breaks the protocol and answers it; a caller without a valid token hears only that.</summary>
    internal async ValueTask RefuseAsync(GatewayRequests requests, McpExchange exchange, ProtocolError error, CancellationToken ct)
    {
        var recorded = error.ToRefusal();
        var refusal = await requests.RefuseAsync(exchange.Context, recorded, ct);
        if (ReferenceEquals(refusal, recorded)) await WriteAsync(exchange, error, ct);
        else await WriteAsync(exchange, refusal, ct);
    }

    internal async ValueTask WriteAsync(McpExchange exchange, Refusal refusal, CancellationToken ct)
    {
        if (refusal.Code == RefusalCode.Cancelled)
        {
            // Whoever cancelled wants no answer; an open stream just ends (MCP 2025-11-25, Cancellation).
            exchange.Answer.End(StatusCodes.Status202Accepted);
            return;
        }

        var (context, answer) = (exchange.Context, exchange.Answer);
        if (Challenge(context, refusal) is { } challenge) answer.Header("WWW-Authenticate", challenge);
        if (refusal.RetryAfterSeconds is { } seconds) answer.Header("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));

        RateLimitHeaders.Write(answer, refusal.Standings);

        using var body = new PooledBytes();
        if (GoesToTheModel(refusal.Code, exchange)) AnswerWriter.WriteRefusalResult(body, exchange.Id, refusal, context.RequestId, exchange.Revision);
        else AnswerWriter.WriteRefusalError(body, exchange.Id, CodeOf(refusal.Code, exchange), refusal, exchange.Subject, exchange.Uri, context.RequestId);
        await answer.EndAsync(StatusOf(refusal.Code, exchange), body.Memory, ct);
    }

    /// <summary>Only the results of tools are read by a model. Before 2025-11-25 bad arguments were an error of the protocol, not of the tool.</summary>
    private static bool GoesToTheModel(RefusalCode code, McpExchange exchange) =>
        code.Form == RefusalForm.ToolResult
        && exchange.Context.Method == RequestMethods.ToolsCall
        && exchange.Context.Revision is not null
        && !(code == RefusalCode.ArgumentsInvalid && exchange.Context.Revision is ProtocolRevision.Legacy20250326 or ProtocolRevision.Legacy20250618);

    /// <summary>In the older era a resource that is not there has a code of its own (MCP 2025-11-25, Resources, Error Handling).</summary>
    private static int CodeOf(RefusalCode code, McpExchange exchange) =>
        code.LooksUnknown && exchange.Subject == SubjectKind.Resource && !exchange.IsModern ? ProtocolError.ResourceNotFound : code.JsonRpcCode;

    /// <summary>In the older era 404 says that the session is gone (MCP 2025-11-25, Transports), so it says nothing else.</summary>
    private static int StatusOf(RefusalCode code, McpExchange exchange) =>
        code == RefusalCode.MethodNotServed && !exchange.IsModern ? StatusCodes.Status200OK : code.HttpStatus;

    /// <summary>RFC 6750, section 3 with RFC 9728, section 5.1; null where a token would not help.</summary>
    private string? Challenge(RequestContext context, Refusal refusal)
    {
        var metadata = gateway.Value.MetadataOf(Uri.EscapeDataString(context.Server));
        if (refusal.Code == RefusalCode.InvalidToken)
        {
            var scope = authentication.Value.QualifiedScope(authentication.Value.RequiredScope);
            var error = context.Token is null ? "" : $"error=\"invalid_token\", error_description=\"{refusal.Detail}\", ";
            return $"Bearer {error}resource_metadata=\"{metadata}\", scope=\"{scope}\"";
        }

        return refusal.Code == RefusalCode.InsufficientScope
            ? $"Bearer error=\"insufficient_scope\", scope=\"{string.Join(' ', refusal.RequiredScopes)}\", resource_metadata=\"{metadata}\", error_description=\"{refusal.Detail}\""
            : null;
    }
}
