using System.Text.Json;
using McpServerless.Contracts;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>One upstream: the era that it speaks, the sessions that it wants, and how much of it may be used at once.</summary>
/// <remarks>
/// The era is a property of the upstream: it is probed once with <c>server/discover</c> and again after a failure (MCP 2026-07-28,
/// Versioning). An upstream of the older era gets a session for each principal, never shared between two; an agent of the older era has sessions
/// of its own there, also with an upstream that speaks both.
/// </remarks>
internal sealed partial class UpstreamClient
{
    private readonly UpstreamLink _link;
    private readonly UpstreamSessions _sessions;
    private Profile? _profile;

    public UpstreamClient(Catalogue.Upstream upstream, HttpMessageInvoker http, TimeProvider time)
    {
        _link = new UpstreamLink(upstream, http, time);
        _sessions = new UpstreamSessions(time);
        Guard = new UpstreamGuard(upstream, time);
        (Modern, Legacy) = (new ModernUpstream(_link), new LegacyUpstream(_link));
    }

    public Catalogue.Upstream Upstream => _link.Upstream;

    public UpstreamGuard Guard { get; }

    public ModernUpstream Modern { get; }

    public LegacyUpstream Legacy { get; }

    /// <summary>Forwards a call and waits for its answer.</summary>
    /// <param name="checkedCall">What to forward.</param>
    /// <param name="own">The session that the agent has with this upstream, with its place among the agent's; null where it has none.</param>
    /// <param name="ct">The caller went away.</param>
    /// <remarks>
    /// Refuses with <c>upstream_unavailable</c>, <c>upstream_timeout</c>, <c>upstream_protocol_error</c>, <c>result_too_large</c> or <c>session_unknown</c>. Nothing
    /// is sent twice.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public ValueTask<Outcome<UpstreamAnswer>> CallAsync(CheckedCall checkedCall, AgentSession? own, CancellationToken ct) =>
        Guard.RunAsync(this, (checkedCall, own), static (client, work, token) => client.ForwardAsync(work.checkedCall, work.own, token), ct);

