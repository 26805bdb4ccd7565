using System.Net;
using System.Text.Json;
using McpServerless.Contracts;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Talks to an upstream in the era with a handshake.</summary>
internal sealed class LegacyUpstream(UpstreamLink link)
{
    public UpstreamLink Link => link;

    /// <summary>Opens a session: the handshake up to the upstream's answer.</summary>
    /// <param name="revision">What to ask for.</param>
    /// <param name="capabilities">What the agent behind the session can do; nothing where the session is not one agent's.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Outcome<UpstreamSession>> InitializeAsync(string revision, AgentCapabilities capabilities, CancellationToken ct)
    {
        var id = link.NextId();
        using var body = new PooledBytes();
        UpstreamRequest.WriteInitialize(body, id, revision, capabilities);
        var exchange = new UpstreamExchange(link) { Id = id, Body = body };
        if (!(await exchange.SendAsync(ct)).Succeeded(out var answer, out var refusal)) return refusal;
        using (answer)
        {
            if (answer.Result.ValueKind != JsonValueKind.Object
                || !answer.Result.TryGetProperty("protocolVersion"u8, out var version)
                || version.ValueKind != JsonValueKind.String
                || ProtocolRevision.Known(version.GetString()!) is not { } negotiated
                || negotiated == ProtocolRevision.Modern)
            {
                return UpstreamFault.Protocol("initialize was not answered with a revision that the gateway speaks");
            }

            return new UpstreamSession(exchange.OpenedSession, negotiated, UpstreamOffer.Read(answer.Result));
        }
    }

    /// <summary>Forwards a call on a session that serves many requests of one principal, under an id of the gateway's own.</summary>
    public ValueTask<(Outcome<UpstreamAnswer> Outcome, bool SessionLost)> CallAsync(UpstreamSession session, CheckedCall checkedCall, CancellationToken ct)
    {
        var id = link.NextId();
        return CallAsync(session, checkedCall, new Way(id, checkedCall.Call.ProgressToken.ValueKind == JsonValueKind.Undefined ? null : id, null, (message, _, _, token) => ReplyAsync(session, message, token)), ct);
    }

    /// <summary>Forwards a call on the session that one agent has, under the agent's own id and token: so cancelling and asking back work from any instance.</summary>
    public ValueTask<(Outcome<UpstreamAnswer> Outcome, bool SessionLost)> CallAsync(UpstreamSession session, CheckedCall checkedCall, int place, Func<string, string?> eventIds, CancellationToken ct)
    {
        var call = checkedCall.Call;
        var requests = new AgentRequests(this, session, call.Capabilities, call.Agent, place, eventIds);
        return CallAsync(session, checkedCall, new Way(call.Id, RpcId.Of(call.ProgressToken), eventIds, requests.PassAsync), ct);
    }

    /// <summary>Sends a request that is about the session and has nothing for an agent.</summary>
    public async ValueTask<Outcome<UpstreamAnswer>> RequestAsync(UpstreamSession session, RpcId id, string method, Action<Utf8JsonWriter> parameters, CancellationToken ct)
    {
        using var body = new PooledBytes();
        UpstreamRequest.WriteLegacy(body, id, method, parameters);
        var exchange = new UpstreamExchange(link) { Id = id, Body = body, Revision = session.Revision, Session = session.Id, OnRequest = (message, _, _, token) => ReplyAsync(session, message, token) };
        return await exchange.SendAsync(ct);
    }

    /// <summary>Answers a request of the upstream on the gateway's own account.</summary>
    public async ValueTask ReplyAsync(UpstreamSession session, JsonElement request, CancellationToken ct)
    {
        if (!request.TryGetProperty("id"u8, out var id) || RpcId.Of(id) is null) return;
        using var body = new PooledBytes();
        UpstreamRequest.WriteReply(body, id, request.GetProperty("method"u8).ValueEquals("ping"u8) ? null : "Method not found");
        await SendAsync(session, body, ct);
    }

