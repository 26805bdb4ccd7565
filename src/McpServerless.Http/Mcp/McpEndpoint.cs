using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>The MCP endpoint of one virtual server: turns HTTP into a request of either era and its outcome into HTTP. It decides nothing.</summary>
/// <remarks>
/// Streamable HTTP of MCP 2026-07-28, and of 2025-11-25, 2025-06-18 and 2025-03-26 without sessions: every request stands alone. The order
/// of the checks is what the answers of the specification presuppose; whatever they find, a caller without a valid token hears only that.
/// </remarks>
public sealed partial class McpEndpoint(
    ToolCallPipeline pipeline,
    GatewayRequests requests,
    IOptions<GatewayOptions> options,
    IOptions<AccessOptions> access,
    RefusalAnswer refusals,
    TimeProvider time,
    ILogger<McpEndpoint> logger)
{
    /// <summary>The most messages of one batch; each costs as much as a request.</summary>
    private const int MaxBatch = 50;

    private readonly GatewayOptions _options = options.Value;
    private readonly RequestBody _body = new(options.Value, time);
    // A list may be reused as long as a revocation may take.
    private readonly int _listTtlMilliseconds = access.Value.MaxStalenessSeconds * 1000;

    public async Task HandleAsync(HttpContext http, string server, CancellationToken ct)
    {
        var opened = new McpExchange(http.Request, Open(http.Request, server), null, new HttpAnswer(http));
        ReadBody? body = null;
        var decided = false;
        try
        {
            // 1. What the headers tell: origin, method, size, media types. 2. The body: size, time, JSON.
            var error = TransportChecks.FindFault(http.Request, _options);
            if (error is null) (body, error) = await _body.ReadAsync(http.Request, ct);

            // 3. The message itself: its envelope, its era, and the headers that mirror it.
            decided = true;
            if (error is not null) await RefuseAsync(opened, error, ct);
            else if (Era.TakesBatch(http.Request, body!.Root)) await HandleBatchAsync(opened, body.Root, ct);
            else await HandleMessageAsync(opened, body.Root, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Nobody is there to answer. Whatever came so far that it was decided on has its record.
            if (!decided) await requests.RefuseAsync(opened.Context, new Refusal(RefusalCode.Cancelled, "The client went away.") { OperatorNote = "before the body was complete" }, CancellationToken.None);
        }
        catch (Exception e)
        {
            // The pipeline answers for its own faults; this is one around it, and it too has a name, a record and no stack trace.
            Log.Unforeseen(logger, e, opened.Context.RequestId);
            var refusal = new Refusal(RefusalCode.InternalError, $"Internal error; correlation id {opened.Context.RequestId:D}.") { OperatorNote = e.GetType().Name };
            if (!decided) refusal = await requests.RefuseAsync(opened.Context, refusal, CancellationToken.None);
            if (!http.Response.HasStarted) await refusals.WriteAsync(opened, refusal, ct);
        }
        finally
        {
            body?.Dispose();
        }
    }

    /// <summary>Serves each element alone: authorised, validated, counted and recorded like a request of its own (MCP 2025-03-26, Base Protocol).</summary>
    private async ValueTask HandleBatchAsync(McpExchange whole, JsonElement batch, CancellationToken ct)
    {
        if (batch.GetArrayLength() is 0 or > MaxBatch)
        {
            await RefuseAsync(whole, new ProtocolError(400, RefusalCode.InvalidRequest, $"A batch has 1 to {MaxBatch} messages"), ct);
            return;
        }

        using var body = new PooledBytes();
        foreach (var element in batch.EnumerateArray())
        {
            var answer = new BatchAnswer(whole.Answer);
            await HandleMessageAsync(whole with { Answer = answer, Context = whole.Context with { RequestId = NewId() } }, element, ct, inBatch: true);
            if (answer.RefusedWith != 0)
            {
                await whole.Answer.EndAsync(answer.RefusedWith, answer.Message, ct);
                return;
            }

            if (answer.Message.IsEmpty) continue;
            body.Write(body.Length == 0 ? "["u8 : ","u8);
            body.Write(answer.Message.Span);
        }

        if (body.Length == 0)
        {
            whole.Answer.End(StatusCodes.Status202Accepted);
            return;
        }

        body.Write("]"u8);
        await whole.Answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
    }

    private async ValueTask HandleMessageAsync(McpExchange opened, JsonElement root, CancellationToken ct, bool inBatch = false)
    {
        var message = new McpMessage(root);
        var error = message.ReadEnvelope();
        string? revision = null;
        if (error is null) (revision, error) = Era.Of(opened.Request, message);
        if (error is null && revision == ProtocolRevision.Modern) error = Era.CheckMirroredHeaders(opened.Request, message);
        if (error is null && inBatch && message.Method == RequestMethods.Initialize) error = new ProtocolError(200, RefusalCode.InvalidRequest, "initialize cannot be part of a batch");

        var exchange = opened with { Message = message, Context = Describe(opened.Context, message, revision) };
        if (error is not null) await RefuseAsync(exchange, error, ct);
        else if (message.Method is null || message.IsNotification) await AcceptAsync(exchange, message, ct);
        else await ServeAsync(exchange, message, ct);
    }

    private async ValueTask ServeAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        switch (message.Method)
        {
            case RequestMethods.ToolsCall:
                await CallToolAsync(exchange, message, ct);
                break;
            case RequestMethods.ToolsList when message.Params.TryGetProperty("cursor"u8, out _):
                // Lists come whole, so no cursor was ever given out (MCP, Pagination).
                await RefuseAsync(exchange, ProtocolError.BadParams("Unknown cursor"), ct);
                break;
            case RequestMethods.ToolsList:
                await AnswerAsync(exchange, (writer, admission) => AnswerWriter.WriteToolList(writer, requests.VisibleTools(admission), exchange.Revision, _listTtlMilliseconds), ct);
                break;
            case RequestMethods.ServerDiscover when exchange.IsModern:
                await AnswerAsync(exchange, (writer, admission) => AnswerWriter.WriteDiscovery(writer, admission, _listTtlMilliseconds), ct);
                break;
            case RequestMethods.Initialize when !exchange.IsModern:
                await AnswerAsync(exchange, (writer, admission) => AnswerWriter.WriteInitialization(writer, admission, exchange.Revision), ct);
                break;
            case RequestMethods.Ping when !exchange.IsModern:
                await AnswerAsync(exchange, (_, _) => { }, ct);
                break;
            default:
                // In the older era 404 would mean that the session is gone (MCP 2025-11-25, Transports).
                await RefuseAsync(exchange, new ProtocolError(exchange.IsModern ? 404 : 200, RefusalCode.MethodUnknown, "Method not found"), ct);
                break;
        }
    }

    private async ValueTask CallToolAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        if (McpMessage.Text(message.Params, "name") is not { Length: > 0 } tool)
        {
            await RefuseAsync(exchange, ProtocolError.BadParams("params.name must be the name of a tool"), ct);
            return;
        }

        var call = new ToolCall
        {
            Context = exchange.Context,
            Tool = tool,
            Params = message.Params,
            Notifications = exchange.Answer,
            Header = exchange.IsModern ? name => Era.Header(exchange.Request, name) : null,
        };
        if (!(await pipeline.CallAsync(call, ct)).Succeeded(out var result, out var refusal))
        {
            await refusals.WriteAsync(exchange, refusal, ct);
            return;
        }

        using (result)
        using (var body = new PooledBytes())
        {
            RateLimitHeaders.Write(exchange.Answer, result.Standings);
            AnswerWriter.WriteToolResult(body, exchange.Id, result, exchange.Revision);
            await exchange.Answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
        }
    }

    /// <summary>Answers from the gateway's own knowledge, once the caller is let in.</summary>
    private async ValueTask AnswerAsync(McpExchange exchange, Action<Utf8JsonWriter, Admission> write, CancellationToken ct)
    {
        if (!(await requests.AdmitAsync(exchange.Context, ct)).Succeeded(out var admission, out var refusal))
        {
            await refusals.WriteAsync(exchange, refusal, ct);
            return;
        }

        using var body = new PooledBytes();
        AnswerWriter.WriteResult(body, exchange.Id, writer => write(writer, admission));
        await exchange.Answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
    }

    /// <summary>Takes a notification, or a response to a request that was never sent: 202, or the refusal.</summary>
    private async ValueTask AcceptAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        if (exchange.IsModern && message.Method != NotificationMethods.CancelledNotification)
        {
            await RefuseAsync(exchange, new ProtocolError(400, RefusalCode.InvalidRequest, "This notification is not served"), ct);
            return;
        }

        if ((await requests.AdmitAsync(exchange.Context, ct)).Succeeded(out _, out var refusal)) exchange.Answer.End(StatusCodes.Status202Accepted);
        else await refusals.WriteAsync(exchange, refusal, ct);
    }

    private async ValueTask RefuseAsync(McpExchange exchange, ProtocolError error, CancellationToken ct)
    {
        var recorded = error.ToRefusal();
        var refusal = await requests.RefuseAsync(exchange.Context, recorded, ct);
        if (ReferenceEquals(refusal, recorded)) await RefusalAnswer.WriteAsync(exchange, error, ct);
        else await refusals.WriteAsync(exchange, refusal, ct);
    }

    private Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());

    private RequestContext Open(HttpRequest request, string server) => new()
    {
        RequestId = NewId(),
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

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Error, "Unforeseen fault around request {RequestId}")]
        public static partial void Unforeseen(ILogger logger, Exception exception, Guid requestId);
    }
}
