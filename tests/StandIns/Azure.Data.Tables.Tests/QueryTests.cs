namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class QueryTests(TablesFixture fixture)
{
    [Fact]
    public async Task More_than_a_thousand_rows_come_in_several_pages_in_key_order()
    {
        var table = await fixture.NewTableAsync();
        for (var batch = 0; batch < 11; batch++)
        {
            await table.SubmitTransactionAsync(Enumerable.Range(batch * 100, 100).Select(
                index => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", $"{index:D5}"))));
        }

        var pages = await table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {"p"}")).AsPages().ToListAsync();

        Assert.Equal([1000, 100], pages.Select(page => page.Values.Count));
        Assert.Equal(Enumerable.Range(0, 1100).Select(index => $"{index:D5}"), pages.SelectMany(page => page.Values).Select(entity => entity.RowKey));
        Assert.NotNull(pages[0].ContinuationToken);
        Assert.Null(pages[1].ContinuationToken);
    }

    [Fact]
    public async Task A_query_goes_on_from_a_token_that_was_kept()
    {
        var table = await fixture.NewTableAsync();
        for (var index = 0; index < 5; index++)
            await table.AddEntityAsync(new TableEntity("p", $"{index}"));
        var first = await table.QueryAsync<TableEntity>(maxPerPage: 2).AsPages().FirstAsync();

        var rest = await table.QueryAsync<TableEntity>(maxPerPage: 2).AsPages(first.ContinuationToken).ToListAsync();

        Assert.Equal(["0", "1"], first.Values.Select(entity => entity.RowKey));
        Assert.Equal(["2", "3", "4"], rest.SelectMany(page => page.Values).Select(entity => entity.RowKey));
    }

    [Fact]
    public async Task The_page_size_of_the_call_goes_before_that_of_the_query()
    {
        var table = await fixture.NewTableAsync();
        for (var index = 0; index < 4; index++)
            await table.AddEntityAsync(new TableEntity("p", $"{index}"));
        var pages = await table.QueryAsync<TableEntity>(maxPerPage: 1).AsPages(pageSizeHint: 3).ToListAsync();
        Assert.Equal([3, 1], pages.Select(page => page.Values.Count));
    }

    [Fact]
    public async Task Selecting_gives_only_what_was_named()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1L, ["B"] = 2, ["C"] = Guid.Empty });
        var read = await table.QueryAsync<TableEntity>(select: ["RowKey", "A", "C"]).SingleAsync();
        Assert.Equal(("r", 1L, false, Guid.Empty), (read.RowKey, read["A"], read.ContainsKey("B"), read["C"]));
    }

    [Fact]
    public async Task Empty_pages_are_followed_to_the_end()
    {
        await using var server = await ScriptedServer.StartAsync((context, before) =>
        {
            // Only the partition, then both, then nothing: each is a form that the service uses.
            if (before == 0)
                context.Response.Headers["x-ms-continuation-NextPartitionKey"] = "1!8!cDI+/w==";
            if (before == 1)
            {
                context.Response.Headers["x-ms-continuation-NextPartitionKey"] = "1!8!cDM-";
                context.Response.Headers["x-ms-continuation-NextRowKey"] = "1!8!cjM-";
            }

            return ScriptedServer.JsonAsync(context, before == 2 ? """{"value":[{"PartitionKey":"p3","RowKey":"r3"}]}""" : """{"value":[]}""");
        });

        var pages = await server.Table().QueryAsync<TableEntity>("A eq 'b&c'", maxPerPage: 7).AsPages().ToListAsync();

        Assert.Equal([0, 0, 1], pages.Select(page => page.Values.Count));
        var targets = server.Requests.Select(request => request.Target).ToArray();
        Assert.All(targets, target => Assert.StartsWith("/things()?", target, StringComparison.Ordinal));
        Assert.All(targets, target => Assert.Contains("$filter=A%20eq%20%27b%26c%27", target, StringComparison.Ordinal));
        Assert.All(targets, target => Assert.Contains("$top=7", target, StringComparison.Ordinal));
        Assert.DoesNotContain("NextPartitionKey", targets[0], StringComparison.Ordinal);
        Assert.Contains("&NextPartitionKey=1%218%21cDI%2B%2Fw%3D%3D", targets[1], StringComparison.Ordinal);
        Assert.DoesNotContain("NextRowKey", targets[1], StringComparison.Ordinal);
        Assert.EndsWith("&NextPartitionKey=1%218%21cDM-&NextRowKey=1%218%21cjM-", targets[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_page_throws_after_the_pages_before_it()
    {
        await using var server = await ScriptedServer.StartAsync((context, before) =>
        {
            context.Response.Headers["x-ms-continuation-NextPartitionKey"] = "next";
            return before == 0
                ? ScriptedServer.JsonAsync(context, """{"value":[{"PartitionKey":"p","RowKey":"r"}]}""")
                : ScriptedServer.ErrorAsync(context, 403, "AuthorizationPermissionMismatch");
        });
        await using var rows = server.Table().QueryAsync<TableEntity>().GetAsyncEnumerator();
        Assert.True(await rows.MoveNextAsync());
        var exception = await Assert.ThrowsAsync<RequestFailedException>(async () => await rows.MoveNextAsync());
        Assert.Equal((403, "AuthorizationPermissionMismatch"), (exception.Status, exception.ErrorCode));
    }

    [Fact]
    public async Task A_filter_that_makes_no_sense_is_refused()
    {
        var table = await fixture.NewTableAsync();
        var exception = await Assert.ThrowsAsync<RequestFailedException>(async () => await table.QueryAsync<TableEntity>("A eq eq").ToListAsync());
        Assert.Equal(400, exception.Status);
    }

    [Fact]
    public async Task A_query_of_a_missing_table_is_404()
    {
        var table = fixture.Service.GetTableClient(TablesFixture.NewName());
        var exception = await Assert.ThrowsAsync<RequestFailedException>(async () => await table.QueryAsync<TableEntity>().ToListAsync());
        Assert.Equal((404, "TableNotFound"), (exception.Status, exception.ErrorCode));
    }

    [Fact]
    public async Task A_query_is_cancelled_by_its_own_token_alone()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r"));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await table.QueryAsync<TableEntity>(cancellationToken: cancelled.Token).ToListAsync());
        Assert.Single(await table.QueryAsync<TableEntity>().ToListAsync(cancelled.Token));
    }
}
