using System.Text.Json;
using McpServerless.Access;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Talks to one upstream in the era that it speaks.</summary>
/// <remarks>
/// The era is a property of the upstream: it is probed once with <c>server/discover</c> and again after a failure (MCP 2026-07-28,
/// Versioning). An upstream of the older era gets a session for each principal, never shared between two.
/// </remarks>
internal sealed partial class UpstreamClient(Catalogue.Upstream upstream, HttpMessageInvoker http, TimeProvider time)
{
    private readonly UpstreamSessions _sessions = new(time);
    private long _lastId;
    private UpstreamEra? _era;

    public Catalogue.Upstream Upstream => upstream;

    /// <summary>Forwards a call and waits for its answer.</summary>
    /// <remarks>Refuses with <c>upstream_unavailable</c>, <c>upstream_timeout</c>, <c>upstream_protocol_error</c> or <c>result_too_large</c>. Nothing is sent twice.</remarks>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<Outcome<UpstreamAnswer>> CallToolAsync(ToolGrant grant, ToolCall call, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(upstream.TimeoutSeconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            if (!(await EraAsync(both.Token)).Succeeded(out var era, out var refusal)) return refusal;
            var outcome = era.IsModern
                ? await CallModernAsync(grant, call, both.Token)
                : await CallLegacyAsync(grant, call, both.Token);
            if (outcome.Succeeded(out var answer, out var fault))
            {
                if (IsOfTheHop(answer)) return Forget(answer);
            }
            else if (fault.Code != RefusalCode.ResultTooLarge)
            {
                _era = null;
            }

