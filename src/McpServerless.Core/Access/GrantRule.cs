using System.Net;
using System.Text.Json;
using Json.Schema;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Contracts;

namespace McpServerless.Access;

/// <summary>What a grant asks of a call besides its name and arguments, in the order in which it is asked.</summary>
public enum GrantCondition
{
    Expiry,
    Model,
    Environment,
    Caller,
    Role,
    Scope,
    UserRole,
    Network,
    Hours,
    TokenAge,
    AuthContext,
    AuthMethods,
}

/// <summary>Whether a condition holds.</summary>
public enum ConditionVerdict
{
    /// <summary>The grant does not ask for it.</summary>
    NotAsked,
    Met,
    Unmet,

    /// <summary>It cannot be told, such as an address that is not known. Nothing is allowed by it, and what denies goes on to deny.</summary>
    Unknown,
}

/// <summary>What a decision is about.</summary>
internal readonly record struct CallFacts(Caller Caller, Client Client, IPAddress? Address, DateTimeOffset Now, string? Environment);

/// <summary>A grant made ready for decisions: networks and time zones are parsed once, schemas when they are first needed.</summary>
internal sealed class GrantRule
{
    public static readonly IReadOnlyList<GrantCondition> Conditions = Enum.GetValues<GrantCondition>();

    private readonly IPNetwork?[] _networks;
    private readonly TimeZoneInfo?[] _zones;
    private readonly CompiledConstraint[] _constraints;

    public GrantRule(Grant grant)
    {
        Grant = grant;
        _networks = [.. (grant.Context?.Networks ?? []).Select(n => IPNetwork.TryParse(n, out var network) ? network : default(IPNetwork?))];
        _zones = [.. (grant.Context?.Hours ?? []).Select(h => h.FindZone())];
        _constraints = [.. grant.Constraints.Select(c => new CompiledConstraint(c))];
    }

    public Grant Grant { get; }

    public bool Denies => Grant.Effect == GrantEffect.Deny;

    public bool Covers(SubjectKind kind, string name)
    {
        var patterns = kind switch { SubjectKind.Tool => Grant.Tools, SubjectKind.Prompt => Grant.Prompts, SubjectKind.Resource => Grant.Resources, _ => [] };
        foreach (var pattern in patterns)
        {
            if (NamePattern.Matches(pattern, name)) return true;
        }

        return false;
    }

    /// <summary>Whether it depends on the arguments of this tool.</summary>
    public bool IsConstrained(SubjectKind kind, string name)
    {
        if (kind != SubjectKind.Tool) return false;
        foreach (var constraint in _constraints)
        {
            if (constraint.Covers(name)) return true;
        }

        return false;
    }

    /// <summary>Where the arguments are not what the grant is for; empty when they are.</summary>
    public IReadOnlyList<string> CheckArguments(string tool, JsonElement arguments)
    {
        foreach (var constraint in _constraints)
        {
            if (constraint.Covers(tool) && constraint.Check(arguments) is { Count: > 0 } violations) return violations;
        }

        return [];
    }

    /// <summary>Whether a constraint on this tool cannot be evaluated at all: then the rule allows nothing and denies everything.</summary>
    public bool IsBroken(string tool) => Array.Exists(_constraints, c => c.Covers(tool) && c.Schema is null);

    /// <summary>The first condition that keeps the rule from counting; null when it counts.</summary>
    public GrantCondition? FirstObstacle(in CallFacts facts)
    {
        foreach (var condition in Conditions)
        {
            var verdict = Judge(condition, facts);
            if (verdict == ConditionVerdict.Unmet || (verdict == ConditionVerdict.Unknown && !Denies)) return condition;
        }

        return null;
    }

