using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Audit;

/// <summary>What an instance says of itself in the ledger.</summary>
public sealed class LedgerLifecycleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly WriterIdentity Identity = new("1.2.3+abc", new string('c', 64), "host-1", _ => ValueTask.FromResult<long?>(7));

    private readonly ManualTimeProvider _time = new();
    private readonly SegmentShelf _store = new();

    [Fact]
    public async Task Instance_BeginsWithItsBuildSettingsAndCatalogue_AndEndsWithItsHeads()
    {
        using var ledger = await StartAsync();
        Assert.True(await AppendAsync(ledger, "a"));
        Assert.True(await AppendAsync(ledger, "b"));
        await StopAsync(ledger);

        var own = Own();
        Assert.Equal(["writerStarted", "writerHeads", "writerEnded"], own.Select(Event));
        Assert.Equal(7, own[0].GetProperty("catalogueVersion").GetInt64());
        var details = own[0].GetProperty("details");
        Assert.Equal(("1.2.3+abc", new string('c', 64), "host-1"), (details.GetProperty("build").GetString(), details.GetProperty("configurationHash").GetString(), details.GetProperty("host").GetString()));
        var stated = ChainHead.ReadFrom(own[1].GetProperty("details"))!;
        Assert.Equal(["a", "b"], stated.Select(h => h.ClientId).Order());
        Assert.All(stated, h => Assert.Equal(_store.Segments.Last(s => s.ClientId == h.ClientId).LastHash, h.Hash));
    }

    [Fact]
    public async Task NothingOfAnInstanceIsDurable_BeforeItsStart()
    {
        var gate = new TaskCompletionSource<long?>();
        using var ledger = await StartAsync(Identity with { CatalogueVersion = async ct => await gate.Task.WaitAsync(ct) });
        var append = AppendAsync(ledger, "a");
        Assert.Empty(_store.Segments);
        gate.SetResult(3);
        Assert.True(await append.WaitAsync(Limit));
        Assert.Equal(["a", "gateway"], _store.Segments.Select(s => s.ClientId).Order());
        await StopAsync(ledger);
    }

    [Fact]
    public async Task CatalogueThatCannotBeRead_DoesNotHoldUpTheStart()
    {
        using var ledger = await StartAsync(Identity with { CatalogueVersion = _ => throw new StoreUnavailableException("scripted") });
        Assert.True(await AppendAsync(ledger, "a"));
        await StopAsync(ledger);
        Assert.False(Own()[0].TryGetProperty("catalogueVersion", out _));
    }

    [Fact]
    public async Task EveryMinute_AnInstanceStatesWhatIsNew_AndThatItIsAlive()
    {
        using var ledger = await StartAsync();
        Assert.True(await AppendAsync(ledger, "a"));
        await StateAsync(ledger, "x");
        await StateAsync(ledger, "y");
        await StopAsync(ledger);
        Assert.Equal([["a"], ["x"], ["y"]], Own().Where(r => Event(r) == "writerHeads").Select(r => ChainHead.ReadFrom(r.GetProperty("details"))!.Select(h => h.ClientId)));
    }

    [Fact]
    public async Task HeadsOfManyClients_AreStatedOverSeveralRecords()
    {
        using var ledger = await StartAsync();
        for (var i = 0; i < 250; i++) Assert.True(await AppendAsync(ledger, $"c{i}"));
        await StopAsync(ledger);
        Assert.Equal([100, 100, 50], Own().Where(r => Event(r) == "writerHeads").Select(r => ChainHead.ReadFrom(r.GetProperty("details"))!.Count));
    }

    [Fact]
    public async Task NewDay_GoesOnFromTheDayBefore()
    {
        using var ledger = await StartAsync();
        Assert.True(await AppendAsync(ledger, "a"));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.True(await AppendAsync(ledger, "a"));
        await StopAsync(ledger);

        var before = _store.Segments.Where(s => s.Day == "20261121" && s.ClientId == "gateway").ToList();
        var first = Records(_store.Segments.First(s => s.Day == "20261122" && s.ClientId == "gateway"))[0];
        Assert.Equal("writerContinued", Event(first));
        var head = Assert.Single(ChainHead.ReadFrom(first.GetProperty("details"))!);
        Assert.Contains(before, s => s.LastHash == head.Hash);
        Assert.Equal(1, _store.Segments.Single(s => s.Day == "20261122" && s.ClientId == "a").FirstSequence);
    }

    /// <summary>Lets a minute pass; the record behind it shows that the statement before it was made.</summary>
    private async Task StateAsync(Ledger ledger, string marker)
    {
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(await AppendAsync(ledger, marker));
    }

    private async Task<Ledger> StartAsync(WriterIdentity? identity = null)
    {
        var ledger = new Ledger(_store, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance, identity ?? Identity);
        await ledger.StartAsync(CancellationToken.None);
        return ledger;
    }

    private static Task StopAsync(Ledger ledger) => ledger.StopAsync(CancellationToken.None).WaitAsync(Limit);

    private async Task<bool> AppendAsync(Ledger ledger, string client) => await ledger.AppendAsync(
        new AuditRecord
        {
            RecordId = Guid.CreateVersion7(_time.GetUtcNow()),
            RequestId = Guid.CreateVersion7(_time.GetUtcNow()),
            Time = _time.GetUtcNow(),
            Event = AuditEvent.Outcome,
            ClientId = client,
            Server = "demo",
            Decision = "allowed",
        },
        CancellationToken.None).AsTask().WaitAsync(Limit);

    private List<JsonElement> Own() => [.. _store.Segments.Where(s => s.ClientId == AuditRecord.Gateway).SelectMany(Records)];

    private static List<JsonElement> Records(AuditSegment segment) => [.. segment.Records.Select(r => JsonDocument.Parse(r).RootElement)];

    private static string? Event(JsonElement record) => record.GetProperty("event").GetString();
}
