using McpServerless.Audit.Queries;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.ToolCalls;

namespace McpServerless.Access.Simulating;

/// <summary>What would become of recorded calls.</summary>
public enum ReplayVerdict
{
    /// <summary>It was allowed, and would be refused.</summary>
    NewlyRefused,

    /// <summary>It was refused by access or contract, and would be allowed.</summary>
    NewlyAllowed,

    /// <summary>It hangs on something that records do not hold.</summary>
    Untold,
}

/// <summary>Recorded calls of one client of one thing that would fare alike.</summary>
/// <param name="Kind"><c>tool</c>, <c>prompt</c> or <c>resource</c>.</param>
/// <param name="Code">The refusal that would come, or that came; null where it cannot be told.</param>
/// <param name="HangsOn">What would have to be known; null where it can be told.</param>
/// <param name="Example">A record of one of them, the latest.</param>
public sealed record ReplayGroup(ReplayVerdict Verdict, string ClientId, string Server, string Kind, string Name, string? Code, string? HangsOn, int Calls, DateTimeOffset Last, string Example);

/// <summary>What a change would do to the calls of some days.</summary>
/// <param name="Calls">Calls that were decided again.</param>
/// <param name="Same">Of them, those that would fare as they did, or whose fate the change does not touch.</param>
/// <param name="IsComplete">False when there were more than were read.</param>
public sealed record ReplayReport(DateOnly From, DateOnly To, int Calls, int Same, bool IsComplete, IReadOnlyList<ReplayGroup> Groups);

/// <summary>The state that calls are decided by.</summary>
/// <param name="Catalogue">Contracts and virtual servers.</param>
/// <param name="Clients">All clients.</param>
/// <param name="Grants">All grants.</param>
public sealed record ReplayState(CatalogueVersion Catalogue, IReadOnlyList<Client> Clients, IReadOnlyList<Grant> Grants)
{
    /// <summary>The state after an apply.</summary>
    public ReplayState After(ApplyPlan plan) =>
        With([.. plan.ClientsToSave.Select(c => c.Value)], [.. plan.GrantsToSave.Select(g => g.Value)], [.. plan.GrantsToRemove.Select(g => g.Value)]) with { Catalogue = plan.NewVersion ?? Catalogue };

    /// <summary>The state with clients and grants in the place of those of the same names, and without others.</summary>
    public ReplayState With(IReadOnlyList<Client> clients, IReadOnlyList<Grant> grants, IReadOnlyList<Grant> without)
    {
        var saved = clients.Select(c => (c.TenantId, c.ClientId)).ToHashSet();
        var gone = without.Concat(grants).Select(KeyOf).ToHashSet();
        return new ReplayState(
            Catalogue,
            [.. Clients.Where(c => !saved.Contains((c.TenantId, c.ClientId))), .. clients],
            [.. Grants.Where(g => !gone.Contains(KeyOf(g))), .. grants]);

        static (string, string, string) KeyOf(Grant grant) => (grant.ClientId, grant.Server, grant.GrantId);
    }
}

/// <summary>Decides recorded calls again, by what is and by what would be. Only where the two differ, a call would fare otherwise because of the change.</summary>
/// <remarks>
/// A record has neither token nor address nor values of arguments. What a grant asks of those is taken to hold where the same grant allowed the call and asks the same; else it is said that it cannot be told. Dates count as
/// of the call, budgets and kill switches are not asked.
/// </remarks>
public sealed class CallReplay(AuditSearch audit)
{
    /// <summary>Refusals that come from access or contracts; others say nothing of those.</summary>
    private static readonly HashSet<string> Decided =
    [
        .. ((RefusalCode[])
        [
            RefusalCode.ClientUnknown, RefusalCode.ClientSuspended, RefusalCode.ClientExpired, RefusalCode.GrantMissing, RefusalCode.GrantExpired, RefusalCode.GrantDenied, RefusalCode.ContextUnmet, RefusalCode.RoleMissing,
            RefusalCode.ToolUnknown, RefusalCode.PromptUnknown, RefusalCode.ResourceUnknown, RefusalCode.ToolRetired, RefusalCode.ContractQuarantined, RefusalCode.ConstraintViolated, RefusalCode.ArgumentsInvalid, RefusalCode.ServerUnknown,
        ]).Select(c => c.Name),
    ];

