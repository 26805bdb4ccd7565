using Azure.Data.Tables.Models;

namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class TableTests(TablesFixture fixture)
{
    [Fact]
    public async Task Creating_a_table_twice_is_a_conflict()
    {
        var table = await fixture.NewTableAsync();
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.CreateAsync());
        Assert.Equal((409, "TableAlreadyExists"), (exception.Status, exception.ErrorCode));
        Assert.True(exception.ErrorCode == TableErrorCode.TableAlreadyExists);
    }

    [Fact]
    public async Task Creating_a_table_if_it_does_not_exist_keeps_the_one_that_does()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r"));

        var fromTable = await table.CreateIfNotExistsAsync();
        var fromService = await fixture.Service.CreateTableIfNotExistsAsync(table.Name);

        Assert.Equal(table.Name, fromTable.Value.Name);
        Assert.Equal(409, fromTable.GetRawResponse().Status);
        Assert.Equal(table.Name, fromService.Value.Name);
        Assert.Equal("r", (await table.GetEntityAsync<TableEntity>("p", "r")).Value.RowKey);
    }

    [Fact]
    public async Task A_table_is_created_if_it_does_not_exist()
    {
        var name = TablesFixture.NewName();
        var created = await fixture.Service.CreateTableIfNotExistsAsync(name);
        Assert.Equal(name, created.Value.Name);
        Assert.InRange(created.GetRawResponse().Status, 201, 204);
    }

    [Fact]
    public async Task Deleting_a_missing_table_answers_404_without_an_exception()
    {
        var name = TablesFixture.NewName();
        Assert.Equal(404, (await fixture.Service.DeleteTableAsync(name)).Status);
        Assert.Equal(404, (await fixture.Service.GetTableClient(name).DeleteAsync()).Status);
    }

    [Fact]
    public async Task A_deleted_table_takes_its_rows_with_it()
    {
        var table = await fixture.NewTableAsync();
        Assert.Equal(204, (await table.DeleteAsync()).Status);
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(new TableEntity("p", "r")));
        Assert.Equal((404, "TableNotFound"), (exception.Status, exception.ErrorCode));
    }

    [Fact]
    public async Task Tables_are_found_by_name()
    {
        var table = await fixture.NewTableAsync();
        await fixture.NewTableAsync();
        var filter = TableServiceClient.CreateQueryFilter($"TableName eq {table.Name}");

        var found = new List<string>();
        await foreach (var item in fixture.Service.QueryAsync(filter))
            found.Add(item.Name);

        Assert.Equal([table.Name], found);
    }

    [Fact]
    public async Task Tables_are_listed_page_by_page()
    {
        var names = new HashSet<string>();
        for (var count = 0; count < 5; count++)
            names.Add((await fixture.NewTableAsync()).Name);

        var listed = new List<string>();
        await foreach (var page in fixture.Service.QueryAsync(maxPerPage: 2).AsPages())
        {
            Assert.InRange(page.Values.Count, 0, 2);
            listed.AddRange(page.Values.Select(item => item.Name));
        }

        Assert.Superset(names, listed.ToHashSet());
        Assert.Equal(listed.Count, listed.Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void A_table_needs_a_name(string? name) =>
        Assert.ThrowsAny<ArgumentException>(() => new TableClient(fixture.Azurite.ConnectionString, name));

    [Fact]
    public async Task The_service_refuses_an_illegal_table_name()
    {
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => fixture.Service.CreateTableAsync("no-dashes"));
        Assert.Equal(400, exception.Status);
    }
}
