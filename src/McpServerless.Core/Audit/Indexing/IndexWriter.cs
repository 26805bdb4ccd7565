using System.Globalization;
using Microsoft.Extensions.Logging;

namespace McpServerless.Audit.Indexing;

/// <summary>Writes what an instance's durable segments are about into the index, some seconds after them.</summary>
/// <remarks>The ledger never waits for it, but for the listing of the instance before its first record of a day.</remarks>
internal sealed partial class IndexWriter(IAuditIndex index, string writer, TimeSpan period, TimeProvider time, ILogger logger)
{
    /// <summary>So many entries are written before their time.</summary>
    private const int EarlyCount = 20_000;

    /// <summary>Past so many, no more are taken: what is missing then is read from the ledger, by whoever asks and by the repair.</summary>
    private const int MaxCount = 200_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, IndexPart> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, long>> _covered = new(StringComparer.Ordinal);
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private TaskCompletionSource _early = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _part;
    private int _count;
    private bool _gaveUp;

    /// <summary>Lists the instance for a day; afterwards there may be records of it.</summary>
    public async ValueTask ListAsync(string day, CancellationToken ct)
    {
        lock (_gate)
        {
            if (_listed.Contains(day)) return;
        }

        await index.ListWriterAsync(day, writer, ct);
        lock (_gate) _listed.Add(day);
    }

    /// <summary>Takes a durable segment. Those of one chain come in their order.</summary>
    public void Add(AuditSegment segment, IEnumerable<AuditRecord> records)
    {
        if (segment.ClientId == AuditRecord.Gateway) return;
        lock (_gate)
        {
            if (_gaveUp) return;
            if (_count > MaxCount)
            {
                _gaveUp = true;
                Log.GaveUp(logger, _count);
                return;
            }

            if (!_parts.TryGetValue(segment.Day, out var part)) _parts[segment.Day] = part = new IndexPart();
            var before = part.Count;
            foreach (var record in records) part.Add(segment.ClientId, segment.FirstSequence, record);
            part.Cover(segment.ClientId, segment.FirstSequence + segment.Records.Count - 1);
            _count += part.Count - before;
            if (_count >= EarlyCount) _early.TrySetResult();
        }
    }

    /// <summary>Writes every period, and before its time when there is much.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            Task early;
            lock (_gate)
            {
                if (_early.Task.IsCompleted) _early = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                early = _early.Task;
            }

            // Its end is no fault here.
            await early.WaitAsync(period, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ct.IsCancellationRequested) await FlushAsync(close: false, ct);
        }
    }

    /// <summary>Writes what is there. What could not be written stays for the next time. Not to be called twice at once.</summary>
    /// <param name="close">Whether nothing comes after.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task FlushAsync(bool close, CancellationToken ct)
    {
        foreach (var day in Days(close))
        {
            if (!await FlushAsync(day, close, ct)) return;
        }
    }

    private List<string> Days(bool close)
    {
        lock (_gate) return [.. (close ? _listed : (IEnumerable<string>)_parts.Keys).Order(StringComparer.Ordinal)];
    }

    private async Task<bool> FlushAsync(string day, bool close, CancellationToken ct)
    {
        IndexPart? part;
        lock (_gate)
        {
            if (_parts.Remove(day, out part)) _count -= part.Count;
        }

        try
        {
            if (part is not null) await index.WriteAsync(day, writer, (++_part).ToString("D8", CultureInfo.InvariantCulture), part.Entries, ct);
            if (!_covered.TryGetValue(day, out var covered)) _covered[day] = covered = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var (client, last) in part?.Covered ?? new Dictionary<string, long>()) covered[client] = last;
            await index.MarkAsync(new IndexMark(day, writer, covered, close && !_gaveUp), ct);
            return true;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            if (part is not null) PutBack(day, part);
            if (e is StoreUnavailableException) Log.Delayed(logger, e);
            return false;
        }
    }

    private void PutBack(string day, IndexPart part)
    {
        lock (_gate)
        {
            if (_parts.TryGetValue(day, out var newer))
            {
                _count -= newer.Count;
                newer.TakeOver(part);
                _count += newer.Count;
                return;
            }

            _parts[day] = part;
            _count += part.Count;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3201, LogLevel.Warning, "The index of the ledger could not be written; it is written with what follows")]
        public static partial void Delayed(ILogger logger, Exception exception);

        [LoggerMessage(3202, LogLevel.Warning, "{Count} entries of the index wait; this instance indexes no more, and its records are found by reading the ledger until they are repaired")]
        public static partial void GaveUp(ILogger logger, int count);
    }
}