    /// <param name="before">What is.</param>
    /// <param name="after">What would be.</param>
    /// <param name="environment">What the deployment is; null for not known.</param>
    /// <param name="client">Only calls of this client; null for all.</param>
    /// <param name="most">The most records that are read.</param>
    /// <exception cref="StoreUnavailableException">The ledger could not be read.</exception>
    public async Task<ReplayReport> RunAsync(ReplayState before, ReplayState after, string? environment, DateOnly from, DateOnly to, string? client, int most, IProgress<long>? progress, CancellationToken ct)
    {
        var (old, next) = (StateOf(before, environment), StateOf(after, environment));
        var groups = new Dictionary<(ReplayVerdict, string, string, SubjectKind, string, string?, string?), (int Calls, DateTimeOffset Last, string Example)>();
        var (calls, same, read) = (0, 0, 0);
        var query = new AuditQuery { From = Begin(from), Until = Begin(to.AddDays(1)), ClientId = client };
        await foreach (var found in audit.FindAsync(query, null, progress, ct))
        {
            if (++read > most) break;
            if (RecordedCall.Read(found.Root) is not { } call || (call.RefusalCode is { } code && !Decided.Contains(code))) continue;
            calls++;
            if (Judge(call, old, next) is not var (verdict, refusal, untold))
            {
                same++;
                continue;
            }

            var key = (verdict, call.ClientId, call.Server, call.Kind, call.Name, refusal, untold);
            var known = groups.GetValueOrDefault(key);
            groups[key] = call.Time >= known.Last ? (known.Calls + 1, call.Time, call.RecordId) : known with { Calls = known.Calls + 1 };
        }

        return new ReplayReport(from, to, calls, same, read <= most,
        [
            .. groups.Select(g => new ReplayGroup(g.Key.Item1, g.Key.Item2, g.Key.Item3, g.Key.Item4.ToString().ToLowerInvariant(), g.Key.Item5, g.Key.Item6, g.Key.Item7, g.Value.Calls, g.Value.Last, g.Value.Example))
                .OrderBy(g => g.Verdict).ThenBy(g => g.ClientId, StringComparer.Ordinal).ThenBy(g => g.Server, StringComparer.Ordinal).ThenBy(g => g.Name, StringComparer.Ordinal).ThenBy(g => g.Code ?? g.HangsOn, StringComparer.Ordinal),
        ]);
    }

    /// <summary>Null where the change does not touch the call.</summary>
    private static (ReplayVerdict Verdict, string? Refusal, string? Untold)? Judge(RecordedCall call, SimulatedState old, SimulatedState next)
    {
        var (current, would) = (old.Decide(call, null), next.Decide(call, old));
        if (current == would) return null;
        if (would.Refusal is { } refusal) return call.WasAllowed && current.Refusal is null ? (ReplayVerdict.NewlyRefused, refusal.Name, null) : null;
        if (would.IsAllowed) return call.WasAllowed ? null : (ReplayVerdict.NewlyAllowed, call.RefusalCode, null);

        // What could not be told by what is, is no news of the change.
        return call.WasAllowed || current.Refusal is not null ? (ReplayVerdict.Untold, null, would.Untold) : null;
    }

    private static SimulatedState StateOf(ReplayState state, string? environment)
    {
        var grants = state.Grants.ToLookup(g => g.ClientId, StringComparer.OrdinalIgnoreCase);
        return new SimulatedState(state.Catalogue, state.Clients.DistinctBy(c => c.ClientId, StringComparer.OrdinalIgnoreCase).ToDictionary(c => c.ClientId, c => new ClientAccess(c, [.. grants[c.ClientId]]), StringComparer.OrdinalIgnoreCase), environment);
    }

    private static DateTimeOffset Begin(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
