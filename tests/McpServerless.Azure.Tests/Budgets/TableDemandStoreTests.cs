using McpServerless.Azure.Budgets;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;

namespace McpServerless.Azure.Tests.Budgets;

[Collection(AzuriteCollection.Name)]
public sealed class TableDemandStoreTests(AzuriteFixture azurite)
{
    private static readonly BudgetPageKey Key = new("tenant|1", "client/1");

    private readonly Account _account = azurite.NewAccount();

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task WhatWasLearned_ComesBack_AndOfTwoWritesOneIsAConflict()
    {
        var store = new TableDemandStore(_account.Open());
        Assert.Null(await store.ReadAsync(Key, Ct));
        var baseline = new DemandBaseline();
        for (var hour = 490_000; hour < 490_300; hour++) baseline.Add(hour, hour % 97);
        Assert.True(await store.WriteAsync(Key, baseline, null, Ct));
        Assert.False(await store.WriteAsync(Key, baseline, null, Ct));
        var stored = await store.ReadAsync(Key, Ct);
        Assert.Equal(baseline.Means, stored!.Baseline.Means);
        Assert.Equal(baseline.Weeks, stored.Baseline.Weeks);
        Assert.Equal((baseline.Hour, baseline.Calls), (stored.Baseline.Hour, stored.Baseline.Calls));
        Assert.True(await store.WriteAsync(Key, baseline, stored.Tag, Ct));
        Assert.False(await store.WriteAsync(Key, baseline, stored.Tag, Ct));
    }

    [Fact]
    public async Task Purge_ForgetsWhoHasNotCalledSince()
    {
        var store = new TableDemandStore(_account.Open());
        foreach (var (client, hour) in new[] { ("old", 100), ("new", 300) })
        {
            var baseline = new DemandBaseline();
            baseline.Add(hour, 1);
            Assert.True(await store.WriteAsync(new BudgetPageKey("tenant", client), baseline, null, Ct));
        }

        Assert.Equal(1, await store.PurgeAsync(200, Ct));
        Assert.Null(await store.ReadAsync(new BudgetPageKey("tenant", "old"), Ct));
        Assert.NotNull(await store.ReadAsync(new BudgetPageKey("tenant", "new"), Ct));
    }
}
