using Azure.Data.Tables;

namespace McpServerless.Azure.Tests.Storage;

/// <summary>Holds the check to what it has to find, so that the stores' tests mean something where the emulator is generous.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ServiceLimitsTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task EntityOverOneMebibyte_IsFound()
    {
        var table = await NewTableAsync();

        Assert.Equal("EntityTooLarge", await CodeAsync(() => table.AddEntityAsync(Filled(17, 32 * 1024))));
        Assert.Equal("EntityTooLarge", await CodeAsync(() => table.UpsertEntityAsync(Filled(17, 32 * 1024), TableUpdateMode.Replace)));
        Assert.Equal("EntityTooLarge", await CodeAsync(() => table.SubmitTransactionAsync(Adds(new TableEntity("p", "0"), Filled(17, 32 * 1024)))));
        await table.AddEntityAsync(Filled(15, 32 * 1024));
    }

    [Fact]
    public async Task MoreThan252Properties_AreFound()
    {
        var table = await NewTableAsync();

        await table.UpsertEntityAsync(Filled(252, 1));
        Assert.Equal("TooManyProperties", await CodeAsync(() => table.UpsertEntityAsync(Filled(253, 1))));
    }

    [Fact]
    public async Task TransactionOnTwoPartitions_IsFound()
    {
        var table = await NewTableAsync();
        TableTransactionAction[] mixed =
        [
            new(TableTransactionActionType.Add, new TableEntity("p", "1")),
            new(TableTransactionActionType.UpsertReplace, new TableEntity("q", "2")),
        ];

        Assert.Equal("CommandsInBatchActOnDifferentPartitions", await CodeAsync(() => table.SubmitTransactionAsync(mixed)));
    }

    [Fact]
    public async Task TransactionWithARowTwice_IsFoundInWhicheverWayItIsWritten()
    {
        var table = await NewTableAsync();
        TableTransactionAction[] twice =
        [
            new(TableTransactionActionType.Add, new TableEntity("p's", "o'1 ü")),
            new(TableTransactionActionType.UpsertMerge, new TableEntity("p's", "o'1 ü")),
        ];

        Assert.Equal("InvalidDuplicateRow", await CodeAsync(() => table.SubmitTransactionAsync(twice)));
    }

    [Fact]
    public async Task TransactionOfMoreThanAHundredActions_IsFound()
    {
        var table = await NewTableAsync();

        await table.SubmitTransactionAsync(Adds(Rows(0, 100)));
        Assert.Equal("InvalidInput", await CodeAsync(() => table.SubmitTransactionAsync(Adds(Rows(100, 101)))));
    }

    [Fact]
    public async Task TransactionOverFourMebibytes_IsFound()
    {
        var table = await NewTableAsync();
        var rows = Rows(0, 9);
        foreach (var row in rows)
        {
            foreach (var (name, value) in Filled(15, 32 * 1024).Where(property => property.Key.StartsWith('P') && property.Key != "PartitionKey")) row[name] = value;
        }

        Assert.Equal("RequestBodyTooLarge", await CodeAsync(() => table.SubmitTransactionAsync(Adds(rows))));
    }

    private async Task<TableClient> NewTableAsync()
    {
        var options = new TableClientOptions();
        options.AddPolicy(new ServiceLimits(), global::Azure.Core.HttpPipelinePosition.PerCall);
        var table = new TableClient(azurite.ConnectionString, $"t{Guid.NewGuid():N}", options);
        await table.CreateIfNotExistsAsync();
        return table;
    }

    private static async Task<string> CodeAsync(Func<Task> write) => (await Assert.ThrowsAsync<BeyondServiceLimitsException>(write)).Code;

    private static IEnumerable<TableTransactionAction> Adds(params TableEntity[] entities) =>
        entities.Select(entity => new TableTransactionAction(TableTransactionActionType.Add, entity));

    private static TableEntity[] Rows(int first, int count) => [.. Enumerable.Range(first, count).Select(number => new TableEntity("p", $"{number}"))];

    private static TableEntity Filled(int properties, int length)
    {
        var entity = new TableEntity("p", "r");
        for (var number = 0; number < properties; number++) entity[$"P{number}"] = new string('x', length);
        return entity;
    }
}
