using System.Text;
using System.Text.Json.Nodes;
using McpServerless.Audit;
using McpServerless.Audit.Verification;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Audit;

/// <summary>Whatever single thing is changed in a written ledger, verification finds it and names a place; and it never alarms without cause.</summary>
public sealed class TamperTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Changes = 10_000;

    private WrittenLedger _ledger = null!;

    public async Task InitializeAsync() => _ledger = await WrittenLedger.WriteAsync();

    public Task DisposeAsync()
    {
        _ledger.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task EveryChange_IsFound_AndNamed()
    {
        var random = new Random(20261126);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var original = _ledger.Store.Segments;
        for (var i = 0; counts.Values.Sum() < Changes; i++)
        {
            var shelf = new SegmentShelf();
            foreach (var segment in original) shelf.Put(segment);
            var change = (Change)random.Next(Enum.GetValues<Change>().Length);
            if (Apply(change, shelf, random) is not { } place) continue;
            counts[change.ToString()] = counts.GetValueOrDefault(change.ToString()) + 1;
            var report = await _ledger.VerifyAsync(shelf);
            Assert.True(report.Alarms > 0, $"change {i}, {change} at {place}, was not found");
            Assert.True(report.Findings.Any(f => f.IsAlarm && Names(f.Place, place, change)), $"change {i}, {change} at {place}, was found elsewhere: {string.Join("; ", report.Findings.Where(f => f.IsAlarm))}");
        }

        output.WriteLine($"{counts.Values.Sum()} changes, all found: {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}");
        Assert.Equal(Enum.GetValues<Change>().Length, counts.Count);
    }

    [Fact]
    public async Task UntouchedLedger_RaisesNoAlarm()
    {
        var report = await _ledger.VerifyAsync();
        Assert.Empty(report.Findings.Where(f => f.IsAlarm).Select(f => f.ToString()));
        Assert.True(report is { Records: > 150, Checkpoints: 7, HeadsCompared: > 20 }, $"{report.Records} records, {report.Checkpoints} checkpoints, {report.HeadsCompared} heads");
    }

    /// <summary>The record itself or the next one; of a chain that was made consistent again, the next place that an instance or a checkpoint states.</summary>
    private static bool Names(LedgerPlace found, LedgerPlace place, Change change) =>
        (found.Day, found.ClientId, found.Writer) == (place.Day, place.ClientId, place.Writer)
        && (change is Change.RewrittenWithHashes ? found.Sequence >= place.Sequence : change is Change.ChainRemoved or Change.Order or Change.SegmentRemoved || found.Sequence - place.Sequence is >= 0 and <= 1);

    private enum Change
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

    /// <summary>What was changed; null when the change would have changed nothing.</summary>
    private LedgerPlace? Apply(Change change, SegmentShelf shelf, Random random)
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
            var file = _ledger.Checkpoints.ReadAsync(number, CancellationToken.None).AsTask().GetAwaiter().GetResult()!.Value;
            foreach (var head in McpServerless.Audit.Checkpoints.Checkpoint.Read(file)!.Heads) covered[(head.Day, head.Writer)] = head.Sequence;
        }

        return covered;
    }

    private static bool Same(AuditSegment a, AuditSegment b) => (a.Day, a.ClientId, a.Writer) == (b.Day, b.ClientId, b.Writer);
}
