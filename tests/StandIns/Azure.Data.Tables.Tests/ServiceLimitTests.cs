namespace Azure.Data.Tables.Tests;

/// <summary>What Azure refuses and the emulator takes. Against the real package these need a real account.</summary>
[Collection(TablesCollection.Name)]
public sealed class ServiceLimitTests(TablesFixture fixture)
{
    [Fact]
    public async Task An_entity_over_one_MiB_is_too_large()
    {
        var table = await fixture.NewTableAsync();
        var entity = Filled(17, 32 * 1024);
        foreach (var write in new Func<Task>[]
        {
            () => table.AddEntityAsync(entity),
            () => table.UpsertEntityAsync(entity),
            () => table.UpdateEntityAsync(entity, ETag.All, TableUpdateMode.Replace),
        })
        {
            var exception = await Assert.ThrowsAsync<RequestFailedException>(write);
            Assert.Equal((400, "EntityTooLarge"), (exception.Status, exception.ErrorCode));
        }

        var inTransaction = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([new(TableTransactionActionType.Add, new TableEntity("p", "0")), new(TableTransactionActionType.Add, entity)]));
        Assert.Equal((400, "EntityTooLarge", 1), (inTransaction.Status, inTransaction.ErrorCode, inTransaction.FailedTransactionActionIndex));
        Assert.Empty(await table.QueryAsync<TableEntity>().ToListAsync());
    }

    [Fact]
    public async Task An_entity_of_almost_one_MiB_fits()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(Filled(15, 32 * 1024));
        Assert.Equal(32 * 1024, (await table.GetEntityAsync<TableEntity>("p", "r")).Value.GetString("P0").Length);
    }

    [Fact]
    public async Task An_entity_has_at_most_252_properties_of_its_own()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(Filled(252, 1));
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.UpsertEntityAsync(Filled(253, 1)));
        Assert.Equal((400, "TooManyProperties"), (exception.Status, exception.ErrorCode));
    }

    [Fact]
    public async Task A_transaction_stays_in_one_partition()
    {
        var exception = await RefusedAsync(await fixture.NewTableAsync(), new TableEntity("p", "1"), new TableEntity("p", "2"), new TableEntity("q", "3"));
        Assert.Equal((400, "CommandsInBatchActOnDifferentPartitions", 2), (exception.Status, exception.ErrorCode, exception.FailedTransactionActionIndex));
    }

    [Fact]
    public async Task A_transaction_has_each_row_once()
    {
        var exception = await RefusedAsync(await fixture.NewTableAsync(), new TableEntity("p", "1"), new TableEntity("p", "1"));
        Assert.Equal((400, "InvalidDuplicateRow", 1), (exception.Status, exception.ErrorCode, exception.FailedTransactionActionIndex));
    }

    [Fact]
    public async Task A_transaction_has_at_most_a_hundred_actions()
    {
        var exception = await RefusedAsync(await fixture.NewTableAsync(), [.. Enumerable.Range(0, 101).Select(index => new TableEntity("p", $"{index}"))]);
        Assert.Equal((400, "InvalidInput"), (exception.Status, exception.ErrorCode));
    }

    [Fact]
    public async Task A_transaction_has_at_most_4_MiB()
    {
        var table = await fixture.NewTableAsync();
        var actions = Enumerable.Range(0, 9).Select(index =>
        {
            var entity = Filled(15, 32 * 1024);
            entity.RowKey = $"{index}";
            return new TableTransactionAction(TableTransactionActionType.Add, entity);
        });
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.SubmitTransactionAsync(actions));
        Assert.Equal((413, "RequestBodyTooLarge"), (exception.Status, exception.ErrorCode));
        Assert.Empty(await table.QueryAsync<TableEntity>().ToListAsync());
    }

    private static async Task<TableTransactionFailedException> RefusedAsync(TableClient table, params TableEntity[] entities)
    {
        var exception = await Assert.ThrowsAsync<TableTransactionFailedException>(() => table.SubmitTransactionAsync(
            entities.Select(entity => new TableTransactionAction(TableTransactionActionType.Add, entity))));
        Assert.Empty(await table.QueryAsync<TableEntity>().ToListAsync());
        return exception;
    }

    private static TableEntity Filled(int properties, int length)
    {
        var entity = new TableEntity("p", "r");
        for (var index = 0; index < properties; index++)
            entity[$"P{index}"] = new string('x', length);
        return entity;
    }
}
