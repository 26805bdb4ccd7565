using System.Diagnostics;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>The MCP endpoint of one virtual server: turns HTTP into a request of either era and its outcome into HTTP. It decides nothing.</summary>
/// <remarks>
/// Streamable HTTP of MCP 2026-07-28, and of 2025-11-25, 2025-06-18 and 2025-03-26 without sessions: every request stands alone. The order
/// of the checks is what the answers of the specification presuppose; whatever they find, a caller without a valid token hears only that.
/// </remarks>
public sealed class McpEndpoint(
    ToolCallPipeline pipeline,
    GatewayRequests requests,
    IOptions<GatewayOptions> options,
    IOptions<AccessOptions> access,
    RefusalAnswer refusals,
    TimeProvider time)
{
    private readonly GatewayOptions _options = options.Value;
    private readonly RequestBody _body = new(options.Value, time);
    // A list may be reused as long as a revocation may take.
    private readonly int _listTtlMilliseconds = access.Value.MaxStalenessSeconds * 1000;

    public async Task HandleAsync(HttpContext http, string server, CancellationToken ct)
    {
        var context = Open(http.Request, server);
        var answer = new McpAnswer(http);
        McpMessage? message = null;
        var recorded = false;
        try
        {
            // 1. What the headers tell: origin, method, size, media types.
            var error = TransportChecks.FindFault(http.Request, _options);

            // 2. The body: size, time, JSON, envelope.
            if (error is null) (message, error) = await _body.ReadAsync(http.Request, ct);
            error ??= message!.ReadEnvelope();

            // 3. The era, its version and the headers that mirror the body.
            string? revision = null;
            if (error is null) (revision, error) = Era.Of(http.Request, message!);
            if (error is null && revision == ProtocolRevision.Modern) error = Era.CheckMirroredHeaders(http.Request, message!);

            if (message is not null) context = Describe(context, message, revision);
            recorded = true;
            if (error is not null) await RefuseAsync(http, answer, context, message, error, ct);
            else await ServeAsync(http, answer, context, message!, revision!, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Nobody is there to answer. Whatever came so far that it was decided on has its record.
            if (!recorded) await requests.RefuseAsync(context, new Refusal(RefusalCode.Cancelled, "The client went away.") { OperatorNote = "before the body was complete" }, CancellationToken.None);
        }
        finally
        {
            message?.Dispose();
        }
    }

    private async ValueTask ServeAsync(HttpContext http, McpAnswer answer, RequestContext context, McpMessage message, string revision, CancellationToken ct)
    {
        var modern = revision == ProtocolRevision.Modern;
        if (message.Method is null || message.IsNotification)
        {
            await AcceptAsync(http, answer, context, message, modern, ct);
            return;
        }

        switch (message.Method)
        {
            case RequestMethods.ToolsCall:
                await CallToolAsync(http, answer, context, message, revision, ct);
                break;
            case RequestMethods.ToolsList when message.Params.TryGetProperty("cursor"u8, out _):
                // Lists come whole, so no cursor was ever given out (MCP, Pagination).
                await RefuseAsync(http, answer, context, message, ProtocolError.BadParams("Unknown cursor"), ct);
                break;
            case RequestMethods.ToolsList:
                await AnswerAsync(http, answer, context, message, revision, (writer, admission) =>
                    AnswerWriter.WriteToolList(writer, requests.VisibleTools(admission), revision, _listTtlMilliseconds), ct);
                break;
            case RequestMethods.ServerDiscover when modern:
                await AnswerAsync(http, answer, context, message, revision, (writer, admission) => AnswerWriter.WriteDiscovery(writer, admission, _listTtlMilliseconds), ct);
                break;
            case RequestMethods.Initialize when !modern:
                await AnswerAsync(http, answer, context, message, revision, (writer, admission) => AnswerWriter.WriteInitialization(writer, admission, revision), ct);
                break;
            case RequestMethods.Ping when !modern:
                await AnswerAsync(http, answer, context, message, revision, (_, _) => { }, ct);
                break;
            default:
                // In the older era 404 would mean that the session is gone (MCP 2025-11-25, Transports).
                await RefuseAsync(http, answer, context, message, new ProtocolError(modern ? 404 : 200, RefusalCode.MethodUnknown, "Method not found"), ct);
                break;
        }
    }

    private async ValueTask CallToolAsync(HttpContext http, McpAnswer answer, RequestContext context, McpMessage message, string revision, CancellationToken ct)
    {
        if (McpMessage.Text(message.Params, "name") is not { Length: > 0 } tool)
        {
            await RefuseAsync(http, answer, context, message, ProtocolError.BadParams("params.name must be the name of a tool"), ct);
            return;
        }

        var call = new ToolCall { Context = context, Tool = tool, Params = message.Params, Notifications = answer, Header = revision == ProtocolRevision.Modern ? name => Era.Header(http.Request, name) : null };
        if ((await pipeline.CallAsync(call, ct)).Succeeded(out var result, out var refusal))
        {
            using (result)
            using (var body = new PooledBytes())
            {
                AnswerWriter.WriteToolResult(body, message.Id, result, revision);
                await answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
            }
        }
        else
        {
            await refusals.WriteAsync(http, answer, context, message.Id, refusal, ct);
        }
    }

    /// <summary>Answers from the gateway's own knowledge, once the caller is let in.</summary>
    private async ValueTask AnswerAsync(
        HttpContext http,
        McpAnswer answer,
        RequestContext context,
        McpMessage message,
        string revision,
        Action<Utf8JsonWriter, Admission> write,
        CancellationToken ct)
    {
        if (!(await requests.AdmitAsync(context, ct)).Succeeded(out var admission, out var refusal))
        {
            await refusals.WriteAsync(http, answer, context, message.Id, refusal, ct);
            return;
        }

        using var body = new PooledBytes();
        AnswerWriter.WriteResult(body, message.Id, writer => write(writer, admission));
        await answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
    }

    /// <summary>Takes a notification, or a response to a request that was never sent: 202, or the refusal.</summary>
    private async ValueTask AcceptAsync(HttpContext http, McpAnswer answer, RequestContext context, McpMessage message, bool modern, CancellationToken ct)
    {
        if (modern && message.Method != NotificationMethods.CancelledNotification)
        {
            await RefuseAsync(http, answer, context, message, new ProtocolError(400, RefusalCode.InvalidRequest, "This notification is not served"), ct);
            return;
        }

        if ((await requests.AdmitAsync(context, ct)).Succeeded(out _, out var refusal)) answer.End(StatusCodes.Status202Accepted);
        else await refusals.WriteAsync(http, answer, context, default, refusal, ct);
    }

    private async ValueTask RefuseAsync(HttpContext http, McpAnswer answer, RequestContext context, McpMessage? message, ProtocolError error, CancellationToken ct)
    {
        var recorded = error.ToRefusal();
        var refusal = await requests.RefuseAsync(context, recorded, ct);
        if (ReferenceEquals(refusal, recorded)) await RefusalAnswer.WriteAsync(http, answer, message?.Id ?? default, error, ct);
        else await refusals.WriteAsync(http, answer, context, message?.Id ?? default, refusal, ct);
    }

    private RequestContext Open(HttpRequest request, string server) => new()
    {
        RequestId = Guid.CreateVersion7(time.GetUtcNow()),
        Server = server,
        Token = ReadToken(request),
        StartedAt = time.GetTimestamp(),
        TraceId = request.Headers.TryGetValue("traceparent", out var parent) && ActivityContext.TryParse(parent, null, out var trace) ? trace.TraceId : default,
        ClaimedUserAgent = request.Headers.UserAgent.Count > 0 ? request.Headers.UserAgent.ToString() : null,
    };

    private static RequestContext Describe(RequestContext context, McpMessage message, string? revision)
    {
        var info = message.Method == RequestMethods.Initialize && message.Params.TryGetProperty("clientInfo"u8, out var own) ? own
            : message.Meta.ValueKind == JsonValueKind.Object && message.Meta.TryGetProperty(MetaKeys.ClientInfo, out var inMeta) ? inMeta
            : default;
        return context with
        {
            Method = message.Method,
            Revision = revision,
            ClaimedClientName = McpMessage.Text(info, "name"),
            ClaimedClientVersion = McpMessage.Text(info, "version"),
        };
    }

    /// <summary>The token of exactly one header <c>Authorization: Bearer</c> (RFC 6750, section 2.1).</summary>
    private static AccessToken? ReadToken(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return null;
        return new AccessToken(value.AsMemory("Bearer ".Length).Trim());
    }
}
