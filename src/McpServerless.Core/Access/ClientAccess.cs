using System.Collections.Concurrent;
using System.Collections.Frozen;
using McpServerless.Catalogue;

namespace McpServerless.Access;

/// <summary>A client with all of its grants, as read together, ready for decisions.</summary>
public sealed class ClientAccess
{
    /// <summary>Bounds what a client that asks for many URIs makes the gateway remember.</summary>
    private const int MaxRemembered = 10_000;

    private readonly FrozenDictionary<string, GrantRule[]> _byServer;
    private readonly ConcurrentDictionary<(string Server, SubjectKind Kind, string Name), ApplicableRules> _applicable = new();

    public ClientAccess(Client client, IReadOnlyList<Grant> grants)
    {
        (Client, Grants) = (client, grants);
        _byServer = grants.GroupBy(g => g.Server, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.Select(grant => new GrantRule(grant)).ToArray(), StringComparer.Ordinal);
    }

    public Client Client { get; }

    public IReadOnlyList<Grant> Grants { get; }

    /// <summary>The rules of one virtual server that name this tool, prompt or resource, in the order of their keys.</summary>
    /// <remarks>Patterns are matched once for each name; a decision then looks at the few that meet it.</remarks>
    internal ApplicableRules RulesFor(string server, SubjectKind kind, string name)
    {
        if (_applicable.TryGetValue((server, kind, name), out var known)) return known;
        var naming = _byServer.TryGetValue(server, out var rules) ? Array.FindAll(rules, r => r.Covers(kind, name)) : [];
        var found = naming.Length == 0 ? ApplicableRules.None : new ApplicableRules(Array.FindAll(naming, r => r.Denies), Array.FindAll(naming, r => !r.Denies));
        if (_applicable.Count < MaxRemembered) _applicable[(server, kind, name)] = found;
        return found;
    }

    /// <summary>All rules of one virtual server, for whoever explains.</summary>
    internal IReadOnlyList<GrantRule> On(string server) => _byServer.TryGetValue(server, out var rules) ? rules : [];
}

/// <summary>The rules that name one thing.</summary>
internal sealed record ApplicableRules(GrantRule[] Denying, GrantRule[] Allowing)
{
    public static ApplicableRules None { get; } = new([], []);
}
