using System.Security.Cryptography;
using System.Text;
using McpServerless.Audit.Retention;

namespace McpServerless.Audit.Verification;

/// <summary>Verifies one partition of the ledger, record by record.</summary>
internal sealed class ChainVerification(string day, string client, StatedHeads stated, OpenIntents intents, LedgerReport report)
{
    private readonly byte[] _hash = new byte[64];
    private readonly HashSet<string> _writers = new(StringComparer.Ordinal);
    private SortedDictionary<long, (string Hash, string By)>? _heads;
    private string _writer = "";
    private bool _hasHash;
    private long _last;

    /// <summary>The writers that have records here.</summary>
    public IReadOnlySet<string> Writers => _writers;

    public void Verify(AuditSegment segment)
    {
        if (segment.Writer != _writer) Begin(segment.Writer);
        if (segment.Day != day || segment.ClientId != client) Alarm("record_misplaced", segment.FirstSequence, "the segment names another day or client");
        if (segment.FirstSequence != _last + 1) Alarm("sequence_wrong", segment.FirstSequence, $"a segment begins at {segment.FirstSequence} where {_last + 1} is due");
        foreach (var record in segment.Records)
        {
            if (Tombstone.Is(record.Span)) VerifyTombstone(record);
            else Verify(record.Span);
        }

        if (segment.LastHash.Length > 0 && _hasHash && !Is(segment.LastHash)) Alarm("segment_hash", _last, "the segment names another hash of its last record");
    }

    /// <summary>Compares the end of the last chain; to be called once, when all segments were verified.</summary>
    public void End()
    {
        if (_writer.Length == 0 || _heads is not { Count: > 0 } || _heads.Last() is var end && end.Key <= _last) return;
        Alarm("tail_missing", _last + 1, $"{end.Value.By} states {end.Key} record(s), and the chain ends after {_last}");
    }

    private void Begin(string writer)
    {
        End();
        _writer = writer;
        _last = 0;
        _hasHash = false;
        _heads = stated.Take(day, client, writer);
        if (_writers.Add(writer)) report.Chains++;
        else Alarm("sequence_wrong", 1, "the writer's segments are not in order");
    }

    private void Verify(ReadOnlySpan<byte> json)
    {
        var due = _last + 1;
        report.Records++;
        report.Bytes += json.Length;
        if (!RecordFacts.TryRead(json, out var facts))
        {
            Alarm("record_unreadable", due, "it is not a record");
        }
        else
        {
            if (facts.Sequence != due) Alarm("sequence_wrong", due, $"the record that stands here says it is number {facts.Sequence}");
            if (due == 1 ? !facts.PreviousHash.IsEmpty : _hasHash && !facts.PreviousHash.SequenceEqual(_hash))
            {
                Alarm("chain_broken", due, "it does not follow the record before it: one of the two was changed, or one between them is missing");
            }

            if (!Equals(facts.Writer, _writer)) Alarm("record_misplaced", due, "it names another writer");
            if (!facts.BelongsTo(day, client)) Alarm("record_misplaced", due, "its time and client belong into another partition");
            if (facts.IsIntent) intents.Open(facts.RequestId, new LedgerPlace(day, client, _writer, due));
            else if (facts.IsOutcome) intents.Close(facts.RequestId);
        }

        HashInto(json);
        _last = due;
        CompareHead();
    }

    /// <summary>What can be said of records that are gone: they follow what is before, the next follows them, and a purge record names the tombstone.</summary>
    private void VerifyTombstone(ReadOnlyMemory<byte> json)
    {
        var due = _last + 1;
        if (Tombstone.Read(json) is not { } stone)
        {
            Alarm("tombstone_unlawful", due, "it cannot be read");
            HashInto(json.Span);
            _last = due;
            return;
        }

        if (stone.FirstSequence != due) Alarm("sequence_wrong", due, $"the tombstone that stands here begins at {stone.FirstSequence}");
        if (due == 1 ? stone.HashBefore.Length > 0 : _hasHash && !Is(stone.HashBefore)) Alarm("chain_broken", due, "the tombstone does not follow the record before it");
        if (stone.Writer != _writer) Alarm("record_misplaced", due, "it names another writer");
        if (client == AuditRecord.Gateway) Alarm("tombstone_unlawful", due, "records of the gateway about itself are never purged");
        report.Purged += stone.Count;
        report.Tombstones.Add((new ChainHead(day, client, _writer, stone.FirstSequence, CanonicalJson.Hash(json.Span)), stone.PurgeDay));
        _hasHash = stone.HashAfter.Length == _hash.Length && System.Text.Encoding.ASCII.TryGetBytes(stone.HashAfter, _hash, out _);
        _last = due + stone.Count - 1;
        CompareHead();
    }

    private void CompareHead()
    {
        if (_heads is null || !_heads.TryGetValue(_last, out var head)) return;
        report.HeadsCompared++;
        if (!Is(head.Hash)) Alarm("head_mismatch", _last, $"{head.By} states another record here");
    }

    private void HashInto(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        Convert.TryToHexStringLower(hash, _hash, out _);
        _hasHash = true;
    }

    private bool Is(string hash) => Equals(_hash, hash);

    private static bool Equals(ReadOnlySpan<byte> text, string other)
    {
        if (text.Length != other.Length) return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != other[i]) return false;
        }

        return true;
    }

    private void Alarm(string rule, long sequence, string message) => report.Add(rule, true, new LedgerPlace(day, client, _writer, sequence), message);
}

/// <summary>Intents whose outcome has not been met yet.</summary>
internal sealed class OpenIntents
{
    private readonly Dictionary<string, LedgerPlace> _open = new(StringComparer.Ordinal);

    public void Open(ReadOnlySpan<byte> requestId, LedgerPlace place) => _open[Encoding.UTF8.GetString(requestId)] = place;

    public void Close(ReadOnlySpan<byte> requestId)
    {
        if (_open.Count > 0) _open.Remove(Encoding.UTF8.GetString(requestId));
    }

    public void Report(LedgerReport report)
    {
        foreach (var (request, place) in _open.OrderBy(o => o.Value.ToString(), StringComparer.Ordinal))
        {
            report.Add("intent_open", false, place, $"the call of request {request} may have been forwarded, and how it ended is not on record");
        }
    }
}
