using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Retention;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Contracts.Sanitising;

namespace McpServerless.Azure.Tests.Audit;

/// <summary>Holds, progress, keys, and segments that are put in the place of others.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TableRetentionTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    private readonly Account _account = azurite.NewAccount();

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task HoldsAndProgress_AreKeptAndEnd()
    {
        var store = new TableRetentionStore(_account.Open());
        Assert.Empty(await store.ReadHoldsAsync(Ct).ToListAsync(Ct));
        Assert.Empty(await store.ReadProgressAsync(Ct));
        var hold = new LegalHold("0193f0000000700080000000000000aa", "client|1", new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31), "case 7", "pat@contoso.example", Now);
        await store.SaveHoldAsync(hold, Ct);
        await store.SaveHoldAsync(hold with { HoldId = "0193f0000000700080000000000000ab", ClientId = null }, Ct);
        Assert.Equal([hold, hold with { HoldId = "0193f0000000700080000000000000ab", ClientId = null }], await store.ReadHoldsAsync(Ct).ToListAsync(Ct));
        await store.RemoveHoldAsync(hold.HoldId, Ct);
        await store.RemoveHoldAsync(hold.HoldId, Ct);
        Assert.Single(await store.ReadHoldsAsync(Ct).ToListAsync(Ct));

        await store.SaveProgressAsync(new Dictionary<string, DateOnly> { ["call"] = new(2026, 3, 1), ["read"] = new(2026, 4, 1) }, Ct);
        await store.SaveProgressAsync(new Dictionary<string, DateOnly> { ["call"] = new(2026, 3, 2) }, Ct);
        Assert.Equal(new DateOnly(2026, 3, 2), Assert.Single(await store.ReadProgressAsync(Ct)).Value);
    }

    [Fact]
    public async Task OfManyThatMakeAPeriodsKey_OneDoes_AndWhatIsDestroyedIsGoneAndStaysListed()
    {
        var store = new TableHashKeyStore(_account.Open());
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.AddAsync(new HashKeyPeriod("2026-10.01", Now, [.. Enumerable.Repeat((byte)i, 32)], null), Ct).AsTask()));
        Assert.Single(made, true);
        var kept = await store.ReadAsync(Ct).SingleAsync(Ct);
        Assert.Equal(32, kept.Secret!.Length);
        var destroyed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.DestroyAsync("2026-10.01", Now, Ct).AsTask()));
        Assert.Single(destroyed, true);
        var left = await store.ReadAsync(Ct).SingleAsync(Ct);
        Assert.Equal((null, (DateTimeOffset?)Now), (left.Secret, left.DestroyedAt));
        Assert.False(await store.AddAsync(kept, Ct));
        Assert.False(await store.DestroyAsync("2026-07.01", Now, Ct));
    }

    [Fact]
    public async Task ASegmentWithTombstones_TakesThePlaceOfTheOneThatWasThere()
    {
        var store = new TableAuditStore(_account.Open());
        Assert.Null(await store.FindFirstDayAsync(Ct));
        // Large enough for several properties, so that none of them may stay.
        var records = Enumerable.Range(1, 9).Select(i => (ReadOnlyMemory<byte>)new byte[20_000].Select(_ => (byte)('0' + i)).ToArray()).ToList();
        var segment = new AuditSegment { Day = "20260105", ClientId = "client", Writer = "0193f000000070008000000000000001", FirstSequence = 1, Records = records, LastHash = "aa" };
        await store.AppendAsync(segment, Ct);
        await store.AppendAsync(segment with { Day = "20260107" }, Ct);
        Assert.Equal(new DateOnly(2026, 1, 5), await store.FindFirstDayAsync(Ct));
        var stone = new Tombstone { Writer = segment.Writer, FirstSequence = 1, LastSequence = 8, HashBefore = "", HashAfter = "bb", Digest = "cc", Classes = new Dictionary<string, int> { ["call"] = 8 }, PurgedAt = Now, Policy = "call=30d" };
        await store.ReplaceAsync(segment with { Records = [stone.ToJson(), records[8]] }, Ct);
        var read = Assert.Single(await store.ReadAsync("20260105", "client", Ct).ToListAsync(Ct));
        Assert.Equal((2, 9L), (read.Records.Count, read.LastSequence));
        Assert.Equal([(1L, false), (9L, true)], read.Lines.Select(l => (l.Sequence, l.IsRecord)));
        Assert.Equal(stone.ToJson(), Tombstone.Read(read.Records[0])!.ToJson());
        Assert.Equal(records[8].ToArray(), read.Records[1].ToArray());
    }

    [Fact]
    public async Task TheIndexOfADay_IsForgotten_AndMarksStay()
    {
        var index = new TableAuditIndex(_account.Open());
        await index.ListWriterAsync("20260105", "w", Ct);
        var entries = Enumerable.Range(0, 300).Select(i => new IndexEntry(IndexKind.Request, $"r{i}", "client", [1])).Append(new IndexEntry(IndexKind.Tool, "echo", "client", [1])).ToList();
        await index.WriteAsync("20260105", "w", "1", entries, Ct);
        await index.WriteAsync("20260106", "w", "1", entries, Ct);
        await index.ForgetAsync("20260105", Ct);
        Assert.Empty(await index.FindAsync("20260105", IndexKind.Request, "r7", Ct).ToListAsync(Ct));
        Assert.Empty(await index.FindAsync("20260105", IndexKind.Tool, "echo", Ct).ToListAsync(Ct));
        Assert.Single(await index.FindAsync("20260106", IndexKind.Request, "r7", Ct).ToListAsync(Ct));
        Assert.Single(await index.ReadMarksAsync("20260105", Ct).ToListAsync(Ct));
    }
}
