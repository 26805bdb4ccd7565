using McpServerless.Access.Administration;
using McpServerless.Catalogue.Publishing;

namespace McpServerless.Budgets;

/// <summary>Changes counters and pauses of clients, between two records in the ledger.</summary>
/// <remarks>Only administrators do: each of it lets a client do more. Nobody does it for a client of their own.</remarks>
public sealed class BudgetAdministration(IAccessEditor clients, BudgetOperations operations, ChangeRecords records, TimeProvider time)
{
    /// <summary>The most units that are granted beyond a limit at once.</summary>
    public const long MaxExtra = 1_000_000_000_000;

    /// <summary>The longest time for which they are granted, in hours.</summary>
    public const int MaxHours = 744;

    public const int MaxReason = 500;

    /// <summary>Makes a counter as new.</summary>
    public Task<ChangeOutcome<BudgetChange>> ResetAsync(Actor actor, string clientId, string counter, string reason, CancellationToken ct) =>
        ChangeAsync(actor, clientId, "budgetReset", reason, new BudgetChange { Counter = counter }, "no such counter is in use", key => operations.ResetAsync(key, counter, ct), ct);

    /// <summary>Grants units beyond a calendar budget, for a time.</summary>
    public Task<ChangeOutcome<BudgetChange>> GrantExtraAsync(Actor actor, string clientId, string counter, long amount, int hours, string reason, CancellationToken ct)
    {
        if (amount is < 1 or > MaxExtra) return Task.FromResult<ChangeOutcome<BudgetChange>>((ChangeProblem.Invalid, $"The amount is 1 to {MaxExtra}."));
        if (hours is < 1 or > MaxHours) return Task.FromResult<ChangeOutcome<BudgetChange>>((ChangeProblem.Invalid, $"The time is 1 to {MaxHours} hours."));
        var until = time.GetUtcNow().AddHours(hours);
        return ChangeAsync(
            actor, clientId, "budgetExtraGranted", reason, new BudgetChange { Counter = counter, Amount = amount, Until = until }, "nothing was granted",
            key => operations.GrantExtraAsync(key, counter, new ExtraGrant(amount, until, reason, actor.Name), ct), ct);
    }

    /// <summary>Ends the pauses of a client's runaways, or that of one tool.</summary>
    public Task<ChangeOutcome<BudgetChange>> ResumeAsync(Actor actor, string clientId, string? tool, string reason, CancellationToken ct) =>
        ChangeAsync(actor, clientId, "runawayResumed", reason, new BudgetChange { Tool = tool }, "nothing is paused", key => operations.ResumeAsync(key, tool, ct), ct);

    private async Task<ChangeOutcome<BudgetChange>> ChangeAsync(
        Actor actor, string clientId, string happening, string reason, BudgetChange after, string nothing, Func<BudgetPageKey, ValueTask<bool>> change, CancellationToken ct)
    {
        if (reason.Length > MaxReason || string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, $"Say why, in 1 to {MaxReason} characters.");
        if (await clients.FindClientAsync(clientId, ct) is not { Value: var client }) return (ChangeProblem.NotFound, $"no client {clientId} is registered");
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "only administrators change counters and end pauses");
        if (actor.GainsFrom(client)) return (ChangeProblem.NotAllowed, "nobody changes the counters of a client of their own; another administrator does");
        var met = false;
        var problem = await records.AroundAsync(
            new ChangeSubject(happening, actor, reason) { ClientId = client.ClientId },
            null,
            after,
            GovernanceJson.Default.BudgetChange,
            async _ =>
            {
                met = await change(new BudgetPageKey(client.TenantId, client.ClientId));
                return true;
            },
            ct);
        if (problem is { } unrecorded) return unrecorded;
        return met ? after : (ChangeProblem.NotFound, nothing);
    }
}
