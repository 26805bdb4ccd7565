using System.Runtime.CompilerServices;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Budgets;

/// <summary>The stage of a call between its arguments and its intent: takes a place in every budget, and settles when the call has ended.</summary>
/// <remarks>
/// Refuses with <c>rate_limited</c>, <c>budget_exhausted</c> or <c>budget_unavailable</c>; a request that is refused for any other reason counts
/// against the client's refusals, and past those it hears <c>too_many_refusals</c> (429) and no more.
/// </remarks>
internal sealed class BudgetStage(BudgetEngine engine, RunawayWatch watch, IOptions<BudgetOptions> options, TimeProvider time)
{
    /// <summary>What is counted of a grant and what it is used for, found once for each pair; both live as long as the state that they were read with.</summary>
    private readonly ConditionalWeakTable<Grant, ConditionalWeakTable<ExposedFeature, CountedUse>> _uses = [];
    private readonly ConditionalWeakTable<Client, AppliedLimit> _refusals = [];

    public async ValueTask<Outcome<BudgetLease>> ReserveAsync(CheckedCall checkedCall, AuditEntry entry, CancellationToken ct)
    {
        var (grant, call) = (checkedCall.Grant, checkedCall.Call);
        var caller = grant.Admission.Caller;
        var use = UseOf(grant);
        if (watch.FindPause(caller.TenantId, caller.ClientId, KeyOf(use, call.Method)) is { } pause) return BudgetRefusals.Of(pause, time.GetUtcNow());
        if (watch.Slowness(caller.TenantId, caller.ClientId) is { Ticks: > 0 } slowness) await Task.Delay(slowness, time, ct);
        var budget = BudgetOf(grant.Feature);
        var request = new BudgetRequest
        {
            Subject = use.Subject,
            Limits = use.Limits,
            Cost = CostOf(call, budget?.Cost),
            // The upstream's own limit, as long in the queue before it, and some time for the intent and the check of the answer.
            Longest = TimeSpan.FromSeconds((2 * grant.Feature.Upstream.TimeoutSeconds) + 10),
            FailMode = budget?.FailMode ?? BudgetFailMode.Closed,
            OpenCallsPerMinute = budget?.OpenCallsPerMinute ?? 60,
        };
        var decision = await engine.ReserveAsync(request, ct);
        if (decision.Lease is { } lease)
        {
            if (lease.Unmetered) entry.Note = "served without its budgets being asked (fail mode open)";
            return lease;
        }

        return decision.Reached is { } reached ? BudgetRefusals.Of(reached, time.GetUtcNow()) : BudgetRefusals.Unavailable();
    }

    /// <summary>Ends a call: what it took is given back if nothing was sent, else its cost and its bytes are charged.</summary>
    public void Close(BudgetLease lease, AuditEntry entry)
    {
        if (!entry.Forwarded) engine.Cancel(lease);
        else engine.Settle(lease, entry.Cost, entry.ResultBytes);
    }

    /// <summary>What a call cost, by its result; null where that tells nothing new.</summary>
    public static long? CostOf(CheckedCall checkedCall, UpstreamAnswer answer) =>
        checkedCall.Call.Method == RequestMethods.ToolsCall && BudgetOf(checkedCall.Grant.Feature)?.Cost is { Result: not null } cost && answer.Result.ValueKind == JsonValueKind.Object
            ? cost.After(checkedCall.Call.Arguments, answer.Result)
            : null;

    /// <summary>Takes note of how a call ended; a runaway that this completes is on the call's own record.</summary>
    public void Observe(GovernedCall call, AuditEntry entry, Refusal? refusal)
    {
        if (entry.Caller is not { } caller || entry.Admission is null || refusal?.Code == RefusalCode.Cancelled) return;
        // A name that was made up pauses nothing.
        var subject = entry.Grant is { } grant ? PauseKey(grant, call.Method) : "";
        var error = entry.Forwarded ? refusal?.Code.Name ?? (entry.ResultIsError == true ? $"isError {entry.ResultDigest}" : null) : null;
        // Asking again how a task stands is what a client is told to do.
        var ending = new CallEnding(subject, DigestOf(call, entry), entry.ResultDigest, error, entry.Forwarded ? null : refusal?.Code.Name) { Polls = call.Method == CallTarget.TasksGet };
        // Refusals of a paused tool are the pause's own doing.
        if (refusal?.Code == RefusalCode.RunawayPaused) return;
        if (watch.Observe(caller.TenantId, caller.ClientId, ending) is { } evidence) entry.Note = $"runaway: {RunawayWatch.Describe(evidence)}";
    }

    /// <summary>What a pause is of: a tool, or a method of something else. So the tasks of a paused tool can still be ended.</summary>
    public string PauseKey(CallGrant grant, string method) => KeyOf(UseOf(grant), method);

    private static string KeyOf(CountedUse use, string method) =>
        method == RequestMethods.ToolsCall ? use.ToolKey : $"{use.Subject.Upstream}/{method}:{use.Subject.Name}";

