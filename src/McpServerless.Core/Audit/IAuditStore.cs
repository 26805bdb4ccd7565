using System.Runtime.CompilerServices;

namespace McpServerless.Audit;

/// <summary>Where the ledger is read: the store itself, or an export of it.</summary>
public interface IAuditReader
{
    /// <summary>The segments of one client and day, in the order of writer and sequence. One partition is read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct);

    /// <summary>The segments of one writer, client and day that begin at a sequence or after it, in order.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    async IAsyncEnumerable<AuditSegment> ReadWriterAsync(string day, string clientId, string writer, long fromSequence, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var segment in ReadAsync(day, clientId, ct))
        {
            if (segment.Writer == writer && segment.FirstSequence >= fromSequence) yield return segment;
        }
    }

    /// <summary>The segments of one client and day from a writer's sequence on, those of later writers included. The first are answered as soon as there are any.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    async IAsyncEnumerable<AuditSegment> ReadFromAsync(string day, string clientId, string writer, long fromSequence, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var segment in ReadAsync(day, clientId, ct))
        {
            var order = string.CompareOrdinal(segment.Writer, writer);
            if (order > 0 || (order == 0 && segment.FirstSequence >= fromSequence)) yield return segment;
        }
    }

    /// <summary>One segment; null when there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    async ValueTask<AuditSegment?> FindAsync(string day, string clientId, string writer, long firstSequence, CancellationToken ct)
    {
        await foreach (var segment in ReadWriterAsync(day, clientId, writer, firstSequence, ct)) return segment.FirstSequence == firstSequence ? segment : null;
        return null;
    }

    /// <summary>The clients that have records on a day.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct);
}

/// <summary>Where the ledger is kept. Nothing is ever changed or removed by the gateway.</summary>
public interface IAuditStore : IAuditReader
{
    /// <summary>Makes a segment durable. Sending the same one again is no error: the answer to the first try may have been lost.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be durable; the same segment has to be sent again.</exception>
    /// <exception cref="AuditConflictException">Another segment stands under the same key: a second writer has this writer's id.</exception>
    ValueTask AppendAsync(AuditSegment segment, CancellationToken ct);
}

/// <summary>Two different segments were sent under one key. The chain cannot go on under this writer's id.</summary>
public sealed class AuditConflictException : Exception
{
    public AuditConflictException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    public AuditConflictException()
    {
    }

    public AuditConflictException(string message)
        : base(message)
    {
    }
}
