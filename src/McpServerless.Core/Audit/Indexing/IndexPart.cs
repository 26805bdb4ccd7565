using System.Text.Json;

namespace McpServerless.Audit.Indexing;

/// <summary>Entries of one instance and day that are not written yet, and how far they go.</summary>
internal sealed class IndexPart
{
    private readonly Dictionary<(IndexKind Kind, string Key, string Client), List<long>> _entries = [];

    private readonly Dictionary<string, long> _covered = new(StringComparer.Ordinal);

    /// <summary>By client, the last record that this part covers.</summary>
    public IReadOnlyDictionary<string, long> Covered => _covered;

    public int Count { get; private set; }

    public IReadOnlyCollection<IndexEntry> Entries => [.. _entries.Select(e => new IndexEntry(e.Key.Kind, e.Key.Key, e.Key.Client, e.Value))];

    public void Add(string client, long firstSequence, AuditRecord record) =>
        Add(client, firstSequence, record.Tool, record.SessionId?.ToString("D"), record.TraceId, record.RequestId.ToString("D"));

    /// <summary>From the ledger itself. A record that cannot be read has no keys; verification names it.</summary>
    public void Add(string client, long firstSequence, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            Add(client, firstSequence, JsonMembers.Text(root, "tool"), JsonMembers.Text(root, "sessionId"), JsonMembers.Text(root, "traceId"), JsonMembers.Text(root, "requestId"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for half of a surrogate pair.
        }
    }

    /// <summary>The segment is complete, and so are those before it in its chain.</summary>
    public void Cover(string client, long lastSequence) => _covered[client] = lastSequence;

    /// <summary>What could not be written goes with what came after it.</summary>
    public void TakeOver(IndexPart older)
    {
        foreach (var ((kind, key, client), sequences) in older._entries)
        {
            foreach (var sequence in sequences) Add(kind, key, client, sequence);
        }

        foreach (var (client, last) in older._covered) _covered[client] = Math.Max(last, _covered.GetValueOrDefault(client));
    }

    private void Add(string client, long firstSequence, string? tool, string? session, string? trace, string? request)
    {
        Add(IndexKind.Tool, tool, client, firstSequence);
        Add(IndexKind.Session, session, client, firstSequence);
        Add(IndexKind.Trace, trace, client, firstSequence);
        Add(IndexKind.Request, request, client, firstSequence);
    }

    private void Add(IndexKind kind, string? key, string client, long firstSequence)
    {
        if (key is null) return;
        if (!_entries.TryGetValue((kind, key, client), out var sequences)) _entries[(kind, key, client)] = sequences = [];
        if (sequences.Contains(firstSequence)) return;
        sequences.Add(firstSequence);
        Count++;
    }
}
