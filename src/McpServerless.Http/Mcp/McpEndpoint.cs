using System.Buffers;
using System.Text.Json;
using McpServerless.Authentication;
using McpServerless.Protocol;
using McpServerless.Sealing;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>The MCP endpoint of one virtual server: reads HTTP as messages of either era and hands them on. It decides nothing.</summary>
/// <remarks>
/// Streamable HTTP of MCP 2026-07-28, and of 2025-11-25, 2025-06-18 and 2025-03-26 with sessions that clients carry. The order of the
/// checks is what the answers of the specification presuppose; whatever they find, a caller without a valid token hears only that.
/// </remarks>
public sealed partial class McpEndpoint(
    McpMethods methods,
    GatewayRequests requests,
    Sessions.AgentSessions sessions,
    IOptions<GatewayOptions> options,
    RefusalAnswer refusals,
    TimeProvider time,
    ILogger<McpEndpoint> logger)
{
    /// <summary>The most messages of one batch; each costs as much as a request.</summary>
    private const int MaxBatch = 50;

    private readonly GatewayOptions _options = options.Value;
    private readonly RequestBody _body = new(options.Value, time);

    public async Task HandleAsync(HttpContext http, string server, CancellationToken ct)
    {
        await using var answer = new HttpAnswer(http, time);
        var opened = new McpExchange(http.Request, Open(http.Request, server), null, answer);
        ReadBody? body = null;
        var decided = false;
        try
        {
            // 1. What the headers tell: origin, method, size, media types. 2. The body: size, time, JSON.
            var error = TransportChecks.FindFault(http.Request, _options);
            var aboutSession = error is null && TransportChecks.IsAboutSession(http.Request);
            if (error is null && !aboutSession) (body, error) = await _body.ReadAsync(http.Request, ct);

            // 3. The message itself: its envelope, its era and session, and the headers that mirror it.
            decided = true;
            if (error is not null) await RefuseAsync(opened, error, ct);
            else if (aboutSession) await HandleSessionAsync(opened, answer, ct);
            else if (Era.TakesBatch(http.Request, body!.Root)) await HandleBatchAsync(opened, answer, body.Root, ct);
            else await HandleMessageAsync(opened, answer, body.Root, ct);
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
            var refusal = Refusal.Unforeseen(opened.Context, e);
            if (!decided || e is StoreUnavailableException) refusal = await requests.RefuseAsync(opened.Context, refusal, CancellationToken.None);
            if (!http.Response.HasStarted) await refusals.WriteAsync(opened, refusal, ct);
        }
        finally
        {
            body?.Dispose();
        }
    }

    /// <summary>GET holds the stream of a session, DELETE ends it.</summary>
    private async ValueTask HandleSessionAsync(McpExchange opened, HttpAnswer answer, CancellationToken ct)
    {
        var (session, unknown) = FindSession(opened.Request);
        var exchange = opened with { Context = opened.Context with { Session = session, Revision = ProtocolRevision.Known(session?.Revision ?? ""), Method = opened.Request.Method } };
        if (unknown is not null) await RefuseAsync(exchange, unknown, ct);
        else if (session!.Upstreams.Count == 0) await RefuseAsync(exchange, TransportChecks.NotServed, ct);
        else if (HttpMethods.IsDelete(opened.Request.Method)) await methods.EndSessionAsync(exchange, ct);
        else await methods.HoldStreamAsync(exchange, Era.Header(opened.Request, "Last-Event-ID"), ct);
    }

    /// <summary>Serves each element alone: authorised, validated, counted and recorded like a request of its own (MCP 2025-03-26, Base Protocol).</summary>
    private async ValueTask HandleBatchAsync(McpExchange whole, HttpAnswer http, JsonElement batch, CancellationToken ct)
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
            await HandleMessageAsync(whole with { Answer = answer, Context = whole.Context with { RequestId = NewId() } }, http, element, ct, inBatch: true);
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

    private async ValueTask HandleMessageAsync(McpExchange opened, HttpAnswer http, JsonElement root, CancellationToken ct, bool inBatch = false)
    {
        var message = new McpMessage(root);
        var error = message.ReadEnvelope();
        SealedSession? session = null;
        string? revision = null;
        if (error is null && message.Method != RequestMethods.Initialize && !Era.IsModern(opened.Request, message)) (session, error) = FindSession(opened.Request);
        if (error is null) (revision, error) = Era.Of(opened.Request, message, session);
        if (error is null && revision == ProtocolRevision.Modern) error = Era.CheckMirroredHeaders(opened.Request, message);
        if (error is null && inBatch && message.Method == RequestMethods.Initialize) error = new ProtocolError(200, RefusalCode.InvalidRequest, "initialize cannot be part of a batch");

        // In the older era hanging up is no cancellation.
        http.OutlivesClient = revision is not null && revision != ProtocolRevision.Modern;
        var exchange = opened with { Message = message, Context = Describe(opened.Context with { Session = session }, message, revision) };
        if (error is not null) await RefuseAsync(exchange, error, ct);
        else if (message.Method is null || message.IsNotification) await methods.AcceptAsync(exchange, message, ct);
        else await methods.ServeAsync(exchange, message, ct);
    }

    /// <summary>The session that the header names; neither for a request without that header.</summary>
    private (SealedSession? Session, ProtocolError? Error) FindSession(HttpRequest request)
    {
        if (Era.Header(request, "Mcp-Session-Id") is not { } sealedId) return (null, null);
        return sessions.Find(sealedId) is { } session
            ? (session, null)
            : (null, new ProtocolError(404, RefusalCode.InvalidRequest, "There is no such session; open a new one") { Recorded = RefusalCode.SessionUnknown });
    }

    private ValueTask RefuseAsync(McpExchange exchange, ProtocolError error, CancellationToken ct) => refusals.RefuseAsync(requests, exchange, error, ct);

    private Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());

    private RequestContext Open(HttpRequest request, string server) => new()
    {
        RequestId = NewId(),
        Server = server,
        Token = ReadToken(request),
        Address = CallerAddress.Of(request, _options.TrustedProxies),
        StartedAt = time.GetTimestamp(),
        ClaimedTrace = ClaimedTrace.Of(request),
        ClaimedUserAgent = request.Headers.UserAgent.Count > 0 ? request.Headers.UserAgent.ToString() : null,
    };

    private static RequestContext Describe(RequestContext context, McpMessage message, string? revision)
    {
        var info = message.Method == RequestMethods.Initialize && message.Params.TryGetProperty("clientInfo"u8, out var own) ? own
            : message.Meta.ValueKind == JsonValueKind.Object && message.Meta.TryGetProperty(MetaKeys.ClientInfo, out var inMeta) ? inMeta
            : default;
        return context with
        {
            Method = message.Method ?? "response",
            Revision = revision,
            ClaimedTrace = ClaimedTrace.Of(message) ?? context.ClaimedTrace,
            ClaimedClientName = McpMessage.Text(info, "name") ?? context.Session?.ClientName,
            ClaimedClientVersion = McpMessage.Text(info, "version") ?? context.Session?.ClientVersion,
        };
    }

    /// <summary>The token of exactly one header <c>Authorization: Bearer</c> (RFC 6750, section 2.1).</summary>
    internal static AccessToken? ReadToken(HttpRequest request)
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
