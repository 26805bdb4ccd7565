using System.Text.Json;

namespace McpServerless.Audit.Verification;

/// <summary>What the instances' own chains say: who wrote when, how far the other chains came, which checkpoints there are.</summary>
internal sealed class GatewayChains
{
    private readonly Dictionary<string, Life> _lives = new(StringComparer.Ordinal);

    /// <summary>Checkpoints that are named in the ledger, with their hash.</summary>
    public SortedDictionary<long, string> Checkpoints { get; } = [];

    /// <summary>The tombstones that purge records name.</summary>
    public HashSet<ChainHead> Purged { get; } = [];

    public void Read(AuditSegment segment, StatedHeads stated, LedgerReport report)
    {
        for (var i = 0; i < segment.Records.Count; i++)
        {
            var place = new LedgerPlace(segment.Day, AuditRecord.Gateway, segment.Writer, segment.FirstSequence + i);
            try
            {
                using var document = JsonDocument.Parse(segment.Records[i]);
                Read(document.RootElement, place, stated, report);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                // Verification of the chain names it.
            }
        }
    }

    /// <summary>Every writer of a day began that day in its own chain.</summary>
    public void RequireBeginning(string day, string client, IEnumerable<string> writers, LedgerReport report)
    {
        foreach (var writer in writers.Order(StringComparer.Ordinal))
        {
            if (!_lives.TryGetValue(writer, out var life) || !life.Days.Contains(day))
            {
                report.Add("start_missing", true, new LedgerPlace(day, client, writer, 1), "the writer has records here, and its own chain of this day is missing");
            }
        }
    }

    public void ReportLives(LedgerReport report)
    {
        foreach (var (writer, life) in _lives.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (life.Ended) continue;
            var last = new LedgerPlace(life.LastDay, AuditRecord.Gateway, writer, life.LastSequence);
            if (life.Lost) report.Add("writer_lost", false, last, $"the instance went silent after {life.LastTime}; records that it had accepted and not yet written are lost");
            else report.Add("writer_open", false, last, $"the instance has no end; its last sign of life is of {life.LastTime}");
        }
    }

    private void Read(JsonElement record, LedgerPlace place, StatedHeads stated, LedgerReport report)
    {
        var details = record.TryGetProperty("details"u8, out var found) ? found : default;
        var life = LifeOf(place.Writer);
        var kind = record.GetProperty("event"u8).GetString();
        if (place.Sequence == 1 && kind is not ("writerStarted" or "writerContinued"))
        {
            report.Add("start_missing", true, place, "a writer's day does not begin with its start");
        }

        life.Days.Add(place.Day);
        (life.LastDay, life.LastSequence, life.LastTime) = (place.Day, place.Sequence, record.GetProperty("time"u8).GetString() ?? "");
        switch (kind)
        {
            case "writerHeads" or "writerContinued":
                AddHeads($"record {place}");
                break;
            case "writerLost":
                AddHeads($"record {place}");
                if (details.GetProperty("lost"u8).GetString() is { } lost) LifeOf(lost).Lost = true;
                break;
            case "writerEnded":
                life.Ended = true;
                break;
            case "timer" when JsonMembers.Text(details, "what") == "ledgerPurged":
                Purged.UnionWith(ChainHead.ReadFrom(details, "tombstones") ?? []);
                break;
            case "checkpoint":
                Checkpoints[details.GetProperty("number"u8).GetInt64()] = details.GetProperty("hash"u8).GetString() ?? "";
                break;
        }

        void AddHeads(string by)
        {
            foreach (var head in ChainHead.ReadFrom(details) ?? []) stated.Add(head, by, report);
        }
    }

    private Life LifeOf(string writer) => _lives.TryGetValue(writer, out var life) ? life : _lives[writer] = new Life();

    private sealed class Life
    {
        public HashSet<string> Days { get; } = new(StringComparer.Ordinal);

        public string LastDay { get; set; } = "";

        public long LastSequence { get; set; }

        public string LastTime { get; set; } = "";

        public bool Ended { get; set; }

        public bool Lost { get; set; }
    }
}
