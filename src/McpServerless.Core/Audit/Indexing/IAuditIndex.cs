namespace McpServerless.Audit.Indexing;

/// <summary>What the ledger is indexed by.</summary>
public enum IndexKind
{
    Tool,

    Session,

    Trace,

    /// <summary>The id that the caller was told.</summary>
    Request,
}

/// <summary>A segment of the ledger.</summary>
public readonly record struct SegmentPlace(string ClientId, string Writer, long FirstSequence);

/// <summary>The segments of one client that have records with a key.</summary>
public sealed record IndexEntry(IndexKind Kind, string Key, string ClientId, IReadOnlyList<long> FirstSequences);

/// <summary>How far the index of one instance and day has come.</summary>
/// <param name="Day">The UTC day, <c>yyyyMMdd</c>.</param>
/// <param name="Writer">The instance.</param>
/// <param name="Covered">By client, the last record that is in the index, and so are all before it.</param>
/// <param name="IsClosed">Whether nothing of this instance and day can be missing.</param>
public sealed record IndexMark(string Day, string Writer, IReadOnlyDictionary<string, long> Covered, bool IsClosed);

/// <summary>Finds segments by what their records are about. It follows the ledger, says how far it has come, and can be made anew from the ledger.</summary>
/// <remarks>
/// An instance is listed before its first record of a day is durable; what its segments are about is written some seconds after them, and only
/// then how far that goes. So an instance that dies in between leaves a mark that says what is missing, and whoever asks reads that part of the
/// ledger itself. An entry may be there twice, but none that a mark covers can be missing.
/// </remarks>
public interface IAuditIndex
{
    /// <summary>Lists an instance that is about to write. One that is listed keeps its mark.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be listed.</exception>
    ValueTask ListWriterAsync(string day, string writer, CancellationToken ct);

    /// <summary>Adds entries.</summary>
    /// <param name="day">The UTC day.</param>
    /// <param name="writer">The instance.</param>
    /// <param name="part">Distinguishes what one instance writes one after another; writing a part again puts it in the place of the former.</param>
    /// <param name="entries">What is found in it.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">They are not known to be there.</exception>
    ValueTask WriteAsync(string day, string writer, string part, IReadOnlyCollection<IndexEntry> entries, CancellationToken ct);

    /// <summary>Says how far the index has come.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be said.</exception>
    ValueTask MarkAsync(IndexMark mark, CancellationToken ct);

    /// <summary>Removes all entries of a day; marks stay. Whoever does it says first, by the marks, that nothing is covered.</summary>
    /// <exception cref="StoreUnavailableException">They are not known to be gone.</exception>
    ValueTask ForgetAsync(string day, CancellationToken ct);

    /// <summary>All instances of a day.</summary>
    /// <exception cref="StoreUnavailableException">The index could not be read.</exception>
    IAsyncEnumerable<IndexMark> ReadMarksAsync(string day, CancellationToken ct);

    /// <summary>The segments that have records with a key. One range of one partition is read.</summary>
    /// <exception cref="StoreUnavailableException">The index could not be read.</exception>
    IAsyncEnumerable<SegmentPlace> FindAsync(string day, IndexKind kind, string key, CancellationToken ct);
}
