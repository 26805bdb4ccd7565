using System.Text;
using McpServerless.Audit;
using McpServerless.Audit.Sinks;
using McpServerless.Core.Tests.Audit.Indexing;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Audit.Sinks;

public sealed class OutboxTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly SegmentShelf _store = new();
    private readonly IndexShelf _index = new();
    private readonly OutboxShelf _outboxes = new();
    private readonly ScriptedSink _sink = new();

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task EveryRecordIsSentOnce_InTheOrderOfItsChain_AcrossInstances()
    {
        var first = await StartAsync();
        await WriteAsync(first, 30);
        await RunAsync(first);
        var second = await StartAsync();
        await WriteAsync(first, 20);
        await WriteAsync(second, 250);
        await first.StopAsync(Ct).WaitAsync(Limit);
        await RunAsync(second);
        await second.StopAsync(Ct).WaitAsync(Limit);
        var last = await StartAsync();
        await RunAsync(last);
        await RunAsync(last);
        AssertCompleteAndOrdered(duplicates: false, except: last.Writer);
        Assert.Equal(300, _sink.Taken.Count(r => r.ClientId != AuditRecord.Gateway));
        last.Dispose();
    }

    [Fact]
    public async Task ASinkThatIsDown_DelaysAndDropsNothing_AndIsAnAlert()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, 40);
        _sink.Answers = _ => throw new SinkUnavailableException("It answered 503.");
        await RunAsync(ledger);
        var state = (await _outboxes.ReadStateAsync(_sink.Name, Ct))!;
        Assert.Equal("It answered 503.", state.Fault);
        Assert.NotNull(state.WaitingSince);
        Assert.Null(state.AlertedAt);

        _time.Advance(TimeSpan.FromMinutes(20));
        await RunAsync(ledger);
        await RunAsync(ledger);
        Assert.NotNull((await _outboxes.ReadStateAsync(_sink.Name, Ct))!.AlertedAt);
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        Assert.Single(_store.Segments.Where(s => s.ClientId == AuditRecord.Gateway).SelectMany(s => s.Records).Select(r => Encoding.UTF8.GetString(r.Span)), r => r.Contains("\"what\":\"behind\"", StringComparison.Ordinal));

        _sink.Answers = null;
        using var next = await StartAsync();
        await RunAsync(next);
        AssertCompleteAndOrdered(duplicates: false, except: next.Writer);
        Assert.Equal((null, null), ((await _outboxes.ReadStateAsync(_sink.Name, Ct))!.Fault, (await _outboxes.ReadStateAsync(_sink.Name, Ct))!.WaitingSince));
    }

    [Fact]
    public async Task WhenTheAnswerIsLost_RecordsAreSentAgain()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, 10);
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        using var next = await StartAsync();
        var lost = 0;
        _sink.Answers = batch =>
        {
            _sink.Taken.AddRange(batch);
            if (lost++ == 0) throw new SinkUnavailableException("The answer was lost.");
        };
        await RunAsync(next);
        await RunAsync(next);
        AssertCompleteAndOrdered(duplicates: true, except: next.Writer);
    }

    [Fact]
    public async Task AProcessThatDiesBetweenSendingAndSaving_SendsAgain()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, 10);
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        using var next = await StartAsync();
        _outboxes.IsDown = true;
        await RunAsync(next);
        Assert.Empty(_sink.Taken);
        _outboxes.IsDown = false;
        _outboxes.SavingFails = true;
        await RunAsync(next);
        Assert.NotEmpty(_sink.Taken);
        _outboxes.SavingFails = false;
        _time.Advance(TimeSpan.FromMinutes(5));
        await RunAsync(next);
        AssertCompleteAndOrdered(duplicates: true, except: next.Writer);
    }

    [Fact]
    public async Task ARecordThatIsRefusedForGood_IsPutOnRecord_AndHoldsNothingBack()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, 10);
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        using var next = await StartAsync();
        _sink.Answers = batch =>
        {
            if (batch.Any(r => r is { ClientId: "client-1", Sequence: 2 })) throw new RecordRefusedException("It answered 400.");
            _sink.Taken.AddRange(batch);
        };
        await RunAsync(next);
        var refused = _store.Segments.Single(s => s is { ClientId: "client-1" } && s.FirstSequence <= 2 && s.FirstSequence + s.Records.Count > 2);
        var id = System.Text.Json.JsonDocument.Parse(refused.Records[(int)(2 - refused.FirstSequence)]).RootElement.GetProperty("recordId").GetString();
        await next.StopAsync(Ct).WaitAsync(Limit);
        Assert.Contains(_store.Segments.Where(s => s.Writer == next.Writer).SelectMany(s => s.Records), r => Encoding.UTF8.GetString(r.Span) is var text && text.Contains("\"what\":\"refused\"", StringComparison.Ordinal) && text.Contains(id!, StringComparison.Ordinal));
        Assert.Equal(9, _sink.Taken.Count(r => r.ClientId != AuditRecord.Gateway));
    }

    [Fact]
    public async Task WhoeverIsAtAnOutbox_IsThereAlone()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, 5);
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        using var next = await StartAsync();
        Assert.True(await _outboxes.TakeAsync(_sink.Name, "somebody", _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(4), Ct));
        await RunAsync(next);
        Assert.Empty(_sink.Taken);
        _time.Advance(TimeSpan.FromMinutes(5));
        await RunAsync(next);
        Assert.NotEmpty(_sink.Taken);
    }

    [Fact]
    public async Task FilesHaveEveryRecord_OneALine()
    {
        var folder = Directory.CreateTempSubdirectory("sink-").FullName;
        try
        {
            using var ledger = await StartAsync();
            await WriteAsync(ledger, 25);
            await ledger.StopAsync(Ct).WaitAsync(Limit);
            using var next = await StartAsync();
            await Outbox(next, [.. RecordSinks.Of(new SinkOptions { Folder = folder })]).RunAsync(Ct);
            var written = Directory.GetFiles(folder).Where(f => f.Contains(ledger.Writer, StringComparison.Ordinal)).SelectMany(File.ReadAllLines).Order(StringComparer.Ordinal);
            var expected = _store.Segments.Where(s => s.Writer == ledger.Writer).SelectMany(s => s.Records).Select(r => Encoding.UTF8.GetString(r.Span)).Order(StringComparer.Ordinal);
            Assert.Equal(expected, written);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task HowFarASinkIs_IsTold_ByInstance_AndItCanBeginAgain()
    {
        using var ledger = await StartAsync();
        await WriteAsync(ledger, 30);
        await ledger.StopAsync(Ct).WaitAsync(Limit);
        var survey = new OutboxSurvey(_outboxes, _store, _index);
        Assert.Empty(await survey.ReadAsync(_time.GetUtcNow(), Ct));
        using var next = await StartAsync();
        var sink = new ScriptedSink { Name = "http", Answers = _ => throw new SinkUnavailableException("It answered 503.") };
        await Outbox(next, [sink]).RunAsync(Ct);
        _time.Advance(TimeSpan.FromMinutes(2));
        var behind = Assert.Single(await survey.ReadAsync(_time.GetUtcNow(), Ct));
        Assert.Equal(("http", "It answered 503.", 120), (behind.Sink, behind.State.Fault, (int)(_time.GetUtcNow() - behind.WaitingSince!.Value).TotalSeconds));
        Assert.Equal(_store.Segments.Where(s => s.Writer == ledger.Writer).Sum(s => s.Records.Count), behind.Writers.Single(w => w.Writer == ledger.Writer).Waiting);

        sink.Answers = null;
        await Outbox(next, [sink]).RunAsync(Ct);
        Assert.DoesNotContain((await survey.ReadAsync(_time.GetUtcNow(), Ct)).Single().Writers, w => w.Writer == ledger.Writer);
        var taken = sink.Taken.Count;
        Assert.True(await survey.BeginAgainAsync("http", DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime), _time.GetUtcNow(), Ct));
        await Outbox(next, [sink]).RunAsync(Ct);
        Assert.True(sink.Taken.Count >= taken * 2, $"{sink.Taken.Count} of {taken}");

        Assert.True(await _outboxes.TakeAsync("http", "somebody", _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(4), Ct));
        Assert.False(await survey.BeginAgainAsync("http", DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime), _time.GetUtcNow(), Ct));
    }

    private void AssertCompleteAndOrdered(bool duplicates, string except)
    {
        var expected = _store.Segments.Where(s => s.Writer != except).SelectMany(s => s.Records).Select(r => Encoding.UTF8.GetString(r.Span)).Order(StringComparer.Ordinal).ToList();
        var taken = _sink.Taken.Where(r => r.Writer != except).ToList();
        var texts = taken.Select(r => Encoding.UTF8.GetString(r.Json.Span));
        Assert.Equal(expected, (duplicates ? texts.Distinct() : texts).Order(StringComparer.Ordinal));
        if (duplicates) return;
        foreach (var chain in taken.GroupBy(r => (r.Day, r.ClientId, r.Writer))) Assert.Equal(Enumerable.Range(1, chain.Count()).Select(i => (long)i), chain.Select(r => r.Sequence));
    }

    private Outbox Outbox(Ledger ledger, IReadOnlyList<IRecordSink> sinks) =>
        new(sinks, _outboxes, _store, _index, ledger, Options.Create(new SinkOptions()), _time, NullLogger<Outbox>.Instance);

    private Task<long> RunAsync(Ledger ledger) => Outbox(ledger, [_sink]).RunAsync(Ct).WaitAsync(Limit);

    private async Task<Ledger> StartAsync()
    {
        var ledger = new Ledger(_store, Options.Create(new AuditOptions { HoldMilliseconds = 0, HeadsSeconds = 3600 }), _time, NullLogger<Ledger>.Instance, index: _index);
        await ledger.StartAsync(Ct);
        Assert.True(await ledger.AppendAsync(AuditRecords.OfGateway(AuditEvent.Timer, _time.GetUtcNow()), Ct).AsTask().WaitAsync(Limit));
        return ledger;
    }

    private async Task WriteAsync(Ledger ledger, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var record = new AuditRecord
            {
                RecordId = Guid.CreateVersion7(_time.GetUtcNow()),
                RequestId = Guid.CreateVersion7(_time.GetUtcNow()),
                Time = _time.GetUtcNow(),
                Event = AuditEvent.Outcome,
                ClientId = $"client-{i % 3}",
                Server = "demo",
                Tool = "echo",
                Decision = "allowed",
            };
            Assert.True(await ledger.AppendAsync(record, Ct).AsTask().WaitAsync(Limit));
        }
    }

    private sealed class ScriptedSink : IRecordSink
    {
        public List<OutgoingRecord> Taken { get; } = [];

        /// <summary>What it does instead of taking.</summary>
        public Action<IReadOnlyList<OutgoingRecord>>? Answers { get; set; }

        public string Name { get; init; } = "scripted";

        public int MaxBatchBytes => 4000;

        public ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct)
        {
            if (Answers is not null) Answers(records);
            else Taken.AddRange(records);
            return ValueTask.CompletedTask;
        }
    }
}
