using Azure.Data.Tables.Models;

namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class EntityTests(TablesFixture fixture)
{
    [Fact]
    public async Task An_added_entity_is_read_back_with_ETag_and_timestamp()
    {
        var table = await fixture.NewTableAsync();
        var added = await table.AddEntityAsync(new TableEntity("p", "r") { ["Name"] = "one" });

        var read = await table.GetEntityAsync<TableEntity>("p", "r");

        Assert.Equal(204, added.Status);
        Assert.Equal(added.Headers.ETag, read.Value.ETag);
        Assert.NotNull(read.Value.Timestamp);
        Assert.Equal(("p", "r", "one"), (read.Value.PartitionKey, read.Value.RowKey, read.Value.GetString("Name")));
        Assert.Equal(["Name", "PartitionKey", "RowKey", "Timestamp", "odata.etag"], read.Value.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Adding_an_existing_entity_is_a_conflict_and_changes_nothing()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["Count"] = 1 });

        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(new TableEntity("p", "r") { ["Count"] = 2 }));

        Assert.Equal((409, TableErrorCode.EntityAlreadyExists.ToString()), (exception.Status, exception.ErrorCode));
        Assert.Equal(1, (await table.GetEntityAsync<TableEntity>("p", "r")).Value.GetInt32("Count"));
    }

    [Fact]
    public async Task A_missing_entity_is_404_or_an_answer_without_a_value()
    {
        var table = await fixture.NewTableAsync();
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.GetEntityAsync<TableEntity>("p", "r"));
        Assert.Equal((404, "ResourceNotFound"), (exception.Status, exception.ErrorCode));

        var answer = await table.GetEntityIfExistsAsync<TableEntity>("p", "r");
        Assert.False(answer.HasValue);
        Assert.Equal(404, answer.GetRawResponse().Status);
        Assert.ThrowsAny<Exception>(() => answer.Value);
    }

    [Fact]
    public async Task An_existing_entity_is_an_answer_with_a_value()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r"));
        var answer = await table.GetEntityIfExistsAsync<TableEntity>("p", "r");
        Assert.True(answer.HasValue);
        Assert.Equal("r", answer.Value?.RowKey);
    }

    [Fact]
    public async Task An_update_with_the_current_ETag_succeeds_and_changes_it()
    {
        var table = await fixture.NewTableAsync();
        var first = (await table.AddEntityAsync(new TableEntity("p", "r") { ["Count"] = 1 })).Headers.ETag;
        var updated = await table.UpdateEntityAsync(new TableEntity("p", "r") { ["Count"] = 2 }, Assert.NotNull(first), TableUpdateMode.Replace);

        var read = await table.GetEntityAsync<TableEntity>("p", "r");

        Assert.NotEqual(first, read.Value.ETag);
        Assert.Equal(updated.Headers.ETag, read.Value.ETag);
        Assert.Equal(2, read.Value.GetInt32("Count"));
    }

    [Theory]
    [InlineData(TableUpdateMode.Merge)]
    [InlineData(TableUpdateMode.Replace)]
    public async Task An_update_with_a_stale_ETag_is_refused(TableUpdateMode mode)
    {
        var table = await fixture.NewTableAsync();
        var stale = Assert.NotNull((await table.AddEntityAsync(new TableEntity("p", "r") { ["Count"] = 1 })).Headers.ETag);
        await table.UpdateEntityAsync(new TableEntity("p", "r") { ["Count"] = 2 }, stale, mode);

        var exception = await Assert.ThrowsAsync<RequestFailedException>(
            () => table.UpdateEntityAsync(new TableEntity("p", "r") { ["Count"] = 3 }, stale, mode));

        Assert.Equal((412, "UpdateConditionNotSatisfied"), (exception.Status, exception.ErrorCode));
        Assert.Equal(2, (await table.GetEntityAsync<TableEntity>("p", "r")).Value.GetInt32("Count"));
    }

    [Fact]
    public async Task An_update_of_a_missing_entity_is_404()
    {
        var table = await fixture.NewTableAsync();
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.UpdateEntityAsync(new TableEntity("p", "r"), ETag.All));
        Assert.Equal((404, "ResourceNotFound"), (exception.Status, exception.ErrorCode));
    }

    [Fact]
    public async Task An_update_without_an_ETag_is_refused_before_it_is_sent()
    {
        var table = await fixture.NewTableAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => table.UpdateEntityAsync(new TableEntity("p", "r"), default));
    }

    [Fact]
    public async Task Merging_keeps_the_other_properties_and_replacing_drops_them()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = "1", ["B"] = "1" });

        await table.UpsertEntityAsync(new TableEntity("p", "r") { ["B"] = "2" });
        var merged = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
        Assert.Equal(("1", "2"), (merged.GetString("A"), merged.GetString("B")));

        await table.UpdateEntityAsync(new TableEntity("p", "r") { ["C"] = "3" }, ETag.All);
        var mergedAgain = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
        Assert.Equal(("1", "2", "3"), (mergedAgain.GetString("A"), mergedAgain.GetString("B"), mergedAgain.GetString("C")));

        await table.UpsertEntityAsync(new TableEntity("p", "r") { ["B"] = "4" }, TableUpdateMode.Replace);
        var replaced = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
        Assert.Equal((null, "4", null), (replaced.GetString("A"), replaced.GetString("B"), replaced.GetString("C")));
    }

    [Fact]
    public async Task An_upsert_inserts_what_is_missing()
    {
        var table = await fixture.NewTableAsync();
        await table.UpsertEntityAsync(new TableEntity("p", "merge") { ["A"] = 1 });
        await table.UpsertEntityAsync(new TableEntity("p", "replace") { ["A"] = 2 }, TableUpdateMode.Replace);
        Assert.Equal(1, (await table.GetEntityAsync<TableEntity>("p", "merge")).Value["A"]);
        Assert.Equal(2, (await table.GetEntityAsync<TableEntity>("p", "replace")).Value["A"]);
    }

    [Fact]
    public async Task Deleting_obeys_the_ETag_if_there_is_one()
    {
        var table = await fixture.NewTableAsync();
        var stale = Assert.NotNull((await table.AddEntityAsync(new TableEntity("p", "r"))).Headers.ETag);
        await table.UpsertEntityAsync(new TableEntity("p", "r") { ["A"] = 1 });

        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.DeleteEntityAsync("p", "r", stale));
        Assert.Equal((412, "UpdateConditionNotSatisfied"), (exception.Status, exception.ErrorCode));

        var current = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
        Assert.Equal(204, (await table.DeleteEntityAsync(current, current.ETag)).Status);
        Assert.False((await table.GetEntityIfExistsAsync<TableEntity>("p", "r")).HasValue);
    }

    [Fact]
    public async Task Deleting_without_an_ETag_is_unconditional_and_a_missing_entity_answers_404_without_an_exception()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r"));
        Assert.Equal(204, (await table.DeleteEntityAsync("p", "r")).Status);
        Assert.Equal(404, (await table.DeleteEntityAsync("p", "r")).Status);
    }

    [Fact]
    public async Task A_conditional_counter_loses_no_increment()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["Count"] = 0L });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var done = 0; done < 10;)
            {
                var row = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
                row["Count"] = row.GetInt64("Count") + 1;
                try
                {
                    await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
                    done++;
                }
                catch (RequestFailedException exception) when (exception.Status == 412)
                {
                    // Another writer was first: read again.
                }
            }
        }));

        Assert.Equal(40, (await table.GetEntityAsync<TableEntity>("p", "r")).Value.GetInt64("Count"));
    }

    [Fact]
    public async Task Selecting_leaves_the_other_properties_out()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1, ["B"] = 2, ["C"] = 3 });
        var read = (await table.GetEntityAsync<TableEntity>("p", "r", ["A", "C"])).Value;
        Assert.Equal((1, false, 3), (read.GetInt32("A"), read.ContainsKey("B"), read.GetInt32("C")));
    }

    [Fact]
    public async Task A_property_over_64_KiB_is_refused()
    {
        var table = await fixture.NewTableAsync();
        var text = new TableEntity("p", "r") { ["A"] = new string('x', 32 * 1024 + 1) };
        var binary = new TableEntity("p", "r") { ["A"] = new byte[64 * 1024 + 1] };
        foreach (var entity in new[] { text, binary })
        {
            var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(entity));
            Assert.Equal((400, "PropertyValueTooLarge"), (exception.Status, exception.ErrorCode));
        }
    }

    [Fact]
    public async Task An_entity_without_keys_is_refused()
    {
        var table = await fixture.NewTableAsync();
        foreach (var (entity, missing) in new[] { (new TableEntity { RowKey = "r" }, "PartitionKey"), (new TableEntity { PartitionKey = "p" }, "RowKey") })
        {
            await Assert.ThrowsAsync<ArgumentNullException>(missing, () => table.AddEntityAsync(entity));
            await Assert.ThrowsAsync<ArgumentNullException>(missing, () => table.UpsertEntityAsync(entity));
            await Assert.ThrowsAsync<ArgumentNullException>(missing, () => table.UpdateEntityAsync(entity, ETag.All));
        }
    }

    [Fact]
    public async Task Null_properties_are_not_stored()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = null, ["B"] = "" });
        var read = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
        Assert.Null(read["A"]);
        Assert.Equal("", read["B"]);
    }
}
