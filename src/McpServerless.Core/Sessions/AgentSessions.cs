using System.Text.Json;
using McpServerless.Access;
using McpServerless.Protocol;
using McpServerless.Sealing;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Sessions;

/// <summary>Sessions of agents of the older era: opened, told, and ended. The gateway keeps none; the client carries its own, sealed.</summary>
/// <remarks>MCP 2025-11-25, Lifecycle, and Transports, Session Management. Every request of a session carries its token all the same.</remarks>
public sealed class AgentSessions
{
    /// <summary>More would make the sealed id too long for a header.</summary>
    private const int MaxUpstreams = 16;

    private readonly GatewayRequests _requests;
    private readonly UpstreamClients _upstreams;
    private readonly ActiveCalls _calls;
    private readonly Seals _seals;
    private readonly SessionOptions _options;
    private readonly TimeProvider _time;

    internal AgentSessions(GatewayRequests requests, UpstreamClients upstreams, ActiveCalls calls, Seals seals, IOptions<SessionOptions> options, TimeProvider time) =>
        (_requests, _upstreams, _calls, _seals, _options, _time) = (requests, upstreams, calls, seals, options.Value, time);

    /// <summary>The session behind a sealed id; null for one that was not sealed here. Whose it is, is compared when its caller is admitted.</summary>
    /// <exception cref="StoreUnavailableException">The keys cannot be read.</exception>
    /// <remarks>A sealed session cannot be taken back everywhere: this instance knows of those that ended here, and an upstream of those that it ended.</remarks>
    public SealedSession? Find(string sealedId) => _seals.OpenSession(sealedId) is { } session && !_calls.HasEnded(session.Id) ? session : null;

    /// <summary>What a virtual server offers in the era without sessions.</summary>
    public ValueTask<Outcome<ServerOffer>> DiscoverAsync(RequestContext context, CancellationToken ct) => _requests.AnswerAsync(context, async (admission, _, token) =>
    {
        var offers = await Task.WhenAll(admission.Server.Upstreams.Select(async upstream =>
        {
            var client = _upstreams.For(upstream);
            var offer = await client.OfferAsync(admission.Caller.Principal, token);
            // A level set for one request cannot be set on a session that many share.
            return offer with { Logging = offer.Logging && await client.IsModernAsync(token) };
        }));
        return (Outcome<ServerOffer>)ServerOffer.Of(admission, offers.Aggregate(UpstreamOffer.Nothing, (a, b) => a.Or(b)));
    }, ct);

    /// <summary>Opens a session, with one of its own at each upstream that has sessions.</summary>
    /// <param name="context">The request, with the negotiated revision.</param>
    /// <param name="declared">The client's capabilities as it declares them.</param>
    /// <param name="ct">The caller went away.</param>
    public ValueTask<Outcome<ServerOffer>> OpenAsync(RequestContext context, JsonElement declared, CancellationToken ct) =>
        _requests.AnswerAsync(context, (admission, _, token) => OpenAsync(context, admission, declared, token), ct);

    /// <summary>Takes a notification: what concerns upstreams goes to those of the session, a cancellation also to the call that runs here.</summary>
    public ValueTask<Outcome<Admission>> NotifyAsync(RequestContext context, string method, JsonElement parameters, CancellationToken ct) => _requests.AnswerAsync(context, async (admission, _, token) =>
    {
        if (context.Session is not { } session) return (Outcome<Admission>)admission;
        if (method == NotificationMethods.CancelledNotification)
        {
            if (!parameters.TryGetProperty("requestId"u8, out var request) || RpcId.Of(request) is not { } id || _calls.Cancel(session.Id, id)) return admission;
        }
        else if (method is not (NotificationMethods.InitializedNotification or OlderMethods.RootsListChanged))
        {
            return admission;
        }

        await EachAsync(admission, session, async (upstream, own) => await upstream.Legacy.NotifyAsync(own, method, writer =>
        {
            foreach (var member in parameters.EnumerateObject()) member.WriteTo(writer);
        }, token), token);
        return admission;
    }, ct);

    /// <summary>Takes the agent's answer to a request of an upstream, to the upstream that asked.</summary>
    public ValueTask<Outcome<Admission>> RelayAsync(RequestContext context, JsonElement response, CancellationToken ct) => _requests.AnswerAsync(context, async (admission, _, token) =>
    {
        // Without a session nothing was ever asked, so it is taken and dropped.
        if (context.Session is not { } session || AgentRequests.ReadTag(response.GetProperty("id"u8)) is not var (place, id) || place >= session.Upstreams.Count) return (Outcome<Admission>)admission;
        var own = session.Upstreams[place];
        if (admission.Server.FindUpstream(own.Upstream) is not { } upstream) return admission;
        using var body = new PooledBytes();
        UpstreamRequest.WriteWithId(body, response, id);
        try
        {
            await _upstreams.For(upstream).Legacy.SendAsync(Session(own), body, token);
            return admission;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return UpstreamFault.Unavailable(e.Message);
        }
    }, ct);

