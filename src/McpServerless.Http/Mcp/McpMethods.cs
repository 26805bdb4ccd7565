using System.Text.Json;
using McpServerless.Access;
using McpServerless.Protocol;
using McpServerless.Sessions;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>What each method of MCP is answered by, and in which era there is such a method.</summary>
public sealed class McpMethods(
    ToolCallPipeline pipeline,
    GatewayRequests requests,
    AgentSessions sessions,
    SessionStreams streams,
    Subscriptions subscriptions,
    ActiveCalls calls,
    IOptions<AccessOptions> access,
    RefusalAnswer refusals)
{
    // What the gateway answers may be reused as long as a revocation may take.
    private readonly int _ttlMilliseconds = access.Value.MaxStalenessSeconds * 1000;

    internal async ValueTask ServeAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        var method = message.Method!; // A request has one.
        switch (method)
        {
            case CallTarget.TasksGet or CallTarget.TasksUpdate or CallTarget.TasksCancel when !exchange.IsModern:
            case RequestMethods.ResourcesSubscribe or RequestMethods.ResourcesUnsubscribe when exchange.IsModern:
                await RefuseMethodAsync(exchange, ct);
                break;
            case not null when CallTarget.IsForwarded(method):
                await CallAsync(exchange, message, method, ct);
                break;
            case not null when FeatureLists.AskedBy(method) is { } list:
                await ListAsync(exchange, message, list, ct);
                break;
            case RequestMethods.ServerDiscover when exchange.IsModern:
                await AnswerAsync(exchange, await sessions.DiscoverAsync(exchange.Context, ct), (writer, offer) => AnswerWriter.WriteDiscovery(writer, offer, _ttlMilliseconds), ct);
                break;
            case RequestMethods.SubscriptionsListen when exchange.IsModern:
                await ListenAsync(exchange, message, ct);
                break;
            case RequestMethods.Initialize when !exchange.IsModern:
                await InitializeAsync(exchange, message, ct);
                break;
            case RequestMethods.Ping when !exchange.IsModern:
                await AnswerAsync(exchange, await requests.AdmitAsync(exchange.Context, ct), (_, _) => { }, ct);
                break;
            case OlderMethods.LoggingSetLevel when !exchange.IsModern:
                await SetLevelAsync(exchange, message, ct);
                break;
            default:
                await RefuseMethodAsync(exchange, ct);
                break;
        }
    }

    /// <summary>Takes a notification, or the answer to a request of an upstream: 202, or the refusal.</summary>
    internal async ValueTask AcceptAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        if (exchange.IsModern && message.Method != NotificationMethods.CancelledNotification)
        {
            await RefuseAsync(exchange, new ProtocolError(400, RefusalCode.InvalidRequest, "This notification is not served"), ct);
            return;
        }

        var accepted = message.Method is { } method
            ? await sessions.NotifyAsync(exchange.Context, method, message.Params, ct)
            : await sessions.RelayAsync(exchange.Context, message.Root, ct);
        if (accepted.Succeeded(out _, out var refusal)) exchange.Answer.End(StatusCodes.Status202Accepted);
        else await refusals.WriteAsync(exchange, refusal, ct);
    }

    /// <summary>Ends the session that the request names.</summary>
    internal async ValueTask EndSessionAsync(McpExchange exchange, CancellationToken ct)
    {
        if ((await sessions.EndAsync(exchange.Context, ct)).Succeeded(out _, out var refusal)) exchange.Answer.End(StatusCodes.Status200OK);
        else await refusals.WriteAsync(exchange, refusal, ct);
    }

    /// <summary>Holds the stream of the session that the request names.</summary>
    internal async ValueTask HoldStreamAsync(McpExchange exchange, string? lastEventId, CancellationToken ct)
    {
        if (!(await streams.HoldAsync(exchange.Context, lastEventId, exchange.Answer, ct)).Succeeded(out var end, out var refusal))
        {
            await refusals.WriteAsync(exchange, refusal, ct);
        }
        else if (!end.Opened)
        {
            await RefusalAnswer.WriteAsync(exchange, TransportChecks.NotServed, ct);
        }
        else if (end is { Request: { } request, Method: { } method, Result: { } result })
        {
            using (result)
            using (var body = new PooledBytes())
            {
                AnswerWriter.WriteCallResult(body, request.ToJson(), result, method, exchange.Revision, _ttlMilliseconds);
                await exchange.Answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
            }
        }
    }

    private async ValueTask CallAsync(McpExchange exchange, McpMessage message, string method, CancellationToken ct)
    {
        if (CallTarget.Read(method, message.Params, out var fault) is not { } target)
        {
            await RefuseAsync(exchange, ProtocolError.BadParams(fault), ct);
            return;
        }

        if (exchange.IsModern && message.Meta.TryGetProperty(MetaKeys.LogLevel, out var level) && LogSeverity.Of(level.ValueKind == JsonValueKind.String ? level.GetString() : null) < 0)
        {
            await RefuseAsync(exchange, ProtocolError.BadParams($"_meta {MetaKeys.LogLevel} is no log level"), ct);
            return;
        }

        var call = new GovernedCall
        {
            Context = exchange.Context,
            Target = target,
            Id = RpcId.Of(exchange.Id) ?? default, // An id of another kind is not let in.
            Params = message.Params,
            Agent = exchange.Answer,
            Capabilities = exchange.Answer.Streams ? AgentCapabilities.Read(exchange.IsModern ? message.Meta.GetProperty(MetaKeys.ClientCapabilities) : exchange.Context.Session?.Capabilities ?? default) : AgentCapabilities.None,
            Header = exchange.IsModern ? name => Era.Header(exchange.Request, name) : null,
        };
        if (exchange.IsModern)
        {
            await WriteAsync(exchange, await pipeline.CallAsync(call, ct), method, ct);
            return;
        }

        // In the older era hanging up is no cancellation: the call goes on, and a notification can end it (MCP 2025-11-25, Transports and Cancellation).
        using var running = exchange.Context.Session is { } session ? calls.Begin(session.Id, call.Id) : null;
        await WriteAsync(exchange, await pipeline.CallAsync(call, running?.Token ?? CancellationToken.None), method, ct);
    }

    private async ValueTask WriteAsync(McpExchange exchange, Outcome<CallResult> outcome, string method, CancellationToken ct)
    {
        if (!outcome.Succeeded(out var result, out var refusal))
        {
            await refusals.WriteAsync(exchange, refusal, ct);
            return;
        }

        using (result)
        using (var body = new PooledBytes())
        {
            RateLimitHeaders.Write(exchange.Answer, result.Standings);
            AnswerWriter.WriteCallResult(body, exchange.Id, result, method, exchange.Revision, _ttlMilliseconds);
            await exchange.Answer.EndAsync(StatusOf(result, exchange), body.Memory, ct);
        }
    }

    /// <summary>The statuses that 2026-07-28 fixes for errors, also for those of an upstream (MCP 2026-07-28, Streamable HTTP).</summary>
    private static int StatusOf(CallResult result, McpExchange exchange)
    {
        if (!exchange.IsModern || result.Error.ValueKind != JsonValueKind.Object || !result.Error.GetProperty("code"u8).TryGetInt32(out var code)) return StatusCodes.Status200OK;
        return code == RefusalCode.CapabilityMissing.JsonRpcCode ? StatusCodes.Status400BadRequest
            : code == RefusalCode.MethodUnknown ? StatusCodes.Status404NotFound
            : StatusCodes.Status200OK;
    }

    private async ValueTask ListAsync(McpExchange exchange, McpMessage message, FeatureList list, CancellationToken ct)
    {
        string? cursor = null;
        if (message.Params.TryGetProperty("cursor"u8, out var given))
        {
            if (given.ValueKind != JsonValueKind.String)
            {
                await RefuseAsync(exchange, ProtocolError.BadParams("params.cursor must be a text"), ct);
                return;
            }

            cursor = given.GetString();
        }

        await AnswerAsync(exchange, await requests.ListAsync(exchange.Context, list, cursor, ct), (writer, page) => AnswerWriter.WriteList(writer, list, page, exchange.Revision, _ttlMilliseconds), ct);
    }

    private async ValueTask InitializeAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        var declared = message.Params.TryGetProperty("capabilities"u8, out var own) ? own : default;
        var opened = await sessions.OpenAsync(exchange.Context, declared, ct);
        if (opened.Succeeded(out var offer, out _) && offer.Session is { } session) exchange.Answer.Header("Mcp-Session-Id", session);
        await AnswerAsync(exchange, opened, (writer, done) => AnswerWriter.WriteInitialization(writer, done, exchange.Revision), ct);
    }

    private async ValueTask SetLevelAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        if (McpMessage.Text(message.Params, "level") is not { } level || LogSeverity.Of(level) < 0) await RefuseAsync(exchange, ProtocolError.BadParams("params.level is no log level"), ct);
        else await AnswerAsync(exchange, await sessions.SetLevelAsync(exchange.Context, level, ct), (_, _) => { }, ct);
    }

    private async ValueTask ListenAsync(McpExchange exchange, McpMessage message, CancellationToken ct)
    {
        if (!message.Params.TryGetProperty("notifications"u8, out var notifications) || notifications.ValueKind != JsonValueKind.Object)
        {
            await RefuseAsync(exchange, ProtocolError.BadParams("params.notifications must say what to listen for"), ct);
            return;
        }

        var id = RpcId.Of(exchange.Id) ?? default; // An id of another kind is not let in.
        if (!(await subscriptions.ListenAsync(exchange.Context, id, message.Params, exchange.Answer, ct)).Succeeded(out _, out var refusal))
        {
            await refusals.WriteAsync(exchange, refusal, ct);
            return;
        }

        using var body = new PooledBytes(256);
        AnswerWriter.WriteSubscriptionEnd(body, exchange.Id);
        await exchange.Answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
    }

    private async ValueTask AnswerAsync<T>(McpExchange exchange, Outcome<T> outcome, Action<Utf8JsonWriter, T> write, CancellationToken ct)
        where T : class
    {
        if (!outcome.Succeeded(out var value, out var refusal))
        {
            await refusals.WriteAsync(exchange, refusal, ct);
            return;
        }

        using var body = new PooledBytes();
        AnswerWriter.WriteResult(body, exchange.Id, writer => write(writer, value));
        await exchange.Answer.EndAsync(StatusCodes.Status200OK, body.Memory, ct);
    }

    /// <summary>In the older era 404 would mean that the session is gone (MCP 2025-11-25, Transports).</summary>
    private ValueTask RefuseMethodAsync(McpExchange exchange, CancellationToken ct) =>
        RefuseAsync(exchange, new ProtocolError(exchange.IsModern ? 404 : 200, RefusalCode.MethodUnknown, "Method not found") { Recorded = RefusalCode.MethodNotServed }, ct);

    private ValueTask RefuseAsync(McpExchange exchange, ProtocolError error, CancellationToken ct) => refusals.RefuseAsync(requests, exchange, error, ct);
}
