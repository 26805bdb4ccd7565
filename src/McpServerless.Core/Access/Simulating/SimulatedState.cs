using System.Text.Json;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Contracts.Impact;
using McpServerless.ToolCalls;

namespace McpServerless.Access.Simulating;

/// <summary>What a call would get: allowed, refused, or what it hangs on that records do not hold.</summary>
/// <param name="Refusal">The code; null when it is allowed or cannot be told.</param>
/// <param name="Untold">What would have to be known; null when it can be told.</param>
internal readonly record struct SimulatedAnswer(RefusalCode? Refusal, string? Untold)
{
    public static SimulatedAnswer Allowed => default;

    public bool IsAllowed => Refusal is null && Untold is null;
}

/// <summary>Clients, grants and a catalogue, by which recorded calls are decided again: by the rules of <see cref="AccessDecision"/>, and never surer than the records.</summary>
/// <param name="environment">What the deployment is; null where it does not say.</param>
internal sealed class SimulatedState(CatalogueVersion catalogue, IReadOnlyDictionary<string, ClientAccess> clients, string? environment)
{
    private readonly ActiveCatalogue _catalogue = ActiveCatalogue.Compile(catalogue);

    /// <param name="before">The state by which the call was decided, where its grant and contract say what was known to hold then; null for that state itself.</param>
    public SimulatedAnswer Decide(RecordedCall call, SimulatedState? before)
    {
        if (!clients.TryGetValue(call.ClientId, out var access)) return Refused(RefusalCode.ClientUnknown);
        switch (access.Client.State)
        {
            case ClientState.Active: break;
            case ClientState.Pending or ClientState.Suspended: return Refused(RefusalCode.ClientSuspended);
            default: return Refused(RefusalCode.ClientExpired);
        }

        if (access.Client.ExpiresAt <= call.Time) return Refused(RefusalCode.ClientExpired);
        if (_catalogue.Find(call.Server) is not { } server) return Refused(RefusalCode.ServerUnknown);
        if (server.Find(call.Kind, call.Name) is not { } feature) return Refused(RefusalCode.UnknownOf(call.Kind));
        var untold = new SortedSet<string>(StringComparer.Ordinal);
        if (DecideRules(call, access, before, untold) is { } refusal) return Refused(refusal);
        if (DecideContract(call, feature.Contract, before, untold) is { } byContract) return Refused(byContract);
        return untold.Count == 0 ? SimulatedAnswer.Allowed : new SimulatedAnswer(null, string.Join(", ", untold));
    }

    private RefusalCode? DecideRules(RecordedCall call, ClientAccess access, SimulatedState? before, SortedSet<string> untold)
    {
        var rules = access.RulesFor(call.Server, call.Kind, call.Name);
        if (rules.Allowing.Length == 0) return RefusalCode.GrantMissing;
        foreach (var rule in rules.Denying)
        {
            // What denies goes on to deny while nothing that it asks for is known not to hold.
            var (verdict, on) = Judge(rule, call, access.Client, before);
            if (verdict == ConditionVerdict.Unmet) continue;
            if (verdict == ConditionVerdict.Met) return RefusalCode.GrantDenied;
            untold.UnionWith(on);
        }

        RefusalCode? closest = null;
        var open = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var rule in rules.Allowing)
        {
            var (verdict, on) = Judge(rule, call, access.Client, before);
            if (verdict == ConditionVerdict.Met) return null;
            if (verdict == ConditionVerdict.Unknown) open.UnionWith(on);
            else closest ??= CodeOf(rule, call, access.Client);
        }

