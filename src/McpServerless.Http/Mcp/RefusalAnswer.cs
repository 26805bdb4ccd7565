using System.Globalization;
using McpServerless.Authentication;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Options;

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

    internal async ValueTask WriteAsync(McpExchange exchange, Refusal refusal, CancellationToken ct)
    {
        if (refusal.Code == RefusalCode.Cancelled) return;
        var (context, answer) = (exchange.Context, exchange.Answer);
        if (Challenge(context, refusal) is { } challenge) answer.Header("WWW-Authenticate", challenge);
        if (refusal.RetryAfterSeconds is { } seconds) answer.Header("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));

        RateLimitHeaders.Write(answer, refusal.Standings);

        using var body = new PooledBytes();
        if (GoesToTheModel(refusal.Code, context.Revision)) AnswerWriter.WriteRefusalResult(body, exchange.Id, refusal, context.RequestId, exchange.Revision);
        else AnswerWriter.WriteRefusalError(body, exchange.Id, refusal, context.RequestId);
        await answer.EndAsync(refusal.Code.HttpStatus, body.Memory, ct);
    }

    /// <summary>Before 2025-11-25 bad arguments were an error of the protocol, not of the tool.</summary>
    private static bool GoesToTheModel(RefusalCode code, string? revision) =>
        code.Form == RefusalForm.ToolResult
        && revision is not null
        && !(code == RefusalCode.ArgumentsInvalid && revision is ProtocolRevision.Legacy20250326 or ProtocolRevision.Legacy20250618);

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
