using McpServerless.Audit;
using McpServerless.Audit.Queries;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Audit.Indexing;

public sealed class AuditTailTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly SegmentShelf _store = new();
    private readonly IndexShelf _index = new();

    private static CancellationToken Ct => CancellationToken.None;

    private AuditQuery Everything => new() { From = _time.GetUtcNow(), Until = _time.GetUtcNow() };

    [Fact]
    public async Task EachRecordIsSeenOnce_AcrossInstancesAndMidnight()
    {
        var first = await StartAsync();
        await WriteAsync(first, "a", 3);
        await IndexAsync(first);
        var tail = new AuditTail(_store, _index, Everything, _time);
        Assert.Empty((await tail.LookAsync(Ct)).Records);

        _time.Advance(TimeSpan.FromSeconds(30));
        await WriteAsync(first, "a", 2);
        await WriteAsync(first, "b", 130);
        await IndexAsync(first);
        Assert.Equal(132, (await tail.LookAsync(Ct)).Records.Count);
        Assert.Empty((await tail.LookAsync(Ct)).Records);

        _time.Advance(TimeSpan.FromHours(15.9));
        var second = await StartAsync();
        await WriteAsync(first, "a", 1);
        await WriteAsync(second, "a", 1);
        _time.Advance(TimeSpan.FromMinutes(10));
        await WriteAsync(first, "a", 1);
        await WriteAsync(second, "c", 1);
        await first.StopAsync(Ct).WaitAsync(Limit);
        await second.StopAsync(Ct).WaitAsync(Limit);
        var looked = (await tail.LookAsync(Ct)).Records;
        Assert.Equal(["20261121", "20261121", "20261122", "20261122"], looked.Select(r => r.At.Day));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Empty((await tail.LookAsync(Ct)).Records);
    }

    [Fact]
    public async Task OfOneClient_RecordsAreSeenBeforeTheIndexHasThem()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, "a", 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        var tail = new AuditTail(_store, _index, Everything with { ClientId = "a" }, _time);
        Assert.Empty((await tail.LookAsync(Ct)).Records);
        await WriteAsync(ledger, "a", 1);
        await WriteAsync(ledger, "b", 1);
        Assert.Equal("a", Assert.Single((await tail.LookAsync(Ct)).Records).At.ClientId);
        Assert.Empty((await tail.LookAsync(Ct)).Records);
    }

    [Fact]
    public async Task WhatACommandWrites_IsSeenAmongTheGatewaysOwn()
    {
        var tail = new AuditTail(_store, _index, Everything with { ClientId = AuditRecord.Gateway }, _time);
        await tail.LookAsync(Ct);
        using var command = new Ledger(_store, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await command.StartAsync(Ct);
        Assert.True(await command.AppendAsync(AuditRecords.OfGateway(AuditEvent.Administration, _time.GetUtcNow()), Ct).AsTask().WaitAsync(Limit));
        Assert.Contains((await tail.LookAsync(Ct)).Records, r => r.Root.GetProperty("event").GetString() == "administration");
        Assert.Empty((await tail.LookAsync(Ct)).Records);
    }

    [Fact]
    public async Task ALookThatFails_PassesNothingOver()
    {
        using var ledger = await StartAsync();
        var lost = new LosingReader(_store);
        var tail = new AuditTail(lost, _index, Everything, _time);
        await tail.LookAsync(Ct);
        await WriteAsync(ledger, "a", 5);
        await WriteAsync(ledger, "b", 5);
        await IndexAsync(ledger);
        lost.FailsFrom = "b";
        await Assert.ThrowsAsync<StoreUnavailableException>(() => tail.LookAsync(Ct));
        lost.FailsFrom = null;
        Assert.Equal(10, (await tail.LookAsync(Ct)).Records.Count);
    }

    [Fact]
    public async Task MoreThanOneLookTakes_ComesWithTheNextOnes_AndNoneTwice()
    {
        using var ledger = await StartAsync();
        var tail = new AuditTail(_store, _index, Everything with { ClientId = "a" }, _time);
        await tail.LookAsync(Ct);
        await WriteAsync(ledger, "a", 12_345);
        var first = await tail.LookAsync(Ct);
        Assert.True(first.HasMore);
        var second = await tail.LookAsync(Ct);
        Assert.False(second.HasMore);
        Assert.Equal(12_345, first.Records.Concat(second.Records).Select(r => r.At.ToString()).Distinct().Count());
    }

    private async Task<Ledger> StartAsync()
    {
        var ledger = new Ledger(_store, Options.Create(new AuditOptions { HoldMilliseconds = 0, HeadsSeconds = 3600, IndexSeconds = 10 }), _time, NullLogger<Ledger>.Instance, index: _index);
        await ledger.StartAsync(Ct);
        Assert.True(await ledger.AppendAsync(AuditRecords.OfGateway(AuditEvent.Timer, _time.GetUtcNow()), Ct).AsTask().WaitAsync(Limit));
        return ledger;
    }

    /// <summary>As the instance does some seconds later.</summary>
    private async Task IndexAsync(Ledger ledger)
    {
        var covered = _store.Segments.Where(s => s.Writer == ledger.Writer && s.ClientId != AuditRecord.Gateway)
            .GroupBy(s => (s.Day, s.ClientId)).ToLookup(g => g.Key.Day, g => (g.Key.ClientId, Last: g.Max(s => s.FirstSequence + s.Records.Count - 1)));
        foreach (var day in covered) await _index.MarkAsync(new(day.Key, ledger.Writer, day.ToDictionary(c => c.ClientId, c => c.Last), IsClosed: false), Ct);
    }

    private async Task WriteAsync(Ledger ledger, string client, int count)
    {
        var written = Enumerable.Range(0, count).Select(_ => ledger.AppendAsync(
            new AuditRecord
            {
                RecordId = Guid.CreateVersion7(_time.GetUtcNow()),
                RequestId = Guid.CreateVersion7(_time.GetUtcNow()),
                Time = _time.GetUtcNow(),
                Event = AuditEvent.Outcome,
                ClientId = client,
                Server = "demo",
                Tool = "echo",
                Decision = "allowed",
            },
            Ct).AsTask());
        Assert.All(await Task.WhenAll(written).WaitAsync(Limit), Assert.True);
    }

    /// <summary>Loses the store at one client.</summary>
    private sealed class LosingReader(IAuditReader inner) : IAuditReader
    {
        public string? FailsFrom { get; set; }

        public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) =>
            clientId == FailsFrom ? throw new StoreUnavailableException("down") : inner.ReadAsync(day, clientId, ct);

        public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) => inner.ReadClientsAsync(day, ct);
    }
}