        if (open.Count == 0) return closest;
        untold.UnionWith(open);
        return null;
    }

    private static RefusalCode? DecideContract(RecordedCall call, Contract contract, SimulatedState? before, SortedSet<string> untold)
    {
        if (contract.State == ToolState.Retired || (contract.State == ToolState.Deprecated && contract.Sunset <= call.Time)) return RefusalCode.ToolRetired;
        if (contract.State == ToolState.Quarantined) return RefusalCode.ContractQuarantined;

        // By the very contract that served it, what was allowed is.
        if (call.WasAllowed && (contract.Hash == call.ContractHash || before is null)) return null;
        if (contract.RequiredRole is not null) untold.Add("the contract's role");
        if (contract.RequiredScope is not null && call.IsDelegated) untold.Add("the contract's scope");
        if (contract is not ToolContract tool || !tool.Definition.TryGetProperty("inputSchema", out var schema)) return null;
        switch (call.Shape is null ? ShapeVerdict.Unknown : ShapeCheck.Of(schema, call.Shape))
        {
            case ShapeVerdict.Invalid: return RefusalCode.ArgumentsInvalid;
            case ShapeVerdict.Unknown:
                untold.Add("values of the arguments, for the contract");
                return null;
            default: return null;
        }
    }

    /// <summary>Whether a rule counts for a call, its constraints included.</summary>
    private (ConditionVerdict Verdict, List<string> On) Judge(GrantRule rule, RecordedCall call, Client client, SimulatedState? before)
    {
        var facts = FactsOf(call, client);
        var on = new List<string>();

        // The grant that allowed the call asked for what still is asked for: then it holds.
        var wasMet = call.WasAllowed && call.GrantId == rule.Grant.GrantId && (before is null || before.AsksTheSame(rule.Grant));
        foreach (var condition in GrantRule.Conditions)
        {
            var verdict = rule.Judge(condition, facts);
            if (verdict == ConditionVerdict.NotAsked) continue;
            if (condition is GrantCondition.Expiry or GrantCondition.Model or GrantCondition.Hours)
            {
                if (verdict == ConditionVerdict.Unmet) return (ConditionVerdict.Unmet, on);
                if (verdict == ConditionVerdict.Met) continue;
            }

            if (condition == GrantCondition.Environment && environment is not null)
            {
                if (verdict == ConditionVerdict.Unmet) return (ConditionVerdict.Unmet, on);
                continue;
            }

            if (!wasMet) on.Add($"grant {rule.Grant.GrantId}: {Words(condition)}");
        }

        foreach (var constraint in call.Kind == SubjectKind.Tool ? rule.Grant.Constraints.Where(c => c.Covers(call.Name)) : [])
        {
            switch (wasMet ? ShapeVerdict.Valid : call.Shape is null ? ShapeVerdict.Unknown : ShapeCheck.Of(constraint.Arguments, call.Shape))
            {
                case ShapeVerdict.Invalid: return (ConditionVerdict.Unmet, on);
                case ShapeVerdict.Unknown:
                    on.Add($"grant {rule.Grant.GrantId}: values of the arguments");
                    break;
            }
        }

        return (on.Count == 0 ? ConditionVerdict.Met : ConditionVerdict.Unknown, on);
    }

    private RefusalCode CodeOf(GrantRule rule, RecordedCall call, Client client)
    {
        var facts = FactsOf(call, client);
        foreach (var condition in GrantRule.Conditions)
        {
            if (condition is (GrantCondition.Expiry or GrantCondition.Model or GrantCondition.Hours or GrantCondition.Environment) && rule.Judge(condition, facts) == ConditionVerdict.Unmet) return AccessDecision.CodeOf(condition);
        }

        return RefusalCode.ConstraintViolated;
    }

    /// <summary>Whether a grant asks of a call what it asked in this state.</summary>
    private bool AsksTheSame(Grant grant) =>
        clients.GetValueOrDefault(grant.ClientId)?.Grants.FirstOrDefault(g => g.Server == grant.Server && g.GrantId == grant.GrantId) is { } old
        && Asked(old) == Asked(grant);

    private static string Asked(Grant grant) => JsonSerializer.Serialize(
        new Grant
        {
            GrantId = "",
            ClientId = "",
            Server = "",
            Tools = [],
            Constraints = grant.Constraints,
            Context = grant.Context,
            RequiredRole = grant.RequiredRole,
            RequiredScope = grant.RequiredScope,
            RequiredUserRole = grant.RequiredUserRole,
            ExpiresAt = default,
            Justification = "",
            Approver = "",
        },
        Catalogue.Publishing.GovernanceJson.Default.Grant);

    private CallFacts FactsOf(RecordedCall call, Client client) => new(
        new Caller { TenantId = call.TenantId, ClientId = call.ClientId, ObjectId = "", Kind = call.IsDelegated ? CallerKind.Delegated : CallerKind.Application, ExpiresAt = DateTimeOffset.MaxValue },
        client,
        Address: null,
        call.Time,
        environment);

    private static SimulatedAnswer Refused(RefusalCode code) => new(code, null);

    private static string Words(GrantCondition condition) => condition switch
    {
        GrantCondition.Model => "the client's model",
        GrantCondition.Environment => "the environment",
        GrantCondition.Caller => "the kind of caller",
        GrantCondition.Role => "roles of the application",
        GrantCondition.Scope => "scopes of the token",
        GrantCondition.UserRole => "roles of the user",
        GrantCondition.Network => "the address",
        GrantCondition.Hours => "the hours' time zone",
        GrantCondition.TokenAge => "the age of the token",
        GrantCondition.AuthContext => "authentication contexts",
        GrantCondition.AuthMethods => "how the user signed in",
        _ => "something that is not recorded",
    };
}
