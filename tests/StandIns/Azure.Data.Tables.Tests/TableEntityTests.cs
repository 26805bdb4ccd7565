namespace Azure.Data.Tables.Tests;

public sealed class TableEntityTests
{
    [Fact]
    public void A_getter_answers_null_for_a_missing_property_and_refuses_another_type()
    {
        var entity = new TableEntity("p", "r") { ["Text"] = "1" };
        Assert.Null(entity.GetInt32("Missing"));
        Assert.Null(entity.GetString("Missing"));
        Assert.Null(entity["Missing"]);
        Assert.Throws<InvalidOperationException>(() => entity.GetInt32("Text"));
        Assert.Throws<InvalidOperationException>(() => entity.GetBinaryData("Text"));
    }

    [Fact]
    public void A_whole_number_put_over_a_long_or_a_double_keeps_the_type()
    {
        var entity = new TableEntity { ["Long"] = 1L, ["Double"] = 1.5, ["Int"] = 1 };
        entity["Long"] = 2;
        entity["Double"] = 2;
        entity["Int"] = 2L;
        Assert.Equal((2L, 2.0, 2L), (entity["Long"], entity["Double"], entity["Int"]));
    }

    [Fact]
    public void Dates_are_read_as_either_type()
    {
        var time = new DateTime(2026, 11, 21, 0, 0, 0, DateTimeKind.Utc);
        var entity = new TableEntity { ["Date"] = time, ["Offset"] = new DateTimeOffset(time) };
        Assert.Equal(new DateTimeOffset(time), entity.GetDateTimeOffset("Date"));
        Assert.Equal(time, entity.GetDateTime("Offset"));
    }

    [Fact]
    public void Keys_and_ETag_are_part_of_the_dictionary()
    {
        var entity = new TableEntity("p", "r") { ETag = new ETag("W/\"1\"") };
        Assert.Equal(("p", "r"), (entity["PartitionKey"], entity["RowKey"]));
        Assert.Equal(3, entity.Count);
        Assert.Equal("other", new TableEntity(entity) { RowKey = "other" }.RowKey);
        Assert.Equal("r", entity.RowKey);
        Assert.Equal(default, new TableEntity().ETag);
    }

    [Fact]
    public void Properties_are_removed_and_enumerated_as_in_any_dictionary()
    {
        var entity = new TableEntity { ["A"] = 1, ["B"] = 2 };
        Assert.True(entity.Remove("A"));
        Assert.False(entity.TryGetValue("A", out _));
        Assert.Equal([KeyValuePair.Create("B", (object)2)], entity);
        entity.Clear();
        Assert.Empty(entity);
    }
}
