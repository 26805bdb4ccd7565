using System.Collections.Concurrent;
using McpServerless.Audit.Indexing;

namespace McpServerless.Core.Tests.Audit.Indexing;

/// <summary>An index as a store keeps it, that can be out of reach.</summary>
internal sealed class IndexShelf : IAuditIndex
{
    private readonly ConcurrentDictionary<(string Day, string Writer, string Part), IReadOnlyCollection<IndexEntry>> _parts = new();
    private readonly ConcurrentDictionary<(string Day, string Writer), IndexMark> _marks = new();

    public bool IsDown { get; set; }

    /// <summary>So many readings fail first.</summary>
    public int FailsTimes { get; set; }

    public IReadOnlyCollection<IndexMark> Marks => [.. _marks.Values];

    public int Parts => _parts.Count;

    public ValueTask ListWriterAsync(string day, string writer, CancellationToken ct)
    {
        ThrowIfDown();
        _marks.TryAdd((day, writer), new IndexMark(day, writer, new Dictionary<string, long>(), IsClosed: false));
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(string day, string writer, string part, IReadOnlyCollection<IndexEntry> entries, CancellationToken ct)
    {
        ThrowIfDown();
        _parts[(day, writer, part)] = [.. entries];
        return ValueTask.CompletedTask;
    }

    public ValueTask MarkAsync(IndexMark mark, CancellationToken ct)
    {
        ThrowIfDown();
        _marks[(mark.Day, mark.Writer)] = mark with { Covered = new Dictionary<string, long>(mark.Covered) };
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<IndexMark> ReadMarksAsync(string day, CancellationToken ct) => FailsTimes-- > 0 ? throw new StoreUnavailableException("The index is down.") : _marks.Values.Where(m => m.Day == day).ToAsyncEnumerable();

    public ValueTask ForgetAsync(string day, CancellationToken ct)
    {
        ThrowIfDown();
        foreach (var part in _parts.Keys.Where(p => p.Day == day).ToList()) _parts.TryRemove(part, out _);
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<SegmentPlace> FindAsync(string day, IndexKind kind, string key, CancellationToken ct) => _parts
        .Where(p => p.Key.Day == day)
        .SelectMany(p => p.Value.Where(e => e.Kind == kind && e.Key == key).SelectMany(e => e.FirstSequences.Select(s => new SegmentPlace(e.ClientId, p.Key.Writer, s))))
        .ToAsyncEnumerable();

    private void ThrowIfDown()
    {
        if (IsDown) throw new StoreUnavailableException("down");
    }
}
