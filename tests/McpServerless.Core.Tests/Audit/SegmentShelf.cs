using System.Collections.Concurrent;
using System.Globalization;
using McpServerless.Audit;
using McpServerless.Audit.Retention;

namespace McpServerless.Core.Tests.Audit;

/// <summary>Segments as a store keeps them, with the means to change what no store would.</summary>
internal sealed class SegmentShelf : IAuditStore, IPurgeableLedger
{
    private readonly ConcurrentDictionary<(string Day, string Client, string Writer, long First), AuditSegment> _rows = new();

    private List<AuditSegment>? _sorted;

    /// <summary>In the order in which a store reads them.</summary>
    public List<AuditSegment> Segments => _sorted ??= [.. _rows.Values
        .OrderBy(s => s.Day, StringComparer.Ordinal).ThenBy(s => s.ClientId, StringComparer.Ordinal).ThenBy(s => s.Writer, StringComparer.Ordinal).ThenBy(s => s.FirstSequence)];

    public void Remove(AuditSegment segment)
    {
        _rows.TryRemove(Key(segment), out _);
        _sorted = null;
    }

    public void Put(AuditSegment segment)
    {
        _rows[Key(segment)] = segment;
        _sorted = null;
    }

    public ValueTask AppendAsync(AuditSegment segment, CancellationToken ct)
    {
        if (!_rows.TryAdd(Key(segment), segment) && _rows[Key(segment)].LastHash != segment.LastHash) throw new AuditConflictException("another segment under this key");
        _sorted = null;
        return ValueTask.CompletedTask;
    }

    public ValueTask<DateOnly?> FindFirstDayAsync(CancellationToken ct) => new(Segments.Count == 0 ? null : DateOnly.ParseExact(Segments[0].Day, "yyyyMMdd", CultureInfo.InvariantCulture));

    public ValueTask ReplaceAsync(AuditSegment purged, CancellationToken ct)
    {
        Put(purged);
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) =>
        Segments.Where(s => s.Day == day && s.ClientId == clientId).ToAsyncEnumerable();

    public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) =>
        Segments.Where(s => s.Day == day).Select(s => s.ClientId).Distinct().ToAsyncEnumerable();

    private static (string, string, string, long) Key(AuditSegment s) => (s.Day, s.ClientId, s.Writer, s.FirstSequence);
}
