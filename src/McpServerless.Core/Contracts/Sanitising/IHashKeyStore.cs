namespace McpServerless.Contracts.Sanitising;

/// <summary>One half of the key by which values of a period are hashed; the other is <c>Audit:HashKey</c>. Neither is of use alone.</summary>
/// <param name="Name">Month in which the period begins and a number, such as <c>2026-10.01</c>.</param>
/// <param name="MadeAt">When.</param>
/// <param name="Secret">32 random bytes; null once it was destroyed.</param>
/// <param name="DestroyedAt">Null while it is there.</param>
public sealed record HashKeyPeriod(string Name, DateTimeOffset MadeAt, byte[]? Secret, DateTimeOffset? DestroyedAt)
{
    /// <summary>The month in which it begins.</summary>
    public string Month => Name[..Name.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>Whether it was not destroyed.</summary>
    public bool IsUsable => Secret is { Length: > 0 };
}

/// <summary>What an operator changes of the keys, as the ledger keeps it.</summary>
public sealed record HashKeyChange(string Period);

/// <summary>Where these halves are kept. What was destroyed stays listed and is never made anew.</summary>
public interface IHashKeyStore
{
    /// <summary>All, the oldest first.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<HashKeyPeriod> ReadAsync(CancellationToken ct);

    /// <summary>False when there is one of this name, destroyed ones included.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be kept.</exception>
    ValueTask<bool> AddAsync(HashKeyPeriod period, CancellationToken ct);

    /// <summary>False when there is none of this name, or it was destroyed already.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be gone.</exception>
    ValueTask<bool> DestroyAsync(string name, DateTimeOffset at, CancellationToken ct);
}
