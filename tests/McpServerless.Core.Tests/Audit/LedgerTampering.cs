using System.Text;
using System.Text.Json.Nodes;
using McpServerless.Audit;
using McpServerless.Audit.Verification;

namespace McpServerless.Core.Tests.Audit;

/// <summary>What somebody could do to a written ledger.</summary>
internal enum Change
{
    Byte,
    Field,
    Deletion,
    Insertion,
    Order,
    Replay,
    SwapBetweenPartitions,
    TailTruncated,
    ChainRemoved,
    SegmentRemoved,
    RewrittenWithHashes,
}

/// <summary>Single changes of a written ledger, of every kind.</summary>
internal sealed class LedgerTampering(WrittenLedger ledger)
{
    /// <summary>What was changed; null when the change would have changed nothing.</summary>
    public LedgerPlace? Apply(Change change, SegmentShelf shelf, Random random)
    {
        // What is behind the last checkpoint can be cut off unnoticed, by whoever may delete rows; so the last instance's own end is left alone.
        var segments = shelf.Segments.Where(s => !IsAfterLastCheckpoint(s)).ToList();
        var segment = segments[random.Next(segments.Count)];
        var records = segment.Records.ToList();
        var at = random.Next(records.Count);
        var place = new LedgerPlace(segment.Day, segment.ClientId, segment.Writer, segment.FirstSequence + at);
        switch (change)
        {
            case Change.Byte:
                var bytes = records[at].ToArray();
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                records[at] = bytes;
                break;
            case Change.Field:
                records[at] = ChangeField(records[at], random);
                break;
            case Change.Deletion:
                records.RemoveAt(at);
                break;
            case Change.Insertion:
                records.Insert(at, ChangeField(records[random.Next(records.Count)], random));
                break;
            case Change.Replay:
                var source = segments[random.Next(segments.Count)];
                at = random.Next(records.Count + 1);
                place = place with { Sequence = segment.FirstSequence + at };
                records.Insert(at, source.Records[random.Next(source.Records.Count)]);
                break;
            case Change.Order:
                if (records.Count < 2) return null;
                var other = (at + 1 + random.Next(records.Count - 1)) % records.Count;
                (records[at], records[other]) = (records[other], records[at]);
                break;
            case Change.SwapBetweenPartitions:
                var partner = segments[random.Next(segments.Count)];
                if (partner.Day == segment.Day && partner.ClientId == segment.ClientId && partner.Writer == segment.Writer) return null;
                var theirs = partner.Records.ToList();
                var there = random.Next(theirs.Count);
                (records[at], theirs[there]) = (theirs[there], records[at]);
                shelf.Put(partner with { Records = theirs });
                break;
            case Change.TailTruncated:
                records.RemoveRange(at, records.Count - at);
                foreach (var later in segments.Where(s => Same(s, segment) && s.FirstSequence > segment.FirstSequence)) shelf.Remove(later);
                if (records.Count > 0) shelf.Put(segment with { Records = records, LastHash = CanonicalJson.Hash(records[^1].Span) });
                else shelf.Remove(segment);
                return place;
            case Change.ChainRemoved:
                foreach (var mine in segments.Where(s => Same(s, segment))) shelf.Remove(mine);
                return place;
            case Change.SegmentRemoved:
                shelf.Remove(segment);
                return place;
            case Change.RewrittenWithHashes:
                Rewrite(shelf, [.. shelf.Segments.Where(s => Same(s, segment) && s.FirstSequence >= segment.FirstSequence)], at, random);
                return place;
        }

        if (records.Count == 0) shelf.Remove(segment);
        else shelf.Put(segment with { Records = records });
        return place;
    }

    /// <summary>As somebody would who can write to the table and knows how it is made: the chain is consistent afterwards.</summary>
    private static void Rewrite(SegmentShelf shelf, List<AuditSegment> chain, int at, Random random)
    {
        var hash = "";
        foreach (var segment in chain)
        {
            var records = segment.Records.ToList();
            for (var i = segment == chain[0] ? at : 0; i < records.Count; i++)
            {
                if (hash.Length == 0)
                {
                    records[i] = ChangeField(records[i], random, "note");
                }
                else
                {
                    var record = JsonNode.Parse(records[i].Span)!.AsObject();
                    record["previousHash"] = hash;
                    records[i] = Encoding.UTF8.GetBytes(CanonicalJson.Write(System.Text.Json.JsonDocument.Parse(record.ToJsonString()).RootElement));
                }

                hash = CanonicalJson.Hash(records[i].Span);
            }

            shelf.Put(segment with { Records = records, LastHash = hash });
        }
    }

    private static ReadOnlyMemory<byte> ChangeField(ReadOnlyMemory<byte> json, Random random, string? name = null)
    {
        var record = JsonNode.Parse(json.Span)!.AsObject();
        name ??= record.Select(m => m.Key).ElementAt(random.Next(record.Count));
        record[name] = record[name] switch
        {
            JsonValue value when value.TryGetValue<long>(out var number) => number + 1,
            JsonValue value when value.TryGetValue<string>(out var text) => text + "x",
            _ => "changed",
        };
        return Encoding.UTF8.GetBytes(CanonicalJson.Write(System.Text.Json.JsonDocument.Parse(record.ToJsonString()).RootElement));
    }

    private bool IsAfterLastCheckpoint(AuditSegment segment) =>
        segment.ClientId == AuditRecord.Gateway && segment.FirstSequence > _covered.GetValueOrDefault((segment.Day, segment.Writer));

    private Dictionary<(string, string), long> _covered => field ??= ReadCovered();

    private Dictionary<(string, string), long> ReadCovered()
    {
        var covered = new Dictionary<(string, string), long>();
        for (var number = 1; number <= 7; number++)
        {
            var file = ledger.Checkpoints.ReadAsync(number, CancellationToken.None).AsTask().GetAwaiter().GetResult()!.Value;
            foreach (var head in McpServerless.Audit.Checkpoints.Checkpoint.Read(file)!.Heads) covered[(head.Day, head.Writer)] = head.Sequence;
        }

        return covered;
    }

    private static bool Same(AuditSegment a, AuditSegment b) => (a.Day, a.ClientId, a.Writer) == (b.Day, b.ClientId, b.Writer);
}
