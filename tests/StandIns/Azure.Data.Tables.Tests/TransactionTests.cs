namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class TransactionTests(TablesFixture fixture)
{
    [Fact]
    public async Task Actions_of_all_kinds_happen_together()
    {
        var table = await fixture.NewTableAsync();
        var guarded = Assert.NotNull((await table.AddEntityAsync(Row("guarded"))).Headers.ETag);
        var deleted = Assert.NotNull((await table.AddEntityAsync(Row("deleted"))).Headers.ETag);
        await table.AddEntityAsync(Row("gone"));
        await table.AddEntityAsync(Row("replaced"));
        await table.AddEntityAsync(Row("merged"));

        var answer = await table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.Add, Row("added", "B")),
            new(TableTransactionActionType.UpdateMerge, Row("guarded", "B"), guarded),
            new(TableTransactionActionType.UpdateReplace, Row("replaced", "B"), ETag.All),
            new(TableTransactionActionType.UpsertMerge, Row("merged", "B")),
            new(TableTransactionActionType.UpsertReplace, Row("upserted", "B")),
            new(TableTransactionActionType.Delete, Row("deleted"), deleted),
            new(TableTransactionActionType.Delete, Row("gone")),
        ]);

        Assert.Equal(202, answer.GetRawResponse().Status);
        Assert.Equal([204, 204, 204, 204, 204, 204, 204], answer.Value.Select(response => response.Status));
        var rows = await table.QueryAsync<TableEntity>().ToDictionaryAsync(row => row.RowKey);
        Assert.Equal(["added", "guarded", "merged", "replaced", "upserted"], rows.Keys.Order());
        Assert.Equal(["guarded", "merged"], rows.Values.Where(row => row.ContainsKey("A") && row.ContainsKey("B")).Select(row => row.RowKey).Order());
        Assert.Equal(rows["guarded"].ETag, answer.Value[1].Headers.ETag);
        Assert.Equal(rows["added"].ETag, answer.Value[0].Headers.ETag);
    }

    [Fact]
    public async Task A_conflict_undoes_everything_and_names_the_action()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(Row("there"));

        var exception = await Assert.ThrowsAsync<TableTransactionFailedException>(() => table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.Add, Row("new")),
            new(TableTransactionActionType.Add, Row("there")),
            new(TableTransactionActionType.Add, Row("newer")),
        ]));

        Assert.Equal((409, "EntityAlreadyExists", 1), (exception.Status, exception.ErrorCode, exception.FailedTransactionActionIndex));
        Assert.Equal(["there"], await table.QueryAsync<TableEntity>().Select(row => row.RowKey).ToListAsync());
    }

    [Theory]
    [InlineData(TableTransactionActionType.UpdateMerge)]
    [InlineData(TableTransactionActionType.UpdateReplace)]
    [InlineData(TableTransactionActionType.Delete)]
    public async Task A_stale_ETag_undoes_everything(TableTransactionActionType type)
    {
        var table = await fixture.NewTableAsync();
        var stale = Assert.NotNull((await table.AddEntityAsync(Row("r"))).Headers.ETag);
        await table.UpsertEntityAsync(Row("r", "B"));

        var exception = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([new(TableTransactionActionType.Add, Row("new")), new(type, Row("r", "C"), stale)]));

        Assert.Equal((412, "UpdateConditionNotSatisfied", 1), (exception.Status, exception.ErrorCode, exception.FailedTransactionActionIndex));
        var row = await table.QueryAsync<TableEntity>().SingleAsync();
        Assert.Equal(("r", true, false), (row.RowKey, row.ContainsKey("B"), row.ContainsKey("C")));
    }

    [Fact]
    public async Task An_update_of_a_missing_row_undoes_everything()
    {
        var table = await fixture.NewTableAsync();
        var exception = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([new(TableTransactionActionType.Add, Row("new")), new(TableTransactionActionType.UpdateMerge, Row("r"), ETag.All)]));
        Assert.Equal((404, 1), (exception.Status, exception.FailedTransactionActionIndex));
        Assert.Empty(await table.QueryAsync<TableEntity>().ToListAsync());
    }

    [Fact]
    public async Task A_hundred_actions_fit()
    {
        var table = await fixture.NewTableAsync();
        var answer = await table.SubmitTransactionAsync(
            Enumerable.Range(0, 100).Select(index => new TableTransactionAction(TableTransactionActionType.Add, Row($"{index}"))));
        Assert.Equal(100, answer.Value.Count);
        Assert.Equal(100, await table.QueryAsync<TableEntity>().CountAsync());
    }

    [Fact]
    public async Task A_transaction_of_one_works()
    {
        var table = await fixture.NewTableAsync();
        Assert.Equal(204, Assert.Single((await table.SubmitTransactionAsync([new(TableTransactionActionType.Add, Row("r"))])).Value).Status);
    }

    [Fact]
    public async Task A_transaction_needs_actions()
    {
        var table = await fixture.NewTableAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => table.SubmitTransactionAsync([]));
        await Assert.ThrowsAsync<ArgumentNullException>(() => table.SubmitTransactionAsync(null));
    }

    [Fact]
    public async Task A_value_that_looks_like_the_protocol_stays_a_value()
    {
        var table = await fixture.NewTableAsync();
        const string Value = "--changeset_x\r\nContent-Type: application/http\r\n\r\nDELETE http://x HTTP/1.1\r\n\r\n}}{\u2028{";
        await table.SubmitTransactionAsync([new(TableTransactionActionType.Add, new TableEntity("p", "r") { ["A"] = Value })]);
        Assert.Equal(Value, (await table.GetEntityAsync<TableEntity>("p", "r")).Value["A"]);
    }

    [Fact]
    public async Task The_request_is_a_batch_with_one_change_set()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) => AnswerAsync(
            context, "HTTP/1.1 204 No Content\r\nETag: W/\"1\"\r\n\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n\r\n"));

        var answer = await server.Table().SubmitTransactionAsync(
        [
            new(TableTransactionActionType.UpdateReplace, Row("r'1"), new ETag("W/\"0\"")),
            new(TableTransactionActionType.Delete, Row("r2")),
        ]);

        Assert.Equal(new ETag("W/\"1\""), answer.Value[0].Headers.ETag);
        Assert.Null(answer.Value[1].Headers.ETag);
        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/$batch"), (request.Method, request.Target));
        Assert.StartsWith("multipart/mixed; boundary=", request.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Contains($"PUT {server.Endpoint}things(PartitionKey='p',RowKey='r%27%271')", request.Body, StringComparison.Ordinal);
        Assert.Contains("If-Match: W/\"0\"", request.Body, StringComparison.Ordinal);
        Assert.Contains("If-Match: *", request.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_as_Azure_words_it_names_the_action()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) => AnswerAsync(
            context,
            "HTTP/1.1 409 Conflict\r\nContent-ID: 2\r\nDataServiceVersion: 3.0;\r\nContent-Type: application/json;odata=minimalmetadata\r\n\r\n" +
            """{"odata.error":{"code":"EntityAlreadyExists","message":{"lang":"en-US","value":"1:The specified entity already exists.\nTime:2026-11-21T05:00:00Z"}}}""" +
            "\r\n"));
        var exception = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => server.Table().SubmitTransactionAsync([new(TableTransactionActionType.Add, Row("a")), new(TableTransactionActionType.Add, Row("b"))]));
        Assert.Equal((409, "EntityAlreadyExists", 1), (exception.Status, exception.ErrorCode, exception.FailedTransactionActionIndex));
    }

    [Fact]
    public async Task A_refusal_of_the_whole_batch_is_no_refusal_of_an_action()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) => ScriptedServer.ErrorAsync(context, 403, "AuthorizationFailure"));
        var exception = await Assert.ThrowsAsync<RequestFailedException>(
            () => server.Table().SubmitTransactionAsync([new(TableTransactionActionType.Add, Row("a"))]));
        Assert.Equal((403, "AuthorizationFailure"), (exception.Status, exception.ErrorCode));
    }

    private static TableEntity Row(string rowKey, string property = "A") => new("p", rowKey) { [property] = 1 };

    private static Task AnswerAsync(Microsoft.AspNetCore.Http.HttpContext context, params string[] parts)
    {
        context.Response.StatusCode = 202;
        context.Response.ContentType = "multipart/mixed; boundary=batchresponse_1";
        var body = string.Concat(parts.Select(
            part => "--changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n" + part));
        var bytes = System.Text.Encoding.UTF8.GetBytes(
            "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n" + body +
            "--changesetresponse_2--\r\n--batchresponse_1--\r\n");
        return context.Response.Body.WriteAsync(bytes).AsTask();
    }
}
