using McpServerless.Budgets;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Sealing;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Sends a checked and recorded call to the upstream that serves what it is about.</summary>
internal sealed class UpstreamForwarder(UpstreamClients clients, RestClient rest, BudgetTool budget, Seals seals)
{
    /// <summary>Forwards once. Refuses with <c>upstream_unavailable</c>, <c>upstream_timeout</c>, <c>upstream_protocol_error</c>, <c>result_too_large</c>, <c>method_not_served</c> or <c>session_unknown</c>.</summary>
    /// <param name="lease">Taken as proof only: the call has a place in every budget.</param>
    /// <param name="intent">Taken as proof only: nothing is forwarded before it is made.</param>
    public async ValueTask<Outcome<UpstreamAnswer>> ForwardAsync(BudgetLease lease, RecordedIntent intent, CheckedCall checkedCall, AuditEntry entry, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(intent);
        var upstream = checkedCall.Grant.Feature.Upstream;
        if (upstream.Protocol == UpstreamProtocol.Gateway) return await budget.AnswerAsync(checkedCall, ct);
        if (upstream.Protocol == UpstreamProtocol.Rest) return await CallApiAsync(checkedCall, entry, ct);
        var session = SessionWith(upstream, checkedCall.Call);
        if (session is null && checkedCall.Call.Method is RequestMethods.ResourcesSubscribe or RequestMethods.ResourcesUnsubscribe)
        {
            return new Refusal(RefusalCode.MethodNotServed, "Method not found") { OperatorNote = "without a session at the upstream there is nobody to tell" };
        }

        entry.Forwarded = true;
        var outcome = await clients.For(upstream).CallAsync(checkedCall, session, ct);
        if (outcome.Succeeded(out var answer, out _)) entry.UpstreamStatus = answer.HttpStatus;
        return outcome;
    }

    /// <summary>Refuses with <c>arguments_invalid</c> and <c>result_invalid</c> too.</summary>
    private async ValueTask<Outcome<UpstreamAnswer>> CallApiAsync(CheckedCall checkedCall, AuditEntry entry, CancellationToken ct)
    {
        if (!RestClient.Prepare(checkedCall).Succeeded(out var request, out var refusal)) return refusal;
        using (request)
        {
            entry.Forwarded = true;
            var outcome = await clients.For(checkedCall.Grant.Feature.Upstream).Guard.RunAsync(rest, (checkedCall, request), static (api, work, token) => api.SendAsync(work.checkedCall, work.request, token), ct);
            if (outcome.Succeeded(out var answer, out _)) entry.UpstreamStatus = answer.HttpStatus;
            return outcome;
        }
    }

    private AgentSession? SessionWith(Catalogue.Upstream upstream, GovernedCall call)
    {
        if (call.Context.Session is not { } session) return null;
        for (var place = 0; place < session.Upstreams.Count; place++)
        {
            var own = session.Upstreams[place];
            if (own.Upstream != upstream.Name) continue;
            var at = place;
            return new AgentSession(
                new UpstreamSession(own.Id, own.Revision, UpstreamOffer.Nothing),
                place,
                id => seals.Seal(new SealedEvent(session.Id, at, id, call.Id.ToTag(), call.Method, call.Target.Name)));
        }

        return null;
    }
}