    /// <summary>What tells two requests of one method about one feature apart.</summary>
    private static string? DigestOf(GovernedCall call, AuditEntry entry) => call.Method switch
    {
        RequestMethods.ToolsCall or RequestMethods.PromptsGet => entry.ArgumentFingerprint,
        RequestMethods.CompletionComplete => CanonicalJson.Hash(call.Params.GetProperty("argument"u8)), // It was there when the request was read.
        CallTarget.TasksUpdate when call.Params.TryGetProperty("inputResponses"u8, out var responses) => $"{call.Target.Name} {CanonicalJson.Hash(responses)}",
        _ => call.Target.Name,
    };

    private static ToolBudget? BudgetOf(ExposedFeature feature) => (feature.Contract as ToolContract)?.Budget;

    /// <summary>What is set aside for a request. A task was charged with the call that began it.</summary>
    private static long CostOf(GovernedCall call, ToolCost? cost) =>
        call.Target.IsTask ? 0
        : call.Method == RequestMethods.ToolsCall && cost is not null ? cost.Before(call.Arguments)
        : 1;

    /// <summary>Whether the client has used up its refusals; asks nobody.</summary>
    public Refusal? FindProbing(Admission admission) =>
        Refusals(admission) is { } limit && engine.IsUsedUp(limit) ? BudgetRefusals.TooManyRefusals() : null;

    /// <summary>Counts a refusal, and takes its reason away where there have been too many.</summary>
    public async ValueTask<Refusal> CountAsync(Admission? admission, Refusal refusal, CancellationToken ct)
    {
        // What budgets or the gateway's own state refuse is no probing.
        if (admission is null || !refusal.Code.CountsAsProbing || Refusals(admission) is not { } limit) return refusal;
        var decision = await engine.ReserveAsync(
            new BudgetRequest
            {
                Subject = new BudgetSubject
                {
                    TenantId = admission.Caller.TenantId,
                    ClientId = admission.Caller.ClientId,
                    Server = admission.Server.Name,
                    GrantId = "",
                    Upstream = "",
                    Name = "refusals",
                    Kind = SubjectKind.Tool,
                },
                Limits = [limit],
                Longest = TimeSpan.Zero,
                FailMode = BudgetFailMode.Open,
                OpenCallsPerMinute = (int)Math.Min(limit.Limit.Amount * 60_000_000 / limit.Limit.PeriodMicroseconds, 100_000),
            },
            ct);
        return decision.Lease is not null ? refusal : BudgetRefusals.TooManyRefusals() with { OperatorNote = $"past the limit of refusals: {refusal.Code.Name}" };
    }

    private AppliedLimit? Refusals(Admission admission)
    {
        var client = admission.Access.Client;
        var declared = client.Budgets.FirstOrDefault(l => l.Unit == LimitUnit.Refusals);
        if (declared is null && options.Value.RefusalsPerMinute == 0) return null;
        return _refusals.GetValue(client, c => new AppliedLimit(
            new BudgetPageKey(c.TenantId, c.ClientId),
            "refusals",
            LimitHolder.Client,
            declared ?? new BudgetLimit
            {
                Name = "refusals",
                Kind = LimitKind.Rate,
                Unit = LimitUnit.Refusals,
                Amount = options.Value.RefusalsPerMinute,
                Per = LimitPeriod.Minute,
                Burst = options.Value.RefusalsPerMinute,
            }));
    }

    /// <summary>What limits a call; nothing limits asking how limits stand.</summary>
    public IReadOnlyList<AppliedLimit> LimitsOf(CallGrant grant) => UseOf(grant).Limits;

    private CountedUse UseOf(CallGrant grant)
    {
        var uses = _uses.GetValue(grant.Grant, _ => []);
        return uses.TryGetValue(grant.Feature, out var use) ? use : Add(uses, grant);
    }

    /// <summary>Apart from the look-up, which would else make a closure for each call.</summary>
    private static CountedUse Add(ConditionalWeakTable<ExposedFeature, CountedUse> uses, CallGrant grant) => uses.GetValue(grant.Feature, feature =>
    {
        var subject = new BudgetSubject
        {
            TenantId = grant.Admission.Caller.TenantId,
            ClientId = grant.Admission.Caller.ClientId,
            Server = grant.Admission.Server.Name,
            GrantId = grant.Grant.GrantId,
            Upstream = feature.Upstream.Name,
            Name = feature.Contract.Name,
            Kind = feature.Kind,
        };
        IReadOnlyList<AppliedLimit> limits = feature.Upstream.Protocol == UpstreamProtocol.Gateway
            ? []
            : subject.Apply(grant.Admission.Access.Client.Budgets, grant.Grant.Budgets, grant.Admission.Server.Definition.Budgets, BudgetOf(feature)?.Limits ?? []);
        return new CountedUse(subject, limits, $"{feature.Upstream.Name}/{feature.Contract.Name}");
    });

    /// <param name="Subject">Who calls what.</param>
    /// <param name="Limits">What limits it.</param>
    /// <param name="ToolKey">What a pause of its calls is of.</param>
    private sealed record CountedUse(BudgetSubject Subject, IReadOnlyList<AppliedLimit> Limits, string ToolKey);
}
