using McpServerless.Benchmarks.Driver;

namespace McpServerless.Benchmarks.Cases;

/// <summary>All rounds of one target at one number of connections.</summary>
internal sealed class Tally(string target, int connections)
{
    private readonly List<LoadResult> _rounds = [];
    private Usage? _usage;
    private TimeSpan _settling;

    public string Target => target;

    public int Connections => connections;

    public long Errors => _rounds.Sum(r => r.Errors);

    public string? FirstError => _rounds.Find(r => r.FirstError is not null)?.FirstError;

    public long Calls => _rounds.Sum(r => (long)r.Calls);

    /// <summary>Of each round, in their order.</summary>
    public IReadOnlyList<double> PerSecond => _rounds.ConvertAll(r => r.PerSecond);

    /// <summary>Of each round, in their order.</summary>
    public IReadOnlyList<double> Median => _rounds.ConvertAll(r => r.Milliseconds(0.5));

    public long Messages => _rounds.Sum(r => r.Messages);

    /// <summary>Of each round, in their order.</summary>
    public IReadOnlyList<double> MessagesPerSecond => _rounds.ConvertAll(r => r.Messages / r.Elapsed.TotalSeconds);

    /// <summary>Milliseconds up to the first byte at the median, of each round, in their order.</summary>
    public IReadOnlyList<double> FirstByte => _rounds.ConvertAll(r => LoadResult.Milliseconds(r.FirstBytes, 0.5));

    public double SettlingSeconds => _settling.TotalSeconds / Math.Max(1, _rounds.Count);

    public double ServerMicroseconds => PerCall(_usage?.Server);

    public double AzuriteMicroseconds => PerCall(_usage?.Azurite);

    public double UpstreamMicroseconds => PerCall(_usage?.Upstream);

    public double DriverMicroseconds => PerCall(_usage?.Driver);

    public double ServerMicrosecondsOfMessage => (_usage?.Server ?? TimeSpan.Zero).TotalMicroseconds / Math.Max(1.0, Messages);

    public double AllocatedBytesOfMessage => (_usage?.Allocated ?? 0) / Math.Max(1.0, Messages);

    public double AllocatedBytes => (_usage?.Allocated ?? 0) / Math.Max(1.0, Calls);

    /// <summary>Over the calls of all rounds.</summary>
    public double Percentile(double quantile)
    {
        var all = _rounds.SelectMany(r => r.Latencies).Order().ToList();
        return LoadResult.Milliseconds(all, quantile);
    }

    public void Add(LoadResult result, Usage used, TimeSpan settling)
    {
        _rounds.Add(result);
        _usage = _usage is null ? used : _usage + used;
        _settling += settling;
    }

    private double PerCall(TimeSpan? time) => (time ?? TimeSpan.Zero).TotalMicroseconds / Math.Max(1.0, Calls);
}