    public ConditionVerdict Judge(GrantCondition condition, in CallFacts facts)
    {
        var context = Grant.Context;
        var delegated = facts.Caller.Kind == CallerKind.Delegated;
        return condition switch
        {
            // A denial that lapsed by itself would let in what nobody decided to let in: its date is when somebody looks at it again.
            GrantCondition.Expiry => Denies ? ConditionVerdict.NotAsked : Of(facts.Now < Grant.ExpiresAt),
            GrantCondition.Model => Grant.ModelIds.Count == 0 ? ConditionVerdict.NotAsked : facts.Client.ModelId is { } model ? Of(MatchesAny(Grant.ModelIds, model)) : ConditionVerdict.Unknown,
            GrantCondition.Role => Grant.RequiredRole is { } role && !delegated ? Of(Has(facts.Caller.Roles, role)) : ConditionVerdict.NotAsked,
            GrantCondition.Scope => Grant.RequiredScope is { } scope && delegated ? Of(Has(facts.Caller.Scopes, scope)) : ConditionVerdict.NotAsked,
            GrantCondition.UserRole => Grant.RequiredUserRole is { } role && delegated ? Of(Has(facts.Caller.Roles, role)) : ConditionVerdict.NotAsked,
            _ when context is null => ConditionVerdict.NotAsked,
            GrantCondition.Environment => context.Environments.Count == 0 ? ConditionVerdict.NotAsked : facts.Environment is { } own ? Of(Has(context.Environments, own)) : ConditionVerdict.Unknown,
            GrantCondition.Caller => context.Callers.Count == 0 ? ConditionVerdict.NotAsked : Of(IsOneOf(context.Callers, facts.Caller)),
            GrantCondition.Network => JudgeNetwork(facts.Address),
            GrantCondition.Hours => JudgeHours(context.Hours, facts.Now),
            GrantCondition.TokenAge => context.MaxTokenAgeMinutes is not { } most ? ConditionVerdict.NotAsked
                : facts.Caller.IssuedAt is { } issued ? Of(facts.Now - issued <= TimeSpan.FromMinutes(most)) : ConditionVerdict.Unknown,
            GrantCondition.AuthContext => context.AuthContexts.Count == 0 ? ConditionVerdict.NotAsked : Of(HasAny(facts.Caller.AuthContexts, context.AuthContexts)),
            GrantCondition.AuthMethods => context.AuthMethods.Count == 0 ? ConditionVerdict.NotAsked : Of(HasAll(facts.Caller.AuthMethods, context.AuthMethods)),
            _ => ConditionVerdict.Unknown,
        };
    }

    private ConditionVerdict JudgeNetwork(IPAddress? address)
    {
        if (_networks.Length == 0) return ConditionVerdict.NotAsked;
        if (address is null) return ConditionVerdict.Unknown;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var broken = false;
        foreach (var network in _networks)
        {
            if (network is not { } known) broken = true;
            else if (known.Contains(address)) return ConditionVerdict.Met;
        }

        return broken ? ConditionVerdict.Unknown : ConditionVerdict.Unmet;
    }

    private ConditionVerdict JudgeHours(IReadOnlyList<GrantHours> hours, DateTimeOffset now)
    {
        if (hours.Count == 0) return ConditionVerdict.NotAsked;
        var broken = false;
        for (var i = 0; i < hours.Count; i++)
        {
            if (_zones[i] is not { } zone) broken = true;
            else if (hours[i].Contains(now, zone)) return ConditionVerdict.Met;
        }

        return broken ? ConditionVerdict.Unknown : ConditionVerdict.Unmet;
    }

    private static bool IsOneOf(IReadOnlyList<GrantCaller> wanted, Caller caller)
    {
        foreach (var kind in wanted)
        {
            var isThis = kind switch
            {
                GrantCaller.Application => caller.Kind == CallerKind.Application,
                GrantCaller.Delegated => caller.Kind == CallerKind.Delegated,
                GrantCaller.AgentIdentity => caller is { Kind: CallerKind.Application, Agent: AgentActor.Identity },
                GrantCaller.AgentForUser => caller is { Kind: CallerKind.Delegated, Agent: AgentActor.ForUser },
                GrantCaller.AgentUser => caller is { Kind: CallerKind.Delegated, Agent: AgentActor.OwnUser },
                _ => false,
            };
            if (isThis) return true;
        }

        return false;
    }

    private static ConditionVerdict Of(bool met) => met ? ConditionVerdict.Met : ConditionVerdict.Unmet;

    private static bool MatchesAny(IReadOnlyList<string> patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            if (NamePattern.Matches(pattern, name)) return true;
        }

        return false;
    }

    private static bool Has(IReadOnlyList<string> held, string wanted)
    {
        foreach (var one in held)
        {
            if (string.Equals(one, wanted, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private static bool HasAny(IReadOnlyList<string> held, IReadOnlyList<string> wanted)
    {
        foreach (var one in wanted)
        {
            if (Has(held, one)) return true;
        }

        return false;
    }

    private static bool HasAll(IReadOnlyList<string> held, IReadOnlyList<string> wanted)
    {
        foreach (var one in wanted)
        {
            if (!Has(held, one)) return false;
        }

        return true;
    }

    /// <summary>A constraint with its schema, compiled when a call first needs it.</summary>
    private sealed class CompiledConstraint(ArgumentConstraint constraint)
    {
        private readonly Lazy<ValueSchema?> _schema = new(() => Compile(constraint.Arguments));

        /// <summary>Null for one that no apply would have let in.</summary>
        public ValueSchema? Schema => _schema.Value;

        public bool Covers(string tool) => constraint.Covers(tool);

        public IReadOnlyList<string> Check(JsonElement arguments) => Schema is { } schema ? schema.Check(arguments) : [": the grant's constraint cannot be evaluated"];

        private static ValueSchema? Compile(JsonElement schema)
        {
            if (SchemaAdmission.Check(schema).Count > 0) return null;
            try
            {
                return ValueSchema.Build(schema);
            }
            catch (Exception e) when (e is JsonSchemaException or RefResolutionException)
            {
                return null;
            }
        }
    }
}
