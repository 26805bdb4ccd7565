namespace McpServerless.Budgets;

/// <summary>How many calls this instance serves without the store, per client and subject (fail mode open). Not safe for concurrent use.</summary>
internal sealed class LocalCeiling
{
    /// <summary>Past it all are forgotten; an outage is not the time to run out of memory.</summary>
    private const int MaxSubjects = 10_000;

    private readonly Dictionary<(string Tenant, string Client, string Upstream, string Name), long> _nextFree = [];

    /// <summary>Counts a call if the ceiling lets it: GCRA with a burst of a tenth of a minute's calls.</summary>
    public bool Admits(BudgetRequest request, long elapsed)
    {
        var key = (request.Subject.TenantId, request.Subject.ClientId, request.Subject.Upstream, request.Subject.Name);
        var interval = 60_000_000L / Math.Max(1, request.OpenCallsPerMinute);
        var tolerance = interval * Math.Max(1, request.OpenCallsPerMinute / 10);
        var next = Math.Max(_nextFree.GetValueOrDefault(key, elapsed), elapsed) + interval;
        if (next - elapsed > tolerance) return false;
        if (_nextFree.Count >= MaxSubjects) _nextFree.Clear();
        _nextFree[key] = next;
        return true;
    }
}
