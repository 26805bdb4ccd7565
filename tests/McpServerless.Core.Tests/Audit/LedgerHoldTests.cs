using System.Text.Json;
using System.Threading.Channels;
using McpServerless.Audit;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Audit;

/// <summary>Which records share a write. Time stands still unless a test moves it, so what is not cut short is never written.</summary>
public sealed class LedgerHoldTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new();
    private readonly SegmentStore _store = new();
    private Ledger? _ledger;

    public async ValueTask DisposeAsync()
    {
        if (_ledger is null) return;
        await _ledger.StopAsync(CancellationToken.None).WaitAsync(Limit);
        _ledger.Dispose();
    }

    [Fact]
    public async Task RecordThatNobodyWaitsFor_IsWrittenWhenItsTimeIsOver()
    {
        var ledger = await StartAsync();
        await PostAsync(ledger, 1);
        Assert.Equal(1, ledger.Unwritten);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Single((await _store.NextAsync()).Records);
    }

    [Fact]
    public async Task RecordsThatNobodyWaitsFor_ShareAWrite_OnceTheyFillIt()
    {
        var ledger = await StartAsync();
        await PostAsync(ledger, AuditSegment.MaxRecords);
        Assert.Equal(AuditSegment.MaxRecords, (await _store.NextAsync()).Records.Count);
    }

    [Fact]
    public async Task RecordThatSomebodyWaitsFor_TakesThoseThatWereHeldAlong()
    {
        var ledger = await StartAsync();
        await PostAsync(ledger, 3);
        Assert.True(await ledger.AppendAsync(Record(), CancellationToken.None).AsTask().WaitAsync(Limit));
        Assert.Equal(4, (await _store.NextAsync()).Records.Count);
        Assert.Equal(0, ledger.Unwritten);
    }

    [Fact]
    public async Task AfterAWriteThatSomebodyWaitedFor_RecordsAreHeldAgain()
    {
        var ledger = await StartAsync();
        Assert.True(await ledger.AppendAsync(Record(), CancellationToken.None).AsTask().WaitAsync(Limit));
        Assert.Single((await _store.NextAsync()).Records);
        await PostAsync(ledger, AuditSegment.MaxRecords);
        Assert.Equal(AuditSegment.MaxRecords, (await _store.NextAsync()).Records.Count);
    }

    [Fact]
    public async Task Stop_WritesWhatIsHeld_AtOnce()
    {
        var ledger = await StartAsync();
        await PostAsync(ledger, 2);
        await ledger.StopAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.Equal(2, (await _store.NextAsync()).Records.Count);
        Assert.Equal(0, ledger.Unwritten);
    }

    [Fact]
    public async Task RecordThatWaitedForAnotherWrite_IsNotHeldBesides()
    {
        var ledger = await StartAsync();
        var write = _store.Block();
        var awaited = ledger.AppendAsync(Record(), CancellationToken.None).AsTask();
        Assert.Single((await _store.NextAsync()).Records);
        await PostAsync(ledger, 1);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        write.SetResult();
        Assert.True(await awaited.WaitAsync(Limit));
        Assert.Equal(2, (await _store.NextAsync()).FirstSequence);
    }

    [Fact]
    public async Task WithoutATimeToHold_EveryRecordIsWrittenAtOnce()
    {
        var ledger = await StartAsync(holdMilliseconds: 0);
        await PostAsync(ledger, 1);
        Assert.Single((await _store.NextAsync()).Records);
    }

    [Fact]
    public async Task SegmentsThatWereHeld_AreOneChain()
    {
        var ledger = await StartAsync();
        await PostAsync(ledger, AuditSegment.MaxRecords);
        var first = await _store.NextAsync();
        await PostAsync(ledger, 1);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        var second = await _store.NextAsync();
        Assert.Equal(CanonicalJson.Hash(first.Records[^1].Span), first.LastHash);
        using var record = JsonDocument.Parse(second.Records[0]);
        Assert.Equal(first.LastHash, record.RootElement.GetProperty("previousHash").GetString());
        Assert.Equal(AuditSegment.MaxRecords + 1, second.FirstSequence);
    }

    private async Task<Ledger> StartAsync(int holdMilliseconds = 10)
    {
        _ledger = new Ledger(_store, Options.Create(new AuditOptions { HoldMilliseconds = holdMilliseconds }), _time, NullLogger<Ledger>.Instance);
        await _ledger.StartAsync(CancellationToken.None);
        return _ledger;
    }

    private async Task PostAsync(Ledger ledger, int count)
    {
        for (var i = 0; i < count; i++) Assert.True(await ledger.PostAsync(Record(), CancellationToken.None));
    }

    private AuditRecord Record() => new()
    {
        RecordId = Guid.CreateVersion7(_time.GetUtcNow()),
        RequestId = Guid.CreateVersion7(_time.GetUtcNow()),
        Time = _time.GetUtcNow(),
        Event = AuditEvent.Outcome,
        Server = "demo",
        Decision = "allowed",
    };

    private sealed class SegmentStore : IAuditStore
    {
        private readonly Channel<AuditSegment> _segments = Channel.CreateUnbounded<AuditSegment>();
        private TaskCompletionSource? _write;

        public Task<AuditSegment> NextAsync() => _segments.Reader.ReadAsync().AsTask().WaitAsync(Limit);

        /// <summary>The next writes take until the source is completed.</summary>
        public TaskCompletionSource Block() => _write = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask AppendAsync(AuditSegment segment, CancellationToken ct)
        {
            // What the instance says of itself is not what is counted here.
            if (segment.ClientId == AuditRecord.Gateway) return;
            _segments.Writer.TryWrite(segment);
            if (_write is { } write) await write.Task;
        }

        public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) => throw new NotSupportedException();

        public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) => throw new NotSupportedException();
    }
}
