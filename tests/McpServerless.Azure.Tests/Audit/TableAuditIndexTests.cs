using System.Globalization;
using System.Text;
using Azure.Core;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Queries;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Tests.Storage;

namespace McpServerless.Azure.Tests.Audit;

[Collection(AzuriteCollection.Name)]
public sealed class TableAuditIndexTests(AzuriteFixture azurite)
{
    private const string Day = "20261121";
    private const string Writer = "0193500000007000800000000000000a";
    private const string Other = "0193500000007000800000000000000b";

    private readonly Account _account = azurite.NewAccount();

    private static CancellationToken Ct => CancellationToken.None;

    private TableAuditIndex Index => new(_account.Open());

    [Fact]
    public async Task BeforeAnythingIsWritten_TheIndexIsEmpty()
    {
        Assert.Empty(await Index.ReadMarksAsync(Day, Ct).ToListAsync());
        Assert.Empty(await FindAsync(IndexKind.Tool, "echo"));
    }

    [Fact]
    public async Task Entries_AreFoundByTheirKeyAlone_AndByTheirKind()
    {
        await Index.WriteAsync(Day, Writer, "1", [new(IndexKind.Tool, "echo", "client-1", [1, 101]), new(IndexKind.Session, "echo", "client-2", [7])], Ct);
        await Index.WriteAsync(Day, Other, "1", [new(IndexKind.Tool, "echo", "client|2", [5]), new(IndexKind.Tool, "a/\\#?|~", "client-1", [9])], Ct);
        Assert.Equal([new("client-1", Writer, 1), new("client-1", Writer, 101), new("client|2", Other, 5)], (await FindAsync(IndexKind.Tool, "echo")).OrderBy(p => p.FirstSequence == 5).ThenBy(p => p.FirstSequence));
        Assert.Equal([new("client-2", Writer, 7)], await FindAsync(IndexKind.Session, "echo"));
        Assert.Equal([new("client-1", Other, 9)], await FindAsync(IndexKind.Tool, "a/\\#?|~"));
        Assert.Empty(await FindAsync(IndexKind.Trace, "echo"));
        Assert.Empty(await Index.FindAsync("20261122", IndexKind.Tool, "echo", Ct).ToListAsync());
    }

    [Fact]
    public async Task WritingAPartAgain_ChangesNothing()
    {
        for (var i = 0; i < 2; i++) await Index.WriteAsync(Day, Writer, "1", [new(IndexKind.Tool, "echo", "c", [1])], Ct);
        Assert.Single(await FindAsync(IndexKind.Tool, "echo"));
    }

    [Fact]
    public async Task ManyKeys_GoInFewRequests_AndEachIsFound()
    {
        var entries = Enumerable.Range(0, 3000).Select(i => new IndexEntry(IndexKind.Trace, $"trace-{i}", $"client-{i % 7}", [i + 1])).ToList();
        await Index.WriteAsync(Day, Writer, "0", [new(IndexKind.Trace, "warm", "c", [1])], Ct);
        var transactions = new Counted(Requests.Transaction);
        await new TableAuditIndex(_account.Open(transactions)).WriteAsync(Day, Writer, "1", entries, Ct);
        Assert.Equal(3, transactions.Met);
        Assert.All(await Task.WhenAll(new[] { 0, 1, 1234, 2999 }.Select(async i => (i, await FindAsync(IndexKind.Trace, $"trace-{i}")))), found => Assert.Equal(found.i + 1, Assert.Single(found.Item2).FirstSequence));
    }

    [Fact]
    public async Task ManySegmentsOfOneKey_GoOnInFurtherRows()
    {
        var sequences = Enumerable.Range(0, 300_000).Select(i => (long)i + 100_000_000).ToList();
        await Index.WriteAsync(Day, Writer, "1", [new(IndexKind.Tool, "echo", "c", sequences)], Ct);
        Assert.Equal(sequences, (await FindAsync(IndexKind.Tool, "echo")).Select(p => p.FirstSequence).Order());
        Assert.True((await _account.RowsAsync("AuditIndex")).Count > 1);
    }

    [Fact]
    public async Task AMark_SaysHowFarTheIndexIs_AndListingAgainLeavesIt()
    {
        await Index.ListWriterAsync(Day, Writer, Ct);
        var listed = Assert.Single(await Index.ReadMarksAsync(Day, Ct).ToListAsync());
        Assert.Equal((Writer, 0, false), (listed.Writer, listed.Covered.Count, listed.IsClosed));
        await Index.MarkAsync(new IndexMark(Day, Writer, new Dictionary<string, long> { ["client-1"] = 7, ["b\"ö"] = 999_999_999_999 }, IsClosed: true), Ct);
        await Index.ListWriterAsync(Day, Writer, Ct);
        var mark = Assert.Single(await Index.ReadMarksAsync(Day, Ct).ToListAsync());
        Assert.Equal((true, 7, 999_999_999_999), (mark.IsClosed, mark.Covered["client-1"], mark.Covered["b\"ö"]));
    }

