using McpServerless.Contracts.Watching;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>What the watch keeps, in memory, with row versions that are held to.</summary>
internal sealed class MemoryDrifts : IContractWatchStore
{
    private readonly SortedDictionary<string, ContractDrift> _drifts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HeldTool> _held = [];
    private readonly SortedDictionary<string, WatchedUpstream> _looked = new(StringComparer.Ordinal);
    private int _version;

    public IReadOnlyCollection<HeldTool> Held => _held.Values;

    public ValueTask<IReadOnlyList<HeldTool>> ReadHeldAsync(CancellationToken ct) => new([.. _held.Values]);

    public ValueTask HoldAsync(HeldTool tool, CancellationToken ct)
    {
        _held[$"{tool.Upstream}/{tool.Tool}"] = tool;
        return ValueTask.CompletedTask;
    }

    public ValueTask ReleaseAsync(string upstream, string tool, CancellationToken ct)
    {
        _held.Remove($"{upstream}/{tool}");
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<ContractDrift>> ReadDriftsAsync(string upstream, CancellationToken ct) => new([.. _drifts.Values.Where(d => d.Upstream == upstream)]);

    public ValueTask<ContractDrift?> FindDriftAsync(string upstream, string tool, CancellationToken ct) => new(_drifts.GetValueOrDefault($"{upstream}/{tool}"));

    public ValueTask<ContractDrift?> SaveDriftAsync(ContractDrift drift, CancellationToken ct)
    {
        var key = $"{drift.Upstream}/{drift.Tool}";
        if (_drifts.GetValueOrDefault(key)?.RowVersion != drift.RowVersion) return new(default(ContractDrift));
        _drifts[key] = drift with { RowVersion = $"{++_version}" };
        return new(_drifts[key]);
    }

    public ValueTask DeleteDriftAsync(string upstream, string tool, CancellationToken ct)
    {
        _drifts.Remove($"{upstream}/{tool}");
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<WatchedUpstream>> ReadProgressAsync(CancellationToken ct) => new([.. _looked.Values]);

    public ValueTask SaveProgressAsync(WatchedUpstream progress, CancellationToken ct)
    {
        _looked[progress.Name] = progress;
        return ValueTask.CompletedTask;
    }
}
