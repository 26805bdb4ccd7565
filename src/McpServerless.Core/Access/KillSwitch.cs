using System.Collections.Frozen;
using McpServerless.Catalogue;

namespace McpServerless.Access;

/// <summary>Something that an operator switched off for everybody, until it is switched on again.</summary>
/// <param name="Subject"><c>server/NAME</c> for a virtual server, or <c>tool/UPSTREAM/NAME</c> for a tool wherever it is exposed.</param>
/// <param name="By">Who did it.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why.</param>
public sealed record KillSwitch(string Subject, string By, DateTimeOffset At, string Reason)
{
    public static string OfServer(string server) => $"server/{server}";

    public static string OfTool(string upstream, string tool) => $"tool/{upstream}/{tool}";
}

/// <summary>All that is switched off.</summary>
internal sealed class KillSwitches(IReadOnlyList<KillSwitch> switches)
{
    private readonly FrozenDictionary<string, KillSwitch> _bySubject = switches.DistinctBy(s => s.Subject, StringComparer.Ordinal).ToFrozenDictionary(s => s.Subject, StringComparer.Ordinal);

    public static KillSwitches None { get; } = new([]);

    /// <summary>What keeps a feature of a server from being served; null for nothing.</summary>
    public KillSwitch? Find(string server, ExposedFeature feature)
    {
        if (_bySubject.Count == 0) return null;
        if (_bySubject.TryGetValue(KillSwitch.OfServer(server), out var whole)) return whole;
        return feature.Kind == SubjectKind.Tool ? _bySubject.GetValueOrDefault(KillSwitch.OfTool(feature.Contract.Upstream, feature.Contract.Name)) : null;
    }
}
