namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class KeyTests(TablesFixture fixture)
{
    public static TheoryData<string> LegalKeys =>
        ["O'Brien", "''", "100%", "%27", "%2F", "a+b", "a b", "a&b=c", "Zürich|東京", "😀", "(x),y='z'", "a:b;c@d!e$f*g", "[x]{y}<z>", "~`^\"", "..", "."];

    [Theory]
    [MemberData(nameof(LegalKeys))]
    public async Task A_key_of_any_legal_characters_works_in_every_operation(string key)
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity(key, key) { ["A"] = key });
        await table.UpsertEntityAsync(new TableEntity(key, key) { ["B"] = key });
        var read = (await table.GetEntityAsync<TableEntity>(key, key)).Value;
        await table.UpdateEntityAsync(new TableEntity(key, key) { ["C"] = key }, read.ETag);

        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {key} and RowKey eq {key}");
        var found = await table.QueryAsync<TableEntity>(filter).SingleAsync();
        Assert.Equal((key, key, key, key, key), (found.PartitionKey, found.RowKey, found.GetString("A"), found.GetString("B"), found.GetString("C")));

        await table.SubmitTransactionAsync(
        [
            new TableTransactionAction(TableTransactionActionType.UpdateMerge, new TableEntity(key, key) { ["D"] = key }, found.ETag),
            new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(key, key + "2")),
        ]);
        Assert.Equal(key, (await table.GetEntityAsync<TableEntity>(key, key)).Value["D"]);

        await table.SubmitTransactionAsync([new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(key, key))]);
        Assert.Equal(204, (await table.DeleteEntityAsync(key, key + "2")).Status);
        Assert.Empty(await table.QueryAsync<TableEntity>().ToListAsync());
    }

    [Fact]
    public async Task An_empty_key_is_legal()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("", "") { ["A"] = 1 });
        Assert.Equal(1, (await table.GetEntityAsync<TableEntity>("", "")).Value["A"]);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\tb")]
    [InlineData("a\u0000b")]
    [InlineData("a\u0080b")]
    public async Task A_key_with_an_illegal_character_is_refused(string key)
    {
        var table = await fixture.NewTableAsync();
        var added = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(new TableEntity("p", key)));
        Assert.Equal(400, added.Status);
        var inTransaction = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", key))]));
        Assert.Equal((400, 0), (inTransaction.Status, inTransaction.FailedTransactionActionIndex));
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        var table = await fixture.NewTableAsync();
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(new TableEntity("p", new string('k', 1025))));
        Assert.Equal(400, exception.Status);
    }
}