    [Theory]
    [InlineData("[]\n")]
    [InlineData("{}\n")]
    [InlineData("x\n")]
    public async Task AnIndexThatCannotBeRead_ClaimsNothing(string lines)
    {
        await Index.WriteAsync(Day, Writer, "1", [new(IndexKind.Tool, "echo", "c", [1])], Ct);
        var row = Assert.Single(await _account.RowsAsync("AuditIndex"));
        row["Lines00"] = Encoding.UTF8.GetBytes(lines);
        await _account.Raw("AuditIndex").UpdateEntityAsync(row, row.ETag);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => FindAsync(IndexKind.Tool, "echo"));
    }

    [Fact]
    public async Task WhenTheServiceIsOutOfReach_NothingIsClaimed()
    {
        await Index.ListWriterAsync(Day, Writer, Ct);
        var index = new TableAuditIndex(_account.OpenWithoutRetries(new LostRequest(_ => true)));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await index.ListWriterAsync(Day, Writer, Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await index.WriteAsync(Day, Writer, "1", [new(IndexKind.Tool, "echo", "c", [1])], Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await index.ReadMarksAsync(Day, Ct).ToListAsync());
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await index.FindAsync(Day, IndexKind.Tool, "echo", Ct).ToListAsync());
    }

    /// <remarks>The proportions of a day of a million records, in small: each client has its own partition, sessions are spread over its segments.</remarks>
    [Fact]
    public async Task QuestionsReadWhatTheyNeed_AndNothingElse()
    {
        await FillAsync(clients: 20, segments: 6, records: 25);
        var requests = new List<Request>();
        var seen = new Seen(requests);
        var tables = _account.Open(seen);
        var search = new AuditSearch(new TableAuditStore(tables), new TableAuditIndex(tables));
        var day = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        var query = new AuditQuery { From = day, Until = day.AddDays(1) };

        var page = await search.PageAsync(query with { ClientId = "client-3" }, null, 100 - 1, Ct);
        Assert.Equal((99, true), (page.Records.Count, page.Next is not null));
        var only = Assert.Single(seen.Addresses);
        Assert.Contains("Audit()", only, StringComparison.Ordinal);
        Assert.Contains("PartitionKey eq '20261121|client-3'", only, StringComparison.Ordinal);

        seen.Addresses.Clear();
        var session = await search.FindAsync(query with { SessionId = SessionOf(3, 5) }, null, null, Ct).ToListAsync();
        Assert.Equal(6, session.Count);
        Assert.All(session, f => Assert.Equal("client-3", f.At.ClientId));
        // The marks, one bucket of the index, and the six segments by their keys.
        Assert.Equal(2, seen.Addresses.Count(a => a.Contains("AuditIndex()", StringComparison.Ordinal)));
        Assert.Equal(6, seen.Addresses.Count(a => a.Contains("Audit(P", StringComparison.Ordinal)));
        Assert.Equal(8, seen.Addresses.Count);

        seen.Addresses.Clear();
        Assert.Single(await search.FindAsync(query with { TraceId = "trace-3-5-2" }, null, null, Ct).ToListAsync());
        Assert.Equal(3, seen.Addresses.Count);
        Assert.Equal(20 * 6, (await search.FindAsync(query with { Tool = "tool-4" }, null, null, Ct).ToListAsync()).Count);
    }

    private static string SessionOf(int client, int number) => $"session-{client}-{number}";

    private async Task FillAsync(int clients, int segments, int records)
    {
        var (store, index) = (new TableAuditStore(_account.Open()), Index);
        await index.ListWriterAsync(Day, Writer, Ct);
        var entries = new List<IndexEntry>();
        for (var client = 0; client < clients; client++)
        {
            for (var segment = 0; segment < segments; segment++)
            {
                var first = (segment * records) + 1;
                await store.AppendAsync(
                    new AuditSegment
                    {
                        Day = Day,
                        ClientId = $"client-{client}",
                        Writer = Writer,
                        FirstSequence = first,
                        Records = [.. Enumerable.Range(0, records).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(string.Create(
                            CultureInfo.InvariantCulture,
                            $$"""{"event":"outcome","time":"2026-11-21T10:00:00Z","tool":"tool-{{i}}","sessionId":"{{SessionOf(client, i)}}","traceId":"trace-{{client}}-{{i}}-{{segment}}","sequence":{{first + i}}}""")))],
                        LastHash = "h",
                    },
                    Ct);
                for (var i = 0; i < records; i++)
                {
                    entries.Add(new(IndexKind.Tool, $"tool-{i}", $"client-{client}", [first]));
                    entries.Add(new(IndexKind.Session, SessionOf(client, i), $"client-{client}", [first]));
                    entries.Add(new(IndexKind.Trace, $"trace-{client}-{i}-{segment}", $"client-{client}", [first]));
                }
            }
        }

        await index.WriteAsync(Day, Writer, "1", entries, Ct);
        await index.MarkAsync(new IndexMark(Day, Writer, Enumerable.Range(0, clients).ToDictionary(c => $"client-{c}", _ => (long)segments * records), IsClosed: true), Ct);
    }

    private Task<List<SegmentPlace>> FindAsync(IndexKind kind, string key) => Index.FindAsync(Day, kind, key, Ct).ToListAsync().AsTask();

    private sealed class Seen(List<Request> requests) : RequestFault(request => Note(requests, request))
    {
        public List<string> Addresses { get; } = [];

        protected override ValueTask MeetAsync(int number, Func<ValueTask> send)
        {
            lock (requests)
            {
                Addresses.AddRange(requests.Select(r => Uri.UnescapeDataString(r.Uri.ToUri().PathAndQuery).Replace('+', ' ')));
                requests.Clear();
            }

            return send();
        }

        private static bool Note(List<Request> requests, Request request)
        {
            lock (requests) requests.Add(request);
            return true;
        }
    }
}
