using System.Globalization;
using System.Text.Json;

namespace McpServerless.Audit.Checkpoints;

/// <summary>What the instances say of themselves in some days of the ledger.</summary>
internal sealed class WriterSurvey
{
    private readonly SortedDictionary<string, SurveyedWriter> _writers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Day, string Writer), ChainHead> _heads = [];
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);

    /// <summary>Of the instances' own chains.</summary>
    public IReadOnlyList<ChainHead> Heads => [.. _heads.Values];

    public async Task ReadAsync(IAuditReader audit, string day, CancellationToken ct)
    {
        await foreach (var segment in audit.ReadAsync(day, AuditRecord.Gateway, ct))
        {
            _heads[(day, segment.Writer)] = new ChainHead(day, AuditRecord.Gateway, segment.Writer, segment.LastSequence, segment.LastHash);
            if (!_writers.TryGetValue(segment.Writer, out var writer)) _writers[segment.Writer] = writer = new SurveyedWriter(segment.Writer);
            writer.Days.Add(day);
            foreach (var json in segment.Records) Read(writer, json);
        }
    }

    /// <summary>Instances without an end, whose last sign of life is older, and that nobody named before.</summary>
    public IEnumerable<SurveyedWriter> SilentSince(DateTimeOffset moment) =>
        _writers.Values.Where(w => !w.Ended && !_lost.Contains(w.Id) && w.LastSign < moment);

    /// <summary>Whether an instance ended, was named lost, or has been silent since. One that nothing is known of is gone, too.</summary>
    public bool IsGone(string writer, DateTimeOffset silentSince) =>
        _lost.Contains(writer) || !_writers.TryGetValue(writer, out var known) || known.Ended || known.LastSign < silentSince;

    private void Read(SurveyedWriter writer, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            writer.LastSign = DateTimeOffset.Parse(root.GetProperty("time"u8).GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            var details = root.TryGetProperty("details"u8, out var found) ? found : default;
            switch (root.GetProperty("event"u8).GetString())
            {
                case "writerEnded":
                    writer.Ended = true;
                    break;
                case "writerLost" when details.TryGetProperty("lost"u8, out var lost) && lost.GetString() is { } id:
                    _lost.Add(id);
                    break;
                case "writerHeads":
                    foreach (var head in ChainHead.ReadFrom(details) ?? []) writer.Stated[(head.Day, head.ClientId)] = head;
                    break;
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // A record that was tampered with. Verification names it; the checkpoint holds on to what is there.
        }
    }
}

/// <summary>One instance.</summary>
internal sealed class SurveyedWriter(string id)
{
    public string Id => id;

    public SortedSet<string> Days { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Day, string Client), ChainHead> Stated { get; } = [];

    public DateTimeOffset LastSign { get; set; }

    public bool Ended { get; set; }

    /// <summary>How far its chains are in the store: from what it stated last, so that only the ends are read.</summary>
    public async Task<List<ChainHead>> ReadHeadsAsync(IAuditReader audit, CancellationToken ct)
    {
        var heads = new List<ChainHead>();
        foreach (var day in Days)
        {
            // Its own chain too: an instance may be lost before it wrote anything else.
            var clients = new HashSet<string>(StringComparer.Ordinal) { AuditRecord.Gateway };
            await foreach (var client in audit.ReadClientsAsync(day, ct)) clients.Add(client);
            foreach (var client in clients.Order(StringComparer.Ordinal))
            {
                var head = Stated.GetValueOrDefault((day, client));
                await foreach (var segment in audit.ReadWriterAsync(day, client, id, (head?.Sequence ?? 0) + 1, ct))
                {
                    head = new ChainHead(day, client, id, segment.LastSequence, segment.LastHash);
                }

                if (head is not null) heads.Add(head);
            }
        }

        return heads;
    }
}
