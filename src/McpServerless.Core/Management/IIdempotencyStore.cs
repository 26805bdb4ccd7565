namespace McpServerless.Management;

/// <summary>A request that came under an <c>Idempotency-Key</c>, and its answer.</summary>
/// <param name="Caller">Whose key it is.</param>
/// <param name="Key">The key.</param>
/// <param name="Digest">SHA-256 of what was asked: another request under the same key is refused.</param>
/// <param name="Until">From then on the key is as new.</param>
public sealed record KeptRequest(string Caller, string Key, string Digest, DateTimeOffset Until)
{
    /// <summary>The answer; null while it is being worked out, or when whoever did died.</summary>
    public KeptAnswer? Answer { get; init; }
}

/// <summary>An answer as it was given.</summary>
/// <param name="Headers">What it said beside its body: <c>ETag</c>, <c>Location</c>.</param>
public sealed record KeptAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string ContentType, string Body);

/// <summary>Where answers are kept under the keys of their requests.</summary>
public interface IIdempotencyStore
{
    /// <summary>Takes a key for a request.</summary>
    /// <returns>Null when it is taken now; else what stands under it already.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be used.</exception>
    ValueTask<KeptRequest?> TakeAsync(KeptRequest request, DateTimeOffset now, CancellationToken ct);

    /// <summary>Keeps the answer of a request whose key was taken.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask KeepAsync(KeptRequest request, CancellationToken ct);

    /// <summary>Gives a key back, so that the request can be sent again: nothing came of it.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask ReleaseAsync(KeptRequest request, CancellationToken ct);

    /// <summary>Removes what is past its time.</summary>
    /// <returns>How many were removed.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be used.</exception>
    ValueTask<int> PurgeAsync(DateTimeOffset now, CancellationToken ct);
}
