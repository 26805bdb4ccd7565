using System.Text.Json;
using McpServerless.Access;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Protocol;
using McpServerless.Sealing;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Sessions;

/// <summary>What a stream of a session ended with.</summary>
/// <param name="Opened">False when no upstream of the session has such a stream.</param>
/// <param name="Request">The request whose answer the stream carried; null when it carried none.</param>
/// <param name="Method">That request's method.</param>
/// <param name="Result">That answer.</param>
public sealed record SessionStreamEnd(bool Opened, RpcId? Request, string? Method, CallResult? Result);

/// <summary>The stream that a session of the older era has beside its requests: what its upstreams send, merged, each message by the same rules.</summary>
/// <remarks>MCP 2025-11-25, Transports, Listening for Messages from the Server, and Resumability and Redelivery.</remarks>
public sealed class SessionStreams
{
    private const int MaxMessageBytes = 64 * 1024;

    private readonly GatewayRequests _requests;
    private readonly Authorizer _authorizer;
    private readonly UpstreamClients _upstreams;
    private readonly ResultChecks _results;
    private readonly Seals _seals;
    private readonly SessionOptions _options;
    private readonly TimeProvider _time;

    internal SessionStreams(
        GatewayRequests requests, Authorizer authorizer, UpstreamClients upstreams, ResultChecks results, Seals seals, IOptions<SessionOptions> options, TimeProvider time)
    {
        (_requests, _authorizer, _upstreams, _results) = (requests, authorizer, upstreams, results);
        (_seals, _options, _time) = (seals, options.Value, time);
    }

