using System.Runtime.CompilerServices;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.Extensions.Options;

namespace McpServerless.Budgets;

/// <summary>The stage of a call between its arguments and its intent: takes a place in every budget, and settles when the call has ended.</summary>
/// <remarks>
/// Refuses with <c>rate_limited</c>, <c>budget_exhausted</c> or <c>budget_unavailable</c>; a request that is refused for any other reason counts
/// against the client's refusals, and past those it hears <c>too_many_refusals</c> (429) and no more.
/// </remarks>
internal sealed class BudgetStage(BudgetEngine engine, RunawayWatch watch, IOptions<BudgetOptions> options, TimeProvider time)
{
    /// <summary>The limits of a grant and a tool, found once for each pair; both live as long as the state that they were read with.</summary>
    private readonly ConditionalWeakTable<Grant, ConditionalWeakTable<ExposedTool, IReadOnlyList<AppliedLimit>>> _limits = [];
    private readonly ConditionalWeakTable<Client, AppliedLimit> _refusals = [];

    public async ValueTask<Outcome<BudgetLease>> ReserveAsync(ToolGrant grant, CheckedArguments arguments, AuditEntry entry, CancellationToken ct)
    {
        var caller = grant.Admission.Caller;
        if (watch.FindPause(caller.TenantId, caller.ClientId, PauseKey(grant)) is { } pause) return BudgetRefusals.Of(pause, time.GetUtcNow());
        if (watch.Slowness(caller.TenantId, caller.ClientId) is { Ticks: > 0 } slowness) await Task.Delay(slowness, time, ct);
        var budget = grant.Tool.Contract.Budget;
        var request = new BudgetRequest
        {
            Subject = Subject(grant),
            Limits = Limits(grant),
            Cost = budget?.Cost?.Before(arguments.Call.Arguments) ?? 1,
            // The upstream's own limit, and some time for the check of its answer.
            Longest = TimeSpan.FromSeconds(grant.Tool.Upstream.TimeoutSeconds + 5),
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
    public static long? CostOf(CheckedArguments arguments, UpstreamAnswer answer) =>
        arguments.Grant.Tool.Contract.Budget?.Cost is { Result: not null } cost && answer.Result.ValueKind == JsonValueKind.Object
            ? cost.After(arguments.Call.Arguments, answer.Result)
            : null;

    /// <summary>Takes note of how a call ended; a runaway that this completes is on the call's own record.</summary>
    public void Observe(AuditEntry entry, Refusal? refusal)
    {
        if (entry.Caller is not { } caller || entry.Admission is null || refusal?.Code == RefusalCode.Cancelled) return;
        var tool = entry.Grant is { } grant ? PauseKey(grant) : entry.Tool ?? "";
        var error = entry.Forwarded ? refusal?.Code.Name ?? (entry.ResultIsError == true ? $"isError {entry.ResultDigest}" : null) : null;
        var ending = new CallEnding(tool, entry.ArgumentDigest, entry.ResultDigest, error, entry.Forwarded ? null : refusal?.Code.Name);
        // Refusals of a paused tool are the pause's own doing.
        if (refusal?.Code == RefusalCode.RunawayPaused) return;
        if (watch.Observe(caller.TenantId, caller.ClientId, ending) is { } evidence) entry.Note = $"runaway: {RunawayWatch.Describe(evidence)}";
    }

    private static string PauseKey(ToolGrant grant) => $"{grant.Tool.Upstream.Name}/{grant.Tool.Contract.Name}";

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
                    Method = "",
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

    private IReadOnlyList<AppliedLimit> Limits(ToolGrant grant) =>
        _limits.GetValue(grant.Grant, _ => []).GetValue(grant.Tool, _ => Subject(grant).Apply(
            grant.Admission.Access.Client.Budgets,
            grant.Grant.Budgets,
            grant.Admission.Server.Definition.Budgets,
            grant.Tool.Contract.Budget?.Limits ?? []));

    private static BudgetSubject Subject(ToolGrant grant) => new()
    {
        TenantId = grant.Admission.Caller.TenantId,
        ClientId = grant.Admission.Caller.ClientId,
        Server = grant.Admission.Server.Name,
        GrantId = grant.Grant.GrantId,
        Upstream = grant.Tool.Upstream.Name,
        Name = grant.Tool.Contract.Name,
        Method = "tools/call",
    };
}
