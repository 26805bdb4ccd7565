using System.Collections.Frozen;
using McpServerless.Catalogue;

namespace McpServerless.Contracts.Watching;

/// <summary>The tools that are not served for now, by the catalogue that is active.</summary>
public sealed class HeldTools
{
    private readonly FrozenSet<(string Upstream, string Tool)> _held;

    private HeldTools(IEnumerable<(string Upstream, string Tool)> held) => _held = held.ToFrozenSet();

    public static HeldTools None { get; } = new([]);

    public bool Holds(Contract contract) => _held.Count > 0 && contract is ToolContract && _held.Contains((contract.Upstream, contract.Name));

    /// <summary>Leaves out what was decided by an apply: a contract that was replaced by what its upstream shows.</summary>
    internal static HeldTools In(ActiveCatalogue catalogue, IReadOnlyList<HeldTool> held)
    {
        if (held.Count == 0) return None;
        var contracts = new Dictionary<(string, string), ToolContract>();
        foreach (var tool in catalogue.Servers.SelectMany(s => s.Tools)) contracts[(tool.Contract.Upstream, tool.Contract.Name)] = tool.Compiled.Contract;
        return new HeldTools(held
            .Where(h => !(contracts.TryGetValue((h.Upstream, h.Tool), out var contract) && IsAdopted(h, contract)))
            .Select(h => (h.Upstream, h.Tool)));
    }

    /// <summary>Whether a contract was replaced since by one with the definition that the upstream shows.</summary>
    internal static bool IsAdopted(HeldTool held, ToolContract contract) => contract.Hash != held.PinnedHash && LiveDefinition.HashOf(contract.Definition) == held.LiveHash;
}
