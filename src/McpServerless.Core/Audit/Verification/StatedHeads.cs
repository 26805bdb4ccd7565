namespace McpServerless.Audit.Verification;

/// <summary>What instances and checkpoints say of the chains: at which place stands which hash.</summary>
internal sealed class StatedHeads
{
    private readonly Dictionary<(string Day, string Client, string Writer), SortedDictionary<long, (string Hash, string By)>> _heads = [];

    public void Add(ChainHead head, string by, LedgerReport report)
    {
        var key = (head.Day, head.ClientId, head.Writer);
        if (!_heads.TryGetValue(key, out var heads)) _heads[key] = heads = [];
        if (!heads.TryAdd(head.Sequence, (head.Hash, by)) && heads[head.Sequence].Hash != head.Hash)
        {
            report.Add("head_mismatch", true, new LedgerPlace(head.Day, head.ClientId, head.Writer, head.Sequence), $"{by} and {heads[head.Sequence].By} state different records here");
        }
    }

    /// <summary>Taken out, so that what is left in the end is of chains that are not there.</summary>
    public SortedDictionary<long, (string Hash, string By)>? Take(string day, string client, string writer) =>
        _heads.Remove((day, client, writer), out var heads) ? heads : null;

    public IEnumerable<(string Day, string Client)> Partitions => _heads.Keys.Select(k => (k.Day, k.Client)).Distinct();

    /// <summary>Chains of these days of which nothing was found.</summary>
    public void ReportMissing(IReadOnlySet<string> days, string? onlyClient, LedgerReport report)
    {
        foreach (var (key, heads) in _heads.Where(h => days.Contains(h.Key.Day) && (onlyClient is null || h.Key.Client == onlyClient || h.Key.Client == AuditRecord.Gateway)).OrderBy(h => h.Key))
        {
            var (sequence, stated) = heads.Last();
            report.Add("chain_missing", true, new LedgerPlace(key.Day, key.Client, key.Writer, 1), $"{stated.By} states {sequence} record(s), and there is none");
        }
    }
}
