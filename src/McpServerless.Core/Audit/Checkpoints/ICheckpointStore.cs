namespace McpServerless.Audit.Checkpoints;

/// <summary>Where checkpoints are read.</summary>
public interface ICheckpointReader
{
    /// <summary>The number of the last checkpoint; 0 when there is none.</summary>
    /// <exception cref="StoreUnavailableException">The place could not be read.</exception>
    ValueTask<long> FindLastAsync(CancellationToken ct);

    /// <summary>A checkpoint's file; null when there is none of this number.</summary>
    /// <exception cref="StoreUnavailableException">The place could not be read.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(long number, CancellationToken ct);

    /// <summary>The public keys that signed, as PEM. They prove nothing of themselves: an auditor compares their ids with those that were handed over.</summary>
    /// <exception cref="StoreUnavailableException">The place could not be read.</exception>
    ValueTask<IReadOnlyList<string>> ReadKeysAsync(CancellationToken ct);
}

/// <summary>Where checkpoints are kept: a place to which one can add, and where nobody can change what is there.</summary>
public interface ICheckpointStore : ICheckpointReader
{
    /// <summary>Adds a checkpoint.</summary>
    /// <returns>False when there is another one of this number.</returns>
    /// <exception cref="StoreUnavailableException">It is not known to be kept.</exception>
    ValueTask<bool> AddAsync(long number, ReadOnlyMemory<byte> file, CancellationToken ct);

    /// <summary>Adds a public key, unless it is there.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be kept.</exception>
    ValueTask AddKeyAsync(string keyId, string pem, CancellationToken ct);
}