    /// <summary>Sets from which level on the session's upstreams log to it. Refuses with <c>method_not_served</c> when none does.</summary>
    public ValueTask<Outcome<Admission>> SetLevelAsync(RequestContext context, string level, CancellationToken ct) => _requests.AnswerAsync(context, async (admission, _, token) =>
    {
        var set = 0;
        if (context.Session is { } session)
        {
            await EachAsync(admission, session, async (upstream, own) =>
            {
                var outcome = await upstream.Legacy.RequestAsync(own, new RpcId($"level-{context.RequestId:N}"), OlderMethods.LoggingSetLevel, writer => writer.WriteString("level"u8, level), token);
                if (!outcome.Succeeded(out var answer, out var _)) return;
                using (answer) if (answer.Error.ValueKind != JsonValueKind.Object) Interlocked.Increment(ref set);
            }, token);
        }

        return set > 0 ? (Outcome<Admission>)admission : new Refusal(RefusalCode.MethodNotServed, "Method not found") { OperatorNote = "no upstream of the session logs" };
    }, ct);

    /// <summary>Ends the session at its upstreams. Refuses with <c>session_unknown</c> when they did not know it any more.</summary>
    public ValueTask<Outcome<Admission>> EndAsync(RequestContext context, CancellationToken ct) => _requests.AnswerAsync(context, async (admission, _, token) =>
    {
        var (ended, unknown) = (0, 0);
        await EachAsync(admission, context.Session!, async (upstream, own) => // The endpoint asks for a session first.
        {
            var status = await upstream.Legacy.EndAsync(own, token);
            if (status is >= 200 and < 300) Interlocked.Increment(ref ended);
            if (status == 404) Interlocked.Increment(ref unknown);
        }, token);
        _calls.End(context.Session!.Id);
        return ended > 0 || unknown == 0 ? (Outcome<Admission>)admission : new Refusal(RefusalCode.SessionUnknown, "There is no such session.");
    }, ct);

    private async ValueTask<Outcome<ServerOffer>> OpenAsync(RequestContext context, Admission admission, JsonElement declared, CancellationToken ct)
    {
        var capabilities = AgentCapabilities.Read(declared).Within(admission.Server.Definition.ClientRequests);
        var revision = context.Revision ?? ProtocolRevision.LegacyServed[0];
        var opened = await Task.WhenAll(admission.Server.Upstreams.Take(MaxUpstreams).Select(async upstream =>
        {
            var client = _upstreams.For(upstream);
            var session = await client.OpenAsync(revision, capabilities, ct);
            // What an upstream without a session can do is carried over, except what needs one.
            var offer = session?.Offer ?? UpstreamOffer.Nothing with { Completions = (await client.OfferAsync(admission.Caller.Principal, ct)).Completions };
            return (upstream.Name, Session: session, Offer: offer with { Tasks = false });
        }));
        var sealedSession = _seals.Seal(new SealedSession
        {
            Id = Guid.CreateVersion7(_time.GetUtcNow()),
            Server = admission.Server.Name,
            Principal = admission.Caller.Principal,
            Revision = revision,
            Capabilities = Written(capabilities),
            ClientName = Cap(context.ClaimedClientName),
            ClientVersion = Cap(context.ClaimedClientVersion),
            Upstreams = [.. opened.Where(o => o.Session is not null).Select(o => new SealedUpstreamSession(o.Name, o.Session!.Id, o.Session.Revision))],
            ExpiresAt = _time.GetUtcNow().AddMinutes(_options.LifetimeMinutes),
        });
        return ServerOffer.Of(admission, opened.Aggregate(UpstreamOffer.Nothing, (all, one) => all.Or(one.Offer))) with { Session = sealedSession };
    }

    internal static UpstreamSession Session(SealedUpstreamSession own) => new(own.Id, own.Revision, UpstreamOffer.Nothing);

    /// <summary>Does something with each upstream of a session that the catalogue still has; one that fails does not keep the others from it.</summary>
    private async Task EachAsync(Admission admission, SealedSession session, Func<UpstreamClient, UpstreamSession, Task> act, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        await Task.WhenAll(session.Upstreams.Select(async own =>
        {
            if (admission.Server.FindUpstream(own.Upstream) is not { } upstream) return;
            try
            {
                await act(_upstreams.For(upstream), Session(own)).WaitAsync(both.Token);
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                // It is not there; what it would have been told it will not miss.
            }
        }));
    }

    private static JsonElement Written(AgentCapabilities capabilities)
    {
        using var text = new PooledBytes(256);
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            capabilities.Write(writer, modern: false);
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(text.Memory);
        return document.RootElement.Clone();
    }

    private static string? Cap(string? text) => text is null || text.Length <= 100 ? text : text[..100];
}