    /// <summary>What the upstream can do beside what is pinned; nothing while it cannot be asked.</summary>
    public async ValueTask<UpstreamOffer> OfferAsync(string principal, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Min(5, Upstream.TimeoutSeconds)), _link.TimeSource);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            if (!(await ProfileAsync(both.Token)).Succeeded(out var profile, out _)) return UpstreamOffer.Nothing;
            if (profile.IsModern) return profile.Offer;
            return (await SessionAsync(principal, both.Token)).Succeeded(out var session, out _) ? session.Offer : UpstreamOffer.Nothing;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            _profile = null;
            return UpstreamOffer.Nothing;
        }
    }

    /// <summary>Whether the upstream speaks the era without a handshake; false while it cannot be asked.</summary>
    public async ValueTask<bool> IsModernAsync(CancellationToken ct) => (await ProfileAsync(ct)).Succeeded(out var profile, out _) && profile.IsModern;

    /// <summary>Opens a session for one agent of the older era; null where the upstream has none to give.</summary>
    public async ValueTask<UpstreamSession?> OpenAsync(string revision, AgentCapabilities capabilities, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Min(10, Upstream.TimeoutSeconds)), _link.TimeSource);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return (await Legacy.InitializeAsync(revision, capabilities, both.Token)).Succeeded(out var session, out _) ? session : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // The agent is served all the same: its calls go out like those of an agent without a session.
            return null;
        }
    }

    private async ValueTask<Outcome<UpstreamAnswer>> ForwardAsync(CheckedCall checkedCall, AgentSession? own, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(Upstream.TimeoutSeconds), _link.TimeSource);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            if (own is not null)
            {
                var (answered, lost) = await Legacy.CallAsync(own.Session, checkedCall, own.Place, own.EventIds, both.Token);
                return lost ? Lost(answered) : answered;
            }

            if (!(await ProfileAsync(both.Token)).Succeeded(out var profile, out var refusal)) return refusal;
            var outcome = profile.IsModern ? await Modern.CallAsync(checkedCall, both.Token) : await CallLegacyAsync(checkedCall, both.Token);
            if (SpeaksOfAnotherEra(outcome)) _profile = null;
            return outcome;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return UpstreamFault.Timeout(Upstream.TimeoutSeconds);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            _profile = null;
            return UpstreamFault.Unavailable(e.Message);
        }
    }

    /// <summary>A fault, or an error about headers or versions, may mean that the upstream is another one now; then it is probed again.</summary>
    private static bool SpeaksOfAnotherEra(Outcome<UpstreamAnswer> outcome) => outcome.Succeeded(out var answer, out var fault)
        ? UpstreamFault.IsOfTheHop(answer.ErrorCode) && answer.ErrorCode != RefusalCode.CapabilityMissing.JsonRpcCode
        : fault.Code != RefusalCode.ResultTooLarge;

    private static Refusal Lost(Outcome<UpstreamAnswer> answered)
    {
        if (answered.Succeeded(out var answer, out _)) answer.Dispose();
        return new Refusal(RefusalCode.SessionUnknown, "The session has ended; open a new one.") { OperatorNote = "the upstream ended its session" };
    }

    private async ValueTask<Outcome<UpstreamAnswer>> CallLegacyAsync(CheckedCall checkedCall, CancellationToken ct)
    {
        var principal = checkedCall.Grant.Admission.Caller.Principal;
        if (!(await SessionAsync(principal, ct)).Succeeded(out var session, out var refusal)) return refusal;
        var (outcome, lost) = await Legacy.CallAsync(session, checkedCall, ct);
        if (!lost) return outcome;

        // 404 means that the session was unknown before anything was done, so the call may go out on a new one, once.
        if (outcome.Succeeded(out var answer, out _)) answer.Dispose();
        _sessions.Forget(principal, session);
        if (!(await SessionAsync(principal, ct)).Succeeded(out session, out refusal)) return refusal;
        return (await Legacy.CallAsync(session, checkedCall, ct)).Outcome;
    }

    private ValueTask<Outcome<UpstreamSession>> SessionAsync(string principal, CancellationToken ct) => _sessions.OpenAsync(principal, OpenSharedAsync, ct);

    private async Task<Outcome<UpstreamSession>> OpenSharedAsync(CancellationToken ct)
    {
        // No capabilities: what an upstream could ask of a client, the gateway does not answer on the caller's behalf.
        var outcome = await Legacy.InitializeAsync(ProtocolRevision.Legacy20251125, AgentCapabilities.None, ct);
        if (!outcome.Succeeded(out var session, out _)) return outcome;
        // 2025-03-26 does not know the header that goes with it; sending it does no harm there.
        return await Legacy.NotifyAsync(session, NotificationMethods.InitializedNotification, null, ct)
            ? session
            : UpstreamFault.Protocol("notifications/initialized was refused");
    }

    private async ValueTask<Outcome<Profile>> ProfileAsync(CancellationToken ct)
    {
        if (Volatile.Read(ref _profile) is { } known) return known;
        var outcome = await ProbeAsync(ct);
        if (outcome.Succeeded(out var profile, out _)) Volatile.Write(ref _profile, profile);
        return outcome;
    }

    private async Task<Outcome<Profile>> ProbeAsync(CancellationToken ct)
    {
        var (outcome, status) = await Modern.DiscoverAsync(ct);
        if (status is 401 or 403 or 429 or >= 500) return UpstreamFault.FromStatus(status, null);
        if (!outcome.Succeeded(out var answer, out _)) return Profile.Legacy;
        using (answer)
        {
            return answer.Result.ValueKind == JsonValueKind.Object
                && answer.Result.TryGetProperty("supportedVersions"u8, out var versions)
                && versions.ValueKind == JsonValueKind.Array
                && versions.EnumerateArray().Any(v => v.ValueKind == JsonValueKind.String && v.ValueEquals(ProtocolRevision.Modern))
                    ? new Profile(true, UpstreamOffer.Read(answer.Result))
                    : Profile.Legacy;
        }
    }

    private sealed record Profile(bool IsModern, UpstreamOffer Offer)
    {
        public static readonly Profile Legacy = new(false, UpstreamOffer.Nothing);
    }
}

/// <summary>The session that one agent has with an upstream.</summary>
/// <param name="Session">As the upstream opened it.</param>
/// <param name="Place">Its place among the agent's sessions, which names the upstream on the agent's side.</param>
/// <param name="EventIds">Makes an event's id of the upstream one that the agent can come back with.</param>
internal sealed record AgentSession(UpstreamSession Session, int Place, Func<string, string?> EventIds);
