using McpServerless.Audit.Sinks;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Tests.Storage;

namespace McpServerless.Azure.Tests.Audit;

[Collection(AzuriteCollection.Name)]
public sealed class TableOutboxStoreTests(AzuriteFixture azurite)
{
    private const string Sink = "azure-monitor";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    private readonly Account _account = azurite.NewAccount();

    private static CancellationToken Ct => CancellationToken.None;

    private TableOutboxStore Store => new(_account.Open());

    [Fact]
    public async Task OneHolderAtATime_UntilItsTimeIsOverOrItGivesBack()
    {
        Assert.True(await Store.TakeAsync(Sink, "a", Now, Now.AddMinutes(4), Ct));
        Assert.False(await Store.TakeAsync(Sink, "b", Now, Now.AddMinutes(4), Ct));
        Assert.True(await Store.TakeAsync(Sink, "a", Now, Now.AddMinutes(4), Ct));
        Assert.True(await Store.TakeAsync("other", "b", Now, Now.AddMinutes(4), Ct));
        Assert.True(await Store.TakeAsync(Sink, "b", Now.AddMinutes(4), Now.AddMinutes(8), Ct));
        await Store.GiveBackAsync(Sink, "a", Ct);
        Assert.False(await Store.TakeAsync(Sink, "a", Now.AddMinutes(5), Now.AddMinutes(8), Ct));
        await Store.GiveBackAsync(Sink, "b", Ct);
        Assert.True(await Store.TakeAsync(Sink, "a", Now.AddMinutes(5), Now.AddMinutes(8), Ct));
    }

    [Fact]
    public async Task ManyAtOnce_OneGetsIt()
    {
        await Store.TakeAsync(Sink, "before", Now.AddHours(-1), Now.AddMinutes(-1), Ct);
        var got = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Store.TakeAsync(Sink, $"holder-{i}", Now, Now.AddMinutes(4), Ct).AsTask()));
        Assert.Single(got, true);
    }

    [Fact]
    public async Task StateAndPositions_ComeBackAsTheyWereSaved()
    {
        Assert.Null(await Store.ReadStateAsync(Sink, Ct));
        var state = new OutboxState("20261121", Now, Now.AddMinutes(-3), "It answered 503.", null);
        await Store.SaveStateAsync(Sink, state, Ct);
        Assert.Equal(state, await Store.ReadStateAsync(Sink, Ct));
        await Store.SaveStateAsync(Sink, state with { WaitingSince = null, Fault = null }, Ct);
        Assert.Null((await Store.ReadStateAsync(Sink, Ct))!.Fault);

        await Store.SavePositionAsync(Sink, new OutboxPosition("20261121", "w", new Dictionary<string, long> { ["a"] = 1, ["b|\"/"] = 999_999_999_999 }, IsDone: false), Ct);
        await Store.SavePositionAsync(Sink, new OutboxPosition("20261121", "v", new Dictionary<string, long>(), IsDone: true), Ct);
        var positions = await Store.ReadPositionsAsync(Sink, "20261121", Ct).ToDictionaryAsync(p => p.Writer);
        Assert.Equal((1, 999_999_999_999, false), (positions["w"].Taken["a"], positions["w"].Taken["b|\"/"], positions["w"].IsDone));
        Assert.True(positions["v"].IsDone);
        Assert.Empty(await Store.ReadPositionsAsync(Sink, "20261122", Ct).ToListAsync());
    }

    [Fact]
    public async Task WhenTheServiceIsOutOfReach_NothingIsClaimed()
    {
        var store = new TableOutboxStore(_account.OpenWithoutRetries(new LostRequest(_ => true)));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.TakeAsync(Sink, "a", Now, Now, Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadStateAsync(Sink, Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.SavePositionAsync(Sink, new OutboxPosition("20261121", "w", new Dictionary<string, long>(), false), Ct));
    }
}