    /// <returns>False when the upstream refused it.</returns>
    public async ValueTask<bool> NotifyAsync(UpstreamSession session, string method, Action<Utf8JsonWriter>? parameters, CancellationToken ct)
    {
        using var body = new PooledBytes(256);
        UpstreamRequest.WriteNotification(body, method, parameters);
        return await SendAsync(session, body, ct);
    }

    /// <summary>Sends a message that has no answer, as it is.</summary>
    public ValueTask<bool> SendAsync(UpstreamSession session, PooledBytes message, CancellationToken ct) =>
        new UpstreamExchange(link) { Id = default, Body = message, Revision = session.Revision, Session = session.Id }.NotifyAsync(ct);

    /// <summary>Holds the stream that a session has beside its requests, until it ends.</summary>
    /// <param name="session">Whose stream it is.</param>
    /// <param name="lastEventId">Where an earlier stream ended; null for a new one.</param>
    /// <param name="events">Reads it. With an id it may carry the answer to a request.</param>
    /// <param name="opened">Called once the upstream has agreed.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>The HTTP status, and the answer that the stream carried, if it did.</returns>
    public async ValueTask<(int Status, Outcome<UpstreamAnswer>? Outcome)> StreamAsync(UpstreamSession session, string? lastEventId, UpstreamEvents events, Func<ValueTask> opened, CancellationToken ct)
    {
        using var response = await link.GetAsync(session.Revision, session.Id, lastEventId, ct);
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "text/event-stream") return ((int)response.StatusCode, null);
        await opened();
        return (StatusCodeOk, await events.ReadAsync(response, ct));
    }

    /// <summary>Ends a session; the HTTP status says whether the upstream agreed.</summary>
    public async ValueTask<int> EndAsync(UpstreamSession session, CancellationToken ct)
    {
        using var response = await link.DeleteAsync(session.Revision, session.Id, ct);
        return (int)response.StatusCode;
    }

    private const int BadSession = -32000;
    private const int StatusCodeOk = (int)HttpStatusCode.OK;

    private async ValueTask<(Outcome<UpstreamAnswer> Outcome, bool SessionLost)> CallAsync(UpstreamSession session, CheckedCall checkedCall, Way way, CancellationToken ct)
    {
        using var body = new PooledBytes();
        UpstreamRequest.WriteCall(body, way.Id, checkedCall, modern: false, way.ProgressToken);
        var exchange = new UpstreamExchange(link)
        {
            Id = way.Id,
            Body = body,
            Revision = session.Revision,
            Session = session.Id,
            OnNotification = new NotificationFilter(checkedCall.Call, way.ProgressToken, way.EventIds).PassAsync,
            OnRequest = way.OnRequest,
        };
        try
        {
            var outcome = await exchange.SendAsync(ct);
            return (outcome, session.Id is not null && IsLost(exchange.Status, outcome));
        }
        catch (OperationCanceledException)
        {
            // In this era hanging up is not cancelling; the notification is (MCP 2025-11-25, Cancellation).
            await CancelAsync(session, way.Id);
            throw;
        }
    }

    /// <summary>
    /// 404 says so (MCP 2025-11-25, Transports, Session Management); servers after the official TypeScript examples say 400 with an error of their own that names no
    /// request. Either way nothing was done with the call.
    /// </summary>
    private static bool IsLost(int status, Outcome<UpstreamAnswer> outcome) => status == (int)HttpStatusCode.NotFound
        || (status == (int)HttpStatusCode.BadRequest && outcome.Succeeded(out var answer, out _) && answer.ErrorCode == BadSession && answer.IsAboutNoRequest);

    private async ValueTask CancelAsync(UpstreamSession session, RpcId id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), link.TimeSource);
        try
        {
            await NotifyAsync(session, NotificationMethods.CancelledNotification, writer => id.Write(writer, "requestId"u8), limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The upstream finishes work that nobody waits for; there is nothing else to tell it.
        }
    }

    /// <summary>How one call travels on a session.</summary>
    /// <param name="EventIds">Makes an event's id of the upstream one that the agent can come back with; null where it cannot.</param>
    private sealed record Way(RpcId Id, RpcId? ProgressToken, Func<string, string?>? EventIds, MessageHandler OnRequest);
}
