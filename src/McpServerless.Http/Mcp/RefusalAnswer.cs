using System.Globalization;
using System.Text.Json;
using McpServerless.Authentication;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Mcp;

/// <summary>Turns a refusal into HTTP: status, challenge, and the JSON-RPC form that the refusal's table asks for.</summary>
public sealed class RefusalAnswer(IOptions<GatewayOptions> gateway, IOptions<AuthenticationOptions> authentication)
{
    internal static async ValueTask WriteAsync(HttpContext http, McpAnswer answer, JsonElement id, ProtocolError error, CancellationToken ct)
    {
        if (error.Allow is { } allow) http.Response.Headers.Allow = allow;
        using var body = new PooledBytes();
        AnswerWriter.WriteProtocolError(body, id, error);
        await answer.EndAsync(error.HttpStatus, body.Memory, ct);
    }

    internal async ValueTask WriteAsync(HttpContext http, McpAnswer answer, RequestContext context, JsonElement id, Refusal refusal, CancellationToken ct)
    {
        if (refusal.Code == RefusalCode.Cancelled) return;
        if (!http.Response.HasStarted)
        {
            if (Challenge(context, refusal) is { } challenge) http.Response.Headers.WWWAuthenticate = challenge;
            if (refusal.RetryAfterSeconds is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        using var body = new PooledBytes();
        if (GoesToTheModel(refusal.Code, context.Revision)) AnswerWriter.WriteRefusalResult(body, id, refusal, context.RequestId, context.Revision!);
        else AnswerWriter.WriteRefusalError(body, id, refusal, context.RequestId);
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