    /// <summary>Holds the stream until its time is up, the token has expired, or its upstreams have ended it.</summary>
    /// <param name="context">The request, with its session.</param>
    /// <param name="lastEventId">Where an earlier stream ended, as the client got it; null for a new one.</param>
    /// <param name="agent">The stream.</param>
    /// <param name="ct">The caller went away.</param>
    public ValueTask<Outcome<SessionStreamEnd>> HoldAsync(RequestContext context, string? lastEventId, IAgentChannel agent, CancellationToken ct) =>
        _requests.AnswerAsync(context, async (admission, entry, token) =>
        {
            var session = context.Session!; // The endpoint asks for a session first.
            using var limit = new CancellationTokenSource(admission.HoldFor(_options.StreamSeconds, _time), _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
            try
            {
                if (lastEventId is null) return await HoldAllAsync(admission, session, agent, both.Token);
                return _seals.OpenEvent(lastEventId) is { } place && place.Session == session.Id && place.Upstream < session.Upstreams.Count
                    ? await ResumeAsync(context, admission, entry, session, place, agent, both.Token)
                    : (Outcome<SessionStreamEnd>)new Refusal(RefusalCode.MalformedRequest, "Last-Event-ID was not given out to this session");
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                return new SessionStreamEnd(true, null, null, null);
            }
            catch (Exception e) when (e is HttpRequestException or IOException && !token.IsCancellationRequested)
            {
                return UpstreamFault.Unavailable(e.Message);
            }
        }, ct, recordBegin: true);

    private async ValueTask<Outcome<SessionStreamEnd>> HoldAllAsync(Admission admission, SealedSession session, IAgentChannel agent, CancellationToken ct)
    {
        var opened = 0;
        await Task.WhenAll(session.Upstreams.Select(async (own, place) =>
        {
            if (Client(admission, own) is not { } client) return;
            var events = Events(admission, session, place, client, agent, null, id => Seal(session, place, id));
            try
            {
                await client.Legacy.StreamAsync(AgentSessions.Session(own), null, events, () =>
                {
                    Interlocked.Increment(ref opened);
                    return agent.OpenAsync(ct);
                }, ct);
            }
            catch (Exception e) when (e is HttpRequestException or IOException && !ct.IsCancellationRequested)
            {
                // The other upstreams go on.
            }
        }));
        return new SessionStreamEnd(opened > 0, null, null, null);
    }

    /// <summary>Takes up one upstream's stream; with the answer to a call in it, that is held to the contract like any other.</summary>
    private async ValueTask<Outcome<SessionStreamEnd>> ResumeAsync(
        RequestContext context, Admission admission, AuditEntry entry, SealedSession session, SealedEvent place, IAgentChannel agent, CancellationToken ct)
    {
        var own = session.Upstreams[place.Upstream];
        if (Client(admission, own) is not { } client) return new SessionStreamEnd(false, null, null, null);
        CheckedCall? resumed = null;
        RpcId? request = null;
        if (place is { Request: { } tag, Method: { } method, Subject: { } subject })
        {
            request = RpcId.FromTag(tag);
            if (!Reopen(context, admission, entry, method, subject, request ?? default, agent).Succeeded(out resumed, out var refusal)) return refusal;
        }

        var events = Events(admission, session, place.Upstream, client, agent, request, id => _seals.Seal(place with { EventId = id }));
        var (_, outcome) = await client.Legacy.StreamAsync(AgentSessions.Session(own), place.EventId, events, () => agent.OpenAsync(ct), ct);
        if (outcome is null) return new SessionStreamEnd(true, null, null, null);
        if (!outcome.Succeeded(out var answer, out var fault)) return fault;
        if (resumed is null)
        {
            answer.Dispose();
            return new SessionStreamEnd(true, null, null, null);
        }

        return _results.Check(resumed, answer, entry).Succeeded(out var result, out fault) ? new SessionStreamEnd(true, request, place.Method, result) : fault;
    }

    /// <summary>The call that a resumed stream belongs to, authorised anew.</summary>
    private Outcome<CheckedCall> Reopen(RequestContext context, Admission admission, AuditEntry entry, string method, string subject, RpcId id, IAgentChannel agent)
    {
        var kind = method switch
        {
            RequestMethods.ToolsCall => SubjectKind.Tool,
            RequestMethods.PromptsGet => SubjectKind.Prompt,
            _ => SubjectKind.Resource,
        };
        var target = new CallTarget(method, kind, subject);
        entry.Ask(target);
        if (!_authorizer.Authorize(admission, kind, subject).Succeeded(out var grant, out var refusal) || !_authorizer.Confirm(grant).Succeeded(out grant, out refusal)) return refusal;
        entry.Grant = grant;
        var call = new GovernedCall { Context = context, Target = target, Id = id, Params = Nothing, Agent = agent };
        return new CheckedCall(grant, call, new Continuation(kind, subject, null, null));
    }

    private UpstreamEvents Events(Admission admission, SealedSession session, int place, UpstreamClient client, IAgentChannel agent, RpcId? request, Func<string, string?> eventIds)
    {
        var capabilities = AgentCapabilities.Read(session.Capabilities).Within(admission.Server.Definition.ClientRequests);
        var requests = new AgentRequests(client.Legacy, AgentSessions.Session(session.Upstreams[place]), capabilities, agent, place, eventIds);
        return new UpstreamEvents(client.Upstream.MaxResultBytes)
        {
            Id = request,
            IsModern = false,
            OnRequest = requests.PassAsync,
            OnNotification = async (message, raw, eventId, ct) =>
            {
                if (raw.Length <= MaxMessageBytes && Passes(admission, message)) await agent.SendAsync(raw, eventId is null ? null : eventIds(eventId), ct);
            },
        };
    }

    /// <summary>What was not advertised is not sent: lists come from the catalogue, so an upstream's news of its own lists say nothing.</summary>
    private bool Passes(Admission admission, JsonElement message)
    {
        var method = message.GetProperty("method"u8);
        return method.ValueEquals(OlderMethods.LoggingMessage)
            || method.ValueEquals(NotificationMethods.ProgressNotification)
            || method.ValueEquals("notifications/elicitation/complete"u8)
            || (method.ValueEquals(NotificationMethods.ResourceUpdatedNotification) && MayRead(admission, message));
    }

    private bool MayRead(Admission admission, JsonElement message) =>
        JsonMembers.Text(JsonMembers.Member(message, "params"), "uri") is { } uri && _authorizer.Authorize(admission, SubjectKind.Resource, uri).Succeeded(out _, out _);

    private UpstreamClient? Client(Admission admission, SealedUpstreamSession own) =>
        admission.Server.FindUpstream(own.Upstream) is { } upstream ? _upstreams.For(upstream) : null;

    private string Seal(SealedSession session, int place, string eventId) => _seals.Seal(new SealedEvent(session.Id, place, eventId, null, null, null));

    private static readonly JsonElement Nothing = JsonDocument.Parse("{}").RootElement;
}
