using McpServerless.Contracts.Sanitising;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>Halves of keys as a store keeps them, that can be out of reach.</summary>
internal sealed class HashKeyShelf : IHashKeyStore
{
    private readonly SortedDictionary<string, HashKeyPeriod> _periods = new(StringComparer.Ordinal);

    public bool IsDown { get; set; }

    public IAsyncEnumerable<HashKeyPeriod> ReadAsync(CancellationToken ct) => IsDown ? throw new StoreUnavailableException("down") : _periods.Values.ToList().ToAsyncEnumerable();

    public ValueTask<bool> AddAsync(HashKeyPeriod period, CancellationToken ct) => new(_periods.TryAdd(period.Name, period));

    public ValueTask<bool> DestroyAsync(string name, DateTimeOffset at, CancellationToken ct)
    {
        if (!_periods.TryGetValue(name, out var period) || !period.IsUsable) return new(false);
        _periods[name] = period with { Secret = null, DestroyedAt = at };
        return new(true);
    }
}
