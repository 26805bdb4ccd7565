using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using McpServerless.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Audit;

/// <summary>Group commit, chains and outages. The store is scripted: what it does wrong is what is tested.</summary>
public sealed class LedgerTests : IAsyncLifetime
{
    private readonly ScriptedStore _store = new();
    private Ledger _ledger = null!;

    public async Task InitializeAsync() => _ledger = await StartAsync(new AuditOptions());

    public async Task DisposeAsync() => await StopAsync(_ledger);

    [Fact]
    public async Task RecordsOfOneClientAndDay_AreOneChainWithoutGaps()
    {
        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => AppendAsync("a")));
        AssertChain("a", 500);
    }

    [Fact]
    public async Task RecordsThatArriveTogether_ShareWrites()
    {
        _store.Hold();
        var appends = Enumerable.Range(0, 300).Select(_ => AppendAsync("a")).ToArray();
        _store.Release();
        await Task.WhenAll(appends);
        AssertChain("a", 300);
        Assert.InRange(_store.Segments.Count(s => s.ClientId == "a"), 3, 10);
        Assert.All(_store.Segments, s => Assert.InRange(s.Records.Count, 1, AuditSegment.MaxRecords));
    }

    [Fact]
    public async Task Clients_HaveChainsOfTheirOwn()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => AppendAsync(i % 2 == 0 ? "a" : "b")));
        AssertChain("a", 50);
        AssertChain("b", 50);
    }

    [Fact]
    public async Task LargeRecords_AreSplitOverSegments_InOrder()
    {
        _store.Hold();
        var appends = Enumerable.Range(0, 60).Select(i => _ledger.AppendAsync(Record("a") with { ArgumentsJson = System.Text.Encoding.UTF8.GetBytes($"\"{i:D3}{new string('x', 15_000)}\"") }, CancellationToken.None).AsTask()).ToArray();
        _store.Release();
        Assert.All(await Task.WhenAll(appends), Assert.True);
        AssertChain("a", 60);
    }

    [Fact]
    public async Task FailedWrite_IsSentAgainUnchanged_AndNobodyIsTold()
    {
        _store.FailNext(3);
        Assert.True(await AppendAsync("a"));
        Assert.True(await AppendAsync("a"));
        AssertChain("a", 2);
        Assert.Single(_store.Attempts.Where(s => s.ClientId == "a" && s.FirstSequence == 1).Select(s => s.LastHash).Distinct());
    }

    [Fact]
    public async Task WriteThatSucceededUnseen_IsOneRecord()
    {
        _store.LoseAnswers(2);
        Assert.True(await AppendAsync("a"));
        AssertChain("a", 1);
    }

    [Fact]
    public async Task WriteThatTakesTooLong_IsTold_AndTheRecordStillArrives()
    {
        await using var own = new Owned(await StartAsync(new AuditOptions { WaitMilliseconds = 100 }), this);
        _store.Hold();
        Assert.False(await own.Ledger.AppendAsync(Record("a"), CancellationToken.None));
        _store.Release();
        Assert.True(await own.Ledger.AppendAsync(Record("a"), CancellationToken.None));
        AssertChain("a", 2);
    }

    [Fact]
    public async Task FullLedger_TakesNoMore_AndSaysSo()
    {
        await using var own = new Owned(await StartAsync(new AuditOptions { MaxPending = 100, WaitMilliseconds = 100 }), this);
        _store.Hold();
        for (var i = 0; i < 100; i++) Assert.True(await own.Ledger.PostAsync(Record("a"), CancellationToken.None));
        Assert.False(await own.Ledger.PostAsync(Record("a"), CancellationToken.None));
        Assert.Equal(100, own.Ledger.Unwritten);
        _store.Release();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task RecordOfAnEarlierDay_ThatArrivesLate_GoesOnWithItsChain_HoweverManyClientsCameSince(int days)
    {
        Assert.True(await AppendAsync("a"));
        var day = Record("a").Time;
        for (var i = 1; i <= days; i++)
        {
            var noon = day.AddDays(i);
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 1100 / days).Select(c => _ledger.AppendAsync(Record($"c{c}") with { Time = noon }, CancellationToken.None).AsTask())), Assert.True);
        }

        Assert.True(await AppendAsync("a"));
        AssertChain("a", 2);
    }

    [Fact]
    public async Task Stop_WritesWhatWasPosted()
    {
        var own = await StartAsync(new AuditOptions());
        for (var i = 0; i < 250; i++) Assert.True(await own.PostAsync(Record("a"), CancellationToken.None));
        await StopAsync(own);
        AssertChain("a", 250);
    }

    [Fact]
    public async Task Stop_DoesNotHang_WhenTheStoreIsGone()
    {
        var own = await StartAsync(new AuditOptions());
        _store.FailNext(int.MaxValue);
        Assert.True(await own.PostAsync(Record("a"), CancellationToken.None));
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await own.StopAsync(limit.Token);
        Assert.Equal(1, own.Unwritten);
        own.Dispose();
        _store.FailNext(0);
    }

    private static AuditRecord Record(string client) => new()
    {
        RecordId = Guid.CreateVersion7(),
        Time = new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero),
        Event = AuditEvent.Outcome,
        RequestId = Guid.CreateVersion7(),
        ClientId = client,
        Server = "s",
        Decision = "allowed",
    };

    private async Task<Ledger> StartAsync(AuditOptions options)
    {
        var ledger = new Ledger(_store, Options.Create(options), TimeProvider.System, NullLogger<Ledger>.Instance);
        await ledger.StartAsync(CancellationToken.None);
        return ledger;
    }

    private static async Task StopAsync(Ledger ledger)
    {
        await ledger.StopAsync(CancellationToken.None);
        ledger.Dispose();
    }

    private Task<bool> AppendAsync(string client) => _ledger.AppendAsync(Record(client), CancellationToken.None).AsTask();

    /// <summary>Every record follows the one before it, and there are as many as there have to be.</summary>
    private void AssertChain(string client, int count)
    {
        var records = _store.Segments.Where(s => s.ClientId == client && s.Day == "20261121").OrderBy(s => s.FirstSequence).SelectMany(s => s.Records).ToArray();
        Assert.Equal(count, records.Length);
        var previous = "";
        for (var i = 0; i < records.Length; i++)
        {
            var record = JsonDocument.Parse(records[i]).RootElement;
            Assert.Equal(i + 1, record.GetProperty("sequence").GetInt64());
            Assert.Equal(previous, record.GetProperty("previousHash").GetString());
            previous = CanonicalJson.Hash(record);
        }

        Assert.Equal(previous, _store.Segments.Where(s => s.ClientId == client && s.Day == "20261121").MaxBy(s => s.FirstSequence)!.LastHash);
    }

    private sealed record Owned(Ledger Ledger, LedgerTests Tests) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Tests._store.Release();
            await StopAsync(Ledger);
        }
    }

    private sealed class ScriptedStore : IAuditStore
    {
        private readonly ConcurrentDictionary<(string, string, string, long), AuditSegment> _rows = new();
        private TaskCompletionSource _open = Completed();
        private int _failures;
        private int _lostAnswers;

        public IReadOnlyCollection<AuditSegment> Segments => [.. _rows.Values];

        public ConcurrentQueue<AuditSegment> Attempts { get; } = new();

        public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _open.TrySetResult();

        public void FailNext(int count) => _failures = count;

        public void LoseAnswers(int count) => _lostAnswers = count;

        public async ValueTask AppendAsync(AuditSegment segment, CancellationToken ct)
        {
            await _open.Task.WaitAsync(ct);
            Attempts.Enqueue(segment);
            if (Interlocked.Decrement(ref _failures) >= 0) throw new StoreUnavailableException("scripted");
            _failures = Math.Max(_failures, 0);
            var key = (segment.Day, segment.ClientId, segment.Writer, segment.FirstSequence);
            if (!_rows.TryAdd(key, segment) && _rows[key].LastHash != segment.LastHash)
            {
                throw new AuditConflictException("another segment under this key");
            }

            if (Interlocked.Decrement(ref _lostAnswers) >= 0) throw new StoreUnavailableException("the answer was lost");
            _lostAnswers = 0;
        }

        public async IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, [EnumeratorCancellation] CancellationToken ct)
        {
            await Task.Yield();
            foreach (var segment in Segments.Where(s => s.Day == day && s.ClientId == clientId)) yield return segment;
        }

        public async IAsyncEnumerable<string> ReadClientsAsync(string day, [EnumeratorCancellation] CancellationToken ct)
        {
            await Task.Yield();
            foreach (var client in Segments.Select(s => s.ClientId).Distinct()) yield return client;
        }

        private static TaskCompletionSource Completed()
        {
            var source = new TaskCompletionSource();
            source.SetResult();
            return source;
        }
    }
}
