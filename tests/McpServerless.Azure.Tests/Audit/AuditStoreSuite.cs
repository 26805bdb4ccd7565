using System.Text;
using McpServerless.Audit;

namespace McpServerless.Azure.Tests.Audit;

/// <summary>What every ledger store does.</summary>
public abstract class AuditStoreSuite
{
    protected const string Day = "20261121";
    protected const string Writer = "0193500000007000800000000000000a";

    protected static CancellationToken Ct => CancellationToken.None;

    protected static AuditSegment Segment(
        long first = 1, string client = "client-1", string day = Day, string writer = Writer, params string[] records) => new()
        {
            Day = day,
            ClientId = client,
            Writer = writer,
            FirstSequence = first,
            Records = [.. (records.Length > 0 ? records : [$$"""{"client":"{{client}}","seq":{{first}}}"""]).Select(r => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(r))],
            LastHash = $"hash-{first}",
        };

    protected abstract IAuditStore NewStore();

    protected static async Task<List<AuditSegment>> ReadAsync(IAuditStore store, string client = "client-1", string day = Day)
    {
        var segments = new List<AuditSegment>();
        await foreach (var segment in store.ReadAsync(day, client, Ct)) segments.Add(segment);
        return segments;
    }

    protected static async Task<List<string>> ClientsAsync(IAuditStore store, string day = Day)
    {
        var clients = new List<string>();
        await foreach (var client in store.ReadClientsAsync(day, Ct)) clients.Add(client);
        return clients;
    }

    protected static void AssertSame(AuditSegment expected, AuditSegment actual)
    {
        Assert.Equal(expected.Records.Select(Text), actual.Records.Select(Text));
        Assert.Equal(expected with { Records = [] }, actual with { Records = [] });

        static string Text(ReadOnlyMemory<byte> record) => Encoding.UTF8.GetString(record.Span);
    }

    [Fact]
    public async Task BeforeTheFirstRecord_TheLedgerIsEmpty()
    {
        var store = NewStore();
        Assert.Empty(await ReadAsync(store));
        Assert.Empty(await ClientsAsync(store));
    }

    [Fact]
    public async Task ASegment_ComesBackAsItWasAppended()
    {
        var store = NewStore();
        var segment = Segment(records: ["""{"a":"Grüße 注文 🚚 \" \\ <&'"}""", """{"n":1.0,"m":12345678901234567890}""", "{}"]);
        await store.AppendAsync(segment, Ct);
        AssertSame(segment, Assert.Single(await ReadAsync(store)));
    }

    [Theory]
    [InlineData("x", AuditSegment.MaxRecords)]
    [InlineData("\"", AuditSegment.MaxRecords)]
    [InlineData("車", AuditSegment.MaxRecords)]
    [InlineData("y", 31)]
    public async Task TheLargestSegments_AreTaken(string character, int records)
    {
        var store = NewStore();
        var bytes = (AuditSegment.MaxLength / records) - 1;
        var filler = AuditSegment.MaxLength - (records * (bytes + 1));
        var width = Encoding.UTF8.GetByteCount(character);
        var segment = Segment(records: [.. Enumerable.Range(0, records).Select(i =>
        {
            var length = bytes + (i == 0 ? filler : 0);
            return string.Concat(Enumerable.Repeat(character, length / width)) + new string('-', length % width);
        })]);
        Assert.Equal(AuditSegment.MaxLength, segment.Records.Sum(r => r.Length + 1));
        await store.AppendAsync(segment, Ct);
        AssertSame(segment, Assert.Single(await ReadAsync(store)));
    }

    [Fact]
    public async Task TheSameSegmentAgain_IsNoError_AndIsThereOnce()
    {
        var store = NewStore();
        await store.AppendAsync(Segment(records: ["{}", "[]"]), Ct);
        await store.AppendAsync(Segment(records: ["{}", "[]"]), Ct);
        await NewStore().AppendAsync(Segment(records: ["{}", "[]"]), Ct);
        Assert.Single(await ReadAsync(store));
    }