            return outcome;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return UpstreamFault.Timeout(upstream.TimeoutSeconds);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            _era = null;
            return UpstreamFault.Unavailable(e.Message);
        }
    }

    private async ValueTask<Outcome<UpstreamAnswer>> CallModernAsync(ToolGrant grant, ToolCall call, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastId);
        var tool = grant.Tool.Contract.Name;
        using var body = new PooledBytes();
        var wantsProgress = call.ProgressToken.ValueKind is JsonValueKind.String or JsonValueKind.Number;
        UpstreamRequest.WriteToolCall(body, id, modern: true, tool, call.Params, wantsProgress);
        var exchange = new UpstreamExchange(http, upstream)
        {
            Id = id,
            Body = body,
            Revision = ProtocolRevision.Modern,
            Method = RequestMethods.ToolsCall,
            Name = tool,
            MirroredParameters = grant.Tool.Compiled.Mirrored.HeadersFor(call.Arguments),
            OnNotification = new NotificationFilter(call, id).PassAsync,
        };
        return await exchange.SendAsync(ct);
    }

    private async ValueTask<Outcome<UpstreamAnswer>> CallLegacyAsync(ToolGrant grant, ToolCall call, CancellationToken ct)
    {
        var principal = grant.Admission.Caller.Principal;
        if (!(await _sessions.OpenAsync(principal, InitializeAsync, ct)).Succeeded(out var session, out var refusal)) return refusal;
        var (outcome, lost) = await CallOnSessionAsync(session, grant, call, ct);
        if (!lost) return outcome;

        // 404 means that the session was unknown before anything was done, so the call may go out on a new one, once.
        _sessions.Forget(principal, session);
        if (!(await _sessions.OpenAsync(principal, InitializeAsync, ct)).Succeeded(out session, out refusal)) return refusal;
        return (await CallOnSessionAsync(session, grant, call, ct)).Outcome;
    }

    private async ValueTask<(Outcome<UpstreamAnswer> Outcome, bool SessionLost)> CallOnSessionAsync(UpstreamSession session, ToolGrant grant, ToolCall call, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastId);
        using var body = new PooledBytes();
        var wantsProgress = call.ProgressToken.ValueKind is JsonValueKind.String or JsonValueKind.Number;
        UpstreamRequest.WriteToolCall(body, id, modern: false, grant.Tool.Contract.Name, call.Params, wantsProgress);
        var exchange = new UpstreamExchange(http, upstream)
        {
            Id = id,
            Body = body,
            Revision = session.Revision,
            Session = session.Id,
            OnNotification = new NotificationFilter(call, id).PassAsync,
            OnRequest = (message, token) => ReplyAsync(session, message, token),
        };
        try
        {
            var outcome = await exchange.SendAsync(ct);
            return (outcome, session.Id is not null && exchange.Status == 404);
        }
        catch (OperationCanceledException)
        {
            // In this era hanging up is not cancelling; the notification is (MCP 2025-11-25, Cancellation).
            await NotifyQuietlyAsync(session, NotificationMethods.CancelledNotification, writer => writer.WriteNumber("requestId"u8, id));
            throw;
        }
    }

    private async Task<Outcome<UpstreamSession>> InitializeAsync(CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastId);
        using var body = new PooledBytes();
        UpstreamRequest.WriteInitialize(body, id);
        var exchange = new UpstreamExchange(http, upstream) { Id = id, Body = body };
        if (!(await exchange.SendAsync(ct)).Succeeded(out var answer, out var refusal)) return refusal;
        using (answer)
        {
            if (answer.Result.ValueKind != JsonValueKind.Object
                || !answer.Result.TryGetProperty("protocolVersion"u8, out var version)
                || version.ValueKind != JsonValueKind.String
                || ProtocolRevision.Known(version.GetString()!) is not { } revision
                || revision == ProtocolRevision.Modern)
            {
                return UpstreamFault.Protocol("initialize was not answered with a revision that the gateway speaks");
            }

            // 2025-03-26 does not know the header; sending it does no harm there.
            var session = new UpstreamSession(exchange.OpenedSession, revision);
            return await NotifyAsync(session, NotificationMethods.InitializedNotification, null, ct)
                ? session
                : UpstreamFault.Protocol("notifications/initialized was refused");
        }
    }

    private async ValueTask ReplyAsync(UpstreamSession session, JsonElement request, CancellationToken ct)
    {
        if (!request.TryGetProperty("id"u8, out var id) || id.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) return;
        using var body = new PooledBytes();
        UpstreamRequest.WriteReply(body, id, request.GetProperty("method"u8) is { ValueKind: JsonValueKind.String } method && method.ValueEquals("ping"u8));
        await new UpstreamExchange(http, upstream) { Id = 0, Body = body, Revision = session.Revision, Session = session.Id }.NotifyAsync(ct);
    }

    private async ValueTask<bool> NotifyAsync(UpstreamSession session, string method, Action<Utf8JsonWriter>? parameters, CancellationToken ct)
    {
        using var body = new PooledBytes(256);
        UpstreamRequest.WriteNotification(body, method, parameters);
        return await new UpstreamExchange(http, upstream) { Id = 0, Body = body, Revision = session.Revision, Session = session.Id }.NotifyAsync(ct);
    }

    private async ValueTask NotifyQuietlyAsync(UpstreamSession session, string method, Action<Utf8JsonWriter> parameters)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        try
        {
            await NotifyAsync(session, method, parameters, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The upstream finishes work that nobody waits for; there is nothing else to tell it.
        }
    }

    private async ValueTask<Outcome<UpstreamEra>> EraAsync(CancellationToken ct)
    {
        if (Volatile.Read(ref _era) is { } known) return known;
        var outcome = await ProbeAsync(ct);
        if (outcome.Succeeded(out var era, out _)) Volatile.Write(ref _era, era);
        return outcome;
    }

    private async Task<Outcome<UpstreamEra>> ProbeAsync(CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastId);
        using var body = new PooledBytes();
        UpstreamRequest.WriteDiscover(body, id);
        var exchange = new UpstreamExchange(http, upstream) { Id = id, Body = body, Revision = ProtocolRevision.Modern, Method = RequestMethods.ServerDiscover };
        var outcome = await exchange.SendAsync(ct);
        if (exchange.Status is 401 or 403 or 429 or >= 500) return UpstreamFault.FromStatus(exchange.Status, null);
        if (!outcome.Succeeded(out var answer, out _)) return UpstreamEra.Legacy;
        using (answer)
        {
            return answer.Result.ValueKind == JsonValueKind.Object
                && answer.Result.TryGetProperty("supportedVersions"u8, out var versions)
                && versions.ValueKind == JsonValueKind.Array
                && versions.EnumerateArray().Any(v => v.ValueKind == JsonValueKind.String && v.ValueEquals(ProtocolRevision.Modern))
                    ? UpstreamEra.Modern
                    : UpstreamEra.Legacy;
        }
    }

    /// <summary>Errors about headers, versions and capabilities speak of the gateway's own request; an agent could do nothing about them.</summary>
    private static bool IsOfTheHop(UpstreamAnswer answer) =>
        answer.Error.ValueKind == JsonValueKind.Object && answer.Error.GetProperty("code"u8).TryGetInt32(out var code) && code is <= -32020 and >= -32099;

    private Outcome<UpstreamAnswer> Forget(UpstreamAnswer answer)
    {
        _era = null;
        var code = answer.Error.GetProperty("code"u8).GetRawText();
        answer.Dispose();
        return UpstreamFault.Protocol($"the upstream refused the gateway's request with {code}");
    }

    private sealed record UpstreamEra(bool IsModern)
    {
        public static readonly UpstreamEra Modern = new(true);
        public static readonly UpstreamEra Legacy = new(false);
    }
}
