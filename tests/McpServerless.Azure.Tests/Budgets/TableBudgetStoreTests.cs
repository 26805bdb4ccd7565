using Azure.Data.Tables;
using McpServerless.Azure.Budgets;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Budgets;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpServerless.Azure.Tests.Budgets;

[Collection(AzuriteCollection.Name)]
public sealed class TableBudgetStoreTests(AzuriteFixture azurite)
{
    private static readonly BudgetPageKey Key = new("tenant|1", "client/1");

    private readonly Account _account = azurite.NewAccount();

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task BeforeAnythingWasWritten_ThereIsNoPage()
    {
        var store = NewStore();
        Assert.Null(await store.ReadAsync(Key, Ct));
        Assert.Empty(await store.ReadAllAsync(Ct).ToListAsync());
        Assert.False(await store.DeleteAsync(Key, "W/\"datetime'2026-11-26T17%3A00%3A00.0000000Z'\"", Ct));
    }

    [Fact]
    public async Task APage_ComesBackAsItWasWritten_WithTheTimeOfTheService()
    {
        var store = NewStore();
        var page = await UsedPageAsync();
        Assert.True(await store.WriteAsync(Key, page, null, Ct));
        var stored = await store.ReadAsync(Key, Ct);
        Assert.NotNull(stored);
        Assert.Equal(BudgetPageJson.Write(page).ToArray(), BudgetPageJson.Write(stored.Page).ToArray());
        Assert.InRange(stored.WrittenAt, TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
        Assert.Equal(Key, Assert.Single(await store.ReadAllAsync(Ct).ToListAsync()).Key);
    }

    [Fact]
    public async Task OfTwoWritesOnTheSamePage_OneIsAConflict()
    {
        var store = NewStore();
        var page = await UsedPageAsync();
        Assert.True(await store.WriteAsync(Key, page, null, Ct));
        Assert.False(await store.WriteAsync(Key, page, null, Ct));
        var first = await store.ReadAsync(Key, Ct);
        Assert.True(await store.WriteAsync(Key, page, first!.Tag, Ct));
        Assert.False(await store.WriteAsync(Key, page, first.Tag, Ct));
        Assert.False(await store.DeleteAsync(Key, first.Tag, Ct));
        Assert.True(await store.DeleteAsync(Key, (await store.ReadAsync(Key, Ct))!.Tag, Ct));
        Assert.Null(await store.ReadAsync(Key, Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"f\":2,\"v\":1,\"o\":[]}")]
    [InlineData("{\"f\":1,\"v\":1,\"o\":[1]}")]
    [InlineData("{\"f\":1,\"v\":1,\"o\":[],\"r\":{\"a\":[0,0,0,0,0,0]}}")]
    [InlineData("{\"f\":1,\"v\":1,\"o\":[],\"w\":{\"a\":[1]}}")]
    public async Task APageThatCannotBeRead_MakesTheStoreUnavailable(string json)
    {
        var store = NewStore();
        await store.WriteAsync(Key, new BudgetPage(), null, Ct);
        var row = Assert.Single(await _account.RowsAsync("Budgets"));
        row["Page00"] = System.Text.Encoding.UTF8.GetBytes(json);
        await _account.Raw("Budgets").UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadAsync(Key, Ct));
    }

    /// <summary>The client sends a write again whose answer it did not get; the second meets the first as a conflict.</summary>
    [Fact]
    public async Task ALostAnswer_CostsNoUnits()
    {
        var lost = new LostAnswer(Requests.Write("Budgets"), times: 3);
        var engine = NewEngine(new TableBudgetStore(_account.Open(lost)));
        var limit = new BudgetLimit { Name = "ten", Kind = LimitKind.Budget, Amount = 10, Per = LimitPeriod.Month };
        for (var i = 0; i < 10; i++) Assert.NotNull((await engine.ReserveAsync(Subjects.Request(limit), Ct)).Lease);
        Assert.Equal("client/ten", (await engine.ReserveAsync(Subjects.Request(limit), Ct)).Reached?.Limit.PublicName);
        Assert.True(lost.Met > 3);
    }

    [Fact]
    public async Task WithoutTheStore_WhatIsInHandIsServed_AndThenTheFailModeDecides()
    {
        var broken = new LostRequest(r => r.Uri.ToUri().AbsolutePath.Contains("Budgets", StringComparison.Ordinal), from: 4);
        var engine = NewEngine(new TableBudgetStore(_account.OpenWithoutRetries(broken)));
        var limit = new BudgetLimit { Name = "daily", Kind = LimitKind.Budget, Amount = 1000, Per = LimitPeriod.Day };
        var closed = Subjects.Request(limit);
        while ((await engine.ReserveAsync(closed, Ct)).Lease is not null)
        {
        }

        Assert.True((await engine.ReserveAsync(closed, Ct)).Unavailable);
        var open = await engine.ReserveAsync(closed with { FailMode = BudgetFailMode.Open, OpenCallsPerMinute = 20 }, Ct);
        Assert.True(open.Lease?.Unmetered);
        for (var i = 0; i < 5; i++) await engine.ReserveAsync(closed with { FailMode = BudgetFailMode.Open, OpenCallsPerMinute = 20 }, Ct);
        Assert.True((await engine.ReserveAsync(closed with { FailMode = BudgetFailMode.Open, OpenCallsPerMinute = 20 }, Ct)).Unavailable);
    }

    private TableBudgetStore NewStore() => new(_account.Open());

    private static BudgetEngine NewEngine(IBudgetStore store) =>
        new(store, Microsoft.Extensions.Options.Options.Create(new BudgetOptions { WaitMilliseconds = 10_000 }), TimeProvider.System, NullLogger<BudgetEngine>.Instance);

    /// <summary>A page with a counter of each kind in it, as an engine leaves it.</summary>
    private async Task<BudgetPage> UsedPageAsync()
    {
        var store = new TableBudgetStore(azurite.NewAccount().Open());
        var lease = await NewEngine(store).ReserveAsync(
            Subjects.Request(
                new BudgetLimit { Name = "r", Kind = LimitKind.Rate, Amount = 10, Per = LimitPeriod.Second },
                new BudgetLimit { Name = "b", Kind = LimitKind.Budget, Amount = 10, Per = LimitPeriod.Day },
                new BudgetLimit { Name = "c", Kind = LimitKind.Concurrency, Amount = 10 }),
            Ct);
        Assert.NotNull(lease.Lease);
        return (await store.ReadAllAsync(Ct).ToListAsync()).Single().Stored.Page;
    }
}