    public static TheoryData<string[], string> OtherSegments => new()
    {
        { ["{}", "[1]"], "hash-1" },
        { ["{}"], "hash-1" },
        { ["{}", "[]", "1"], "hash-1" },
        { ["{}", "[]"], "HASH-1" },
    };

    [Theory]
    [MemberData(nameof(OtherSegments))]
    public async Task AnotherSegmentUnderTheSameKey_IsAConflict_AndTheFirstStands(string[] records, string hash)
    {
        var store = NewStore();
        var first = Segment(records: ["{}", "[]"]);
        await store.AppendAsync(first, Ct);
        await Assert.ThrowsAsync<AuditConflictException>(async () => await store.AppendAsync(Segment(records: records) with { LastHash = hash }, Ct));
        AssertSame(first, Assert.Single(await ReadAsync(store)));
    }

    [Fact]
    public async Task Segments_AreReadInTheOrderOfWriterAndSequence_HoweverManyAndWheneverWritten()
    {
        var store = NewStore();
        var segments = (from writer in new[] { "0a", "0b", "1" } from first in Enumerable.Range(0, 100) select Segment(1 + (first * 7L), writer: writer)).ToList();
        var shuffled = segments.ToArray();
        new Random(7).Shuffle(shuffled);
        await Parallel.ForEachAsync(shuffled, async (segment, ct) => await store.AppendAsync(segment, ct));

        var read = await ReadAsync(store);
        Assert.Equal(segments.Select(s => (s.Writer, s.FirstSequence)), read.Select(s => (s.Writer, s.FirstSequence)));
    }

    [Fact]
    public async Task OneClientAndDay_IsReadWithoutTheOthers()
    {
        var store = NewStore();
        await store.AppendAsync(Segment(client: "client-1"), Ct);
        await store.AppendAsync(Segment(client: "client-10"), Ct);
        await store.AppendAsync(Segment(client: "client"), Ct);
        await store.AppendAsync(Segment(client: "client-1", day: "20261122"), Ct);
        Assert.Equal("client-1", Assert.Single(await ReadAsync(store)).ClientId);
        Assert.Equal(["client", "client-1", "client-10"], await ClientsAsync(store));
        Assert.Equal(["client-1"], await ClientsAsync(store, "20261122"));
        Assert.Empty(await ClientsAsync(store, "20261123"));
    }

    [Fact]
    public async Task OneWriter_IsReadFromASequenceOn()
    {
        var store = NewStore();
        foreach (var writer in new[] { "0a", "0b", "1" })
        {
            for (var first = 1; first <= 5; first++) await store.AppendAsync(Segment(first * 10, writer: writer), Ct);
        }

        Assert.Equal([("0b", 30L), ("0b", 40L), ("0b", 50L)], await store.ReadWriterAsync(Day, "client-1", "0b", 30, Ct).Select(s => (s.Writer, s.FirstSequence)).ToListAsync());
        Assert.Empty(await store.ReadWriterAsync(Day, "client-1", "0b", 51, Ct).ToListAsync());
        Assert.Empty(await store.ReadWriterAsync(Day, "client-1", "0", 1, Ct).ToListAsync());
    }

    [Theory]
    [InlineData("a/b\\c#d?e|f")]
    [InlineData("it's 100% ~ 🔑")]
    public async Task AClient_MayHaveAnyName(string client)
    {
        var store = NewStore();
        await store.AppendAsync(Segment(client: client), Ct);
        Assert.Equal(client, Assert.Single(await ReadAsync(store, client)).ClientId);
        Assert.Equal([client], await ClientsAsync(store));
    }

    [Fact]
    public async Task CancellationByTheCaller_PassesAsItIs()
    {
        var store = NewStore();
        await store.AppendAsync(Segment(), Ct);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.AppendAsync(Segment(2), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadAsync(Day, "client-1", cancelled).GetAsyncEnumerator(Ct).MoveNextAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadClientsAsync(Day, cancelled).GetAsyncEnumerator(Ct).MoveNextAsync());
    }
}
