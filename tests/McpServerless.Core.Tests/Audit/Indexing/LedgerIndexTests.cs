using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Queries;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Audit.Indexing;

public sealed class LedgerIndexTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly SegmentShelf _store = new();
    private readonly IndexShelf _index = new();

    private static CancellationToken Ct => CancellationToken.None;

    private AuditQuery Everything => new() { From = _time.GetUtcNow().AddDays(-30), Until = _time.GetUtcNow().AddDays(2), WithIntents = true };

    [Fact]
    public async Task AnInstanceThatEnds_HasAllItsRecordsInTheIndex()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, "a", tool: "echo");
        await WriteAsync(ledger, "b", tool: "other");
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        Assert.True(Assert.Single(_index.Marks).IsClosed);
        Assert.Single(await _index.FindAsync(Day, IndexKind.Tool, "echo", Ct).ToListAsync());
        Assert.Equal(["a"], await ClientsAsync(Everything with { Tool = "echo" }));
    }

    [Fact]
    public async Task AnInstanceThatDies_BeforeItsIndexIsWritten_LosesNothingFromAnswers_AndIsCompletedByTheRepair()
    {
        var ledger = await StartAsync();
        await WriteAsync(ledger, "a", tool: "echo", session: Guid.CreateVersion7(_time.GetUtcNow()));
        ledger.Dispose();
        Assert.Equal(0, _index.Parts);
        Assert.Equal(["a"], await ClientsAsync(Everything with { Tool = "echo" }));

        _time.Advance(TimeSpan.FromHours(1));
        using var next = await StartAsync();
        Assert.Equal(1, await Repair(next).RunAsync(Ct));
        Assert.True(_index.Marks.Single(m => m.Writer == ledger.Writer).IsClosed);
        Assert.Single(await _index.FindAsync(Day, IndexKind.Tool, "echo", Ct).ToListAsync());
        Assert.Equal(["a"], await ClientsAsync(Everything with { Tool = "echo" }));
        Assert.Equal(0, await Repair(next).RunAsync(Ct));
    }

    [Fact]
    public async Task AnInstanceThatLives_IsNotRepaired()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, "a", tool: "echo");
        using var other = await StartAsync();
        Assert.Equal(0, await Repair(other).RunAsync(Ct));
    }

    [Fact]
    public async Task WithoutTheListing_NoRecordIsDurable()
    {
        _index.IsDown = true;
        using var ledger = Create();

        // Before the first failure is known: after it, callers are told soon instead of being held.
        var waiting = ledger.AppendAsync(Record("a", "echo"), Ct).AsTask();
        await ledger.StartAsync(Ct);
        Assert.Empty(_store.Segments);
        _index.IsDown = false;
        await AdvanceUntilAsync(() => waiting.IsCompleted);
        Assert.True(await waiting);
        Assert.NotEmpty(_index.Marks);
    }

    [Fact]
    public async Task AnIndexThatIsDownLater_DelaysTheIndex_NotTheLedger()
    {
        using var ledger = await StartAsync();
        _index.IsDown = true;
        await WriteAsync(ledger, "a", tool: "echo");
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["a"], await ClientsAsync(Everything with { Tool = "echo" }));
        _index.IsDown = false;
        await WriteAsync(ledger, "a", tool: "echo");
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        Assert.Equal(2, (await _index.FindAsync(Day, IndexKind.Tool, "echo", Ct).ToListAsync()).Count);
    }

    /// <remarks>Instances that end, die and go on in a random order; whatever is asked, with the index and without it the answer is one.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task WithTheIndexAndWithoutIt_AnswersAreTheSame(int seed)
    {
        var random = new Random(seed);
        var sessions = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7(_time.GetUtcNow())).ToArray();
        var live = new List<Ledger> { await StartAsync() };
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    live.Add(await StartAsync());
                    break;
                case 1 when live.Count > 1:
                    await live[0].StopAsync(Ct).WaitAsync(Limit);
                    live.RemoveAt(0);
                    break;
                case 2 when live.Count > 1:
                    // It dies: nothing of it is written any more.
                    live.RemoveAt(0);
                    break;
                case 3:
                    _time.Advance(TimeSpan.FromHours(random.Next(1, 10)));
                    break;
                case 4:
                    await Repair(live[0]).RunAsync(Ct);
                    break;
                default:
                    await WriteAsync(live[random.Next(live.Count)], $"client-{random.Next(3)}", $"tool-{random.Next(3)}", random.Next(2) == 0 ? sessions[random.Next(3)] : null);
                    break;
            }
        }

        var plain = new AuditSearch(_store, null);
        foreach (var query in new[] { Everything with { Tool = "tool-1" }, Everything with { SessionId = sessions[0].ToString() }, Everything with { SessionId = sessions[1].ToString(), ClientId = "client-1" }, Everything with { TraceId = "trace" } })
        {
            var expected = await plain.FindAsync(query, null, null, Ct).Select(f => f.At).ToListAsync();
            Assert.Equal(expected, await new AuditSearch(_store, _index).FindAsync(query, null, null, Ct).Select(f => f.At).ToListAsync());
            Assert.Equal(expected, await PagedAsync(new AuditSearch(_store, _index), query, random.Next(1, 5)));
            Assert.Equal(expected, await PagedAsync(plain, query, random.Next(1, 5)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("YQ")]
    public void WhatIsNoCursor_IsNotRead(string text) => Assert.Null(AuditCursor.Read(text));

    [Fact]
    public void ACursor_ComesBackAsItWas()
    {
        var cursor = new AuditCursor("20261121", "client-ä", "w", 12);
        Assert.Equal(cursor, AuditCursor.Read(cursor.ToString()));
    }

    [Fact]
    public async Task Query_KeepsToItsTime_AndLeavesIntentsOut()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, "a", tool: "echo");
        var at = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromHours(1));
        await WriteAsync(ledger, "a", tool: "echo");
        Assert.Equal(2, (await ClientsAsync(Everything with { ClientId = "a" })).Count);
        Assert.Single(await ClientsAsync(Everything with { ClientId = "a", Until = at.AddMinutes(1) }));
        Assert.Single(await ClientsAsync(Everything with { From = at.AddMinutes(1) }));
        Assert.True(await ledger.AppendAsync(Record("a", "echo") with { Event = AuditEvent.Intent }, Ct));
        Assert.Equal(2, (await ClientsAsync(Everything with { ClientId = "a", WithIntents = false })).Count);
    }

    private string Day => _time.GetUtcNow().ToString("yyyyMMdd", null);

    private static async Task<List<AuditCursor>> PagedAsync(AuditSearch search, AuditQuery query, int size)
    {
        var found = new List<AuditCursor>();
        AuditCursor? after = null;
        do
        {
            var page = await search.PageAsync(query, after, size, Ct);
            Assert.InRange(page.Records.Count, 0, size);
            found.AddRange(page.Records.Select(r => r.At));
            after = page.Next;
        }
        while (after is not null);
        return found;
    }

    private async Task<List<string>> ClientsAsync(AuditQuery query) =>
        await new AuditSearch(_store, _index).FindAsync(query, null, null, Ct).Select(f => f.At.ClientId).ToListAsync();

    private IndexRepair Repair(Ledger ledger) => new(_store, _index, ledger, Options.Create(new AuditOptions()), _time, NullLogger<IndexRepair>.Instance);

    private Ledger Create() => new(_store, Options.Create(new AuditOptions { HoldMilliseconds = 0, HeadsSeconds = 3600 }), _time, NullLogger<Ledger>.Instance, index: _index);

    private async Task<Ledger> StartAsync()
    {
        var ledger = Create();
        await ledger.StartAsync(Ct);
        Assert.True(await ledger.AppendAsync(AuditRecords.OfGateway(AuditEvent.Timer, _time.GetUtcNow()), Ct).AsTask().WaitAsync(Limit));
        return ledger;
    }

    private async Task WriteAsync(Ledger ledger, string client, string tool, Guid? session = null) =>
        Assert.True(await ledger.AppendAsync(Record(client, tool) with { SessionId = session }, Ct).AsTask().WaitAsync(Limit));

    private AuditRecord Record(string client, string tool) => new()
    {
        RecordId = Guid.CreateVersion7(_time.GetUtcNow()),
        RequestId = Guid.CreateVersion7(_time.GetUtcNow()),
        Time = _time.GetUtcNow(),
        Event = AuditEvent.Outcome,
        ClientId = client,
        Server = "demo",
        Method = "tools/call",
        Tool = tool,
        TraceId = "trace",
        Decision = "allowed",
    };

    private async Task AdvanceUntilAsync(Func<bool> done)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!done())
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(100));

            // The ledger needs real time between two steps, or the waiting ends before it had its turn.
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
