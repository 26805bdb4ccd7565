namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class EdmTypeTests(TablesFixture fixture)
{
    public static TheoryData<object> Values =>
    [
        "", "text", "quote\" back\\slash </script> '&+ \u2028 \u2029 \u0001 \u007f \r\n\t", "Zürich 東京 😀", "{\"json\":[1]}", "PUT http://x HTTP/1.1",
        0, int.MaxValue, int.MinValue,
        0L, 5L, long.MaxValue, long.MinValue,
        0.5, 3.0, -0.25, 1e300, -1e-300, 12345678901234567890.0, double.NaN,
        true, false,
        Guid.Empty, new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        new DateTimeOffset(2026, 11, 21, 3, 4, 5, 678, TimeSpan.Zero).AddTicks(9012), new DateTimeOffset(1601, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Array.Empty<byte>(), new byte[] { 0, 1, 127, 128, 254, 255 },
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_keeps_its_type_through_add_merge_replace_and_transaction(object value)
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "add") { ["V"] = value });
        await table.UpsertEntityAsync(new TableEntity("p", "merge") { ["V"] = value });
        await table.UpsertEntityAsync(new TableEntity("p", "replace") { ["V"] = value }, TableUpdateMode.Replace);
        await table.SubmitTransactionAsync([new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", "transaction") { ["V"] = value })]);

        var read = await table.QueryAsync<TableEntity>().ToListAsync();

        Assert.Equal(["add", "merge", "replace", "transaction"], read.Select(entity => entity.RowKey));
        foreach (var entity in read.Append((await table.GetEntityAsync<TableEntity>("p", "add")).Value))
        {
            Assert.IsType(value.GetType(), entity["V"]);
            Assert.Equal(value, entity["V"]);
        }
    }

    [Fact]
    public async Task Dates_are_stored_in_UTC()
    {
        var table = await fixture.NewTableAsync();
        var inZone = new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.FromHours(5));
        var utc = new DateTime(2026, 11, 21, 5, 0, 0, DateTimeKind.Utc);
        await table.AddEntityAsync(new TableEntity("p", "r") { ["Zone"] = inZone, ["Utc"] = utc });

        var read = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.Equal(inZone, read.GetDateTimeOffset("Zone"));
        Assert.Equal(TimeSpan.Zero, read.GetDateTimeOffset("Zone")?.Offset);
        Assert.Equal((utc, DateTimeKind.Utc), (read.GetDateTime("Utc"), read.GetDateTime("Utc")?.Kind));
    }

    [Theory]
    [InlineData(DateTimeKind.Local)]
    [InlineData(DateTimeKind.Unspecified)]
    public async Task A_date_whose_zone_is_not_UTC_is_refused_before_it_is_sent(DateTimeKind kind)
    {
        var table = await fixture.NewTableAsync();
        var entity = new TableEntity("p", "r") { ["V"] = new DateTime(2026, 11, 21, 5, 0, 0, kind) };
        await Assert.ThrowsAsync<NotSupportedException>(() => table.AddEntityAsync(entity));
    }

    [Fact]
    public async Task BinaryData_and_unsigned_numbers_are_read_back_as_the_service_knows_them()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["Binary"] = BinaryData.FromBytes(new byte[] { 1, 2 }), ["Unsigned"] = 7UL });
        var read = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
        Assert.Equal([1, 2], read.GetBinary("Binary"));
        Assert.Equal([1, 2], read.GetBinaryData("Binary").ToArray());
        Assert.Equal(7L, read["Unsigned"]);
    }

    [Fact]
    public async Task An_enum_in_a_TableEntity_is_refused_before_it_is_sent()
    {
        var table = await fixture.NewTableAsync();
        await Assert.ThrowsAsync<NotSupportedException>(() => table.AddEntityAsync(new TableEntity("p", "r") { ["V"] = DayOfWeek.Friday }));
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public async Task An_infinite_number_is_refused_before_it_is_sent(double value)
    {
        var table = await fixture.NewTableAsync();
        var entity = new TableEntity("p", "r") { ["V"] = value };
        await Assert.ThrowsAsync<ArgumentException>(() => table.AddEntityAsync(entity));
        await Assert.ThrowsAsync<ArgumentException>(() => table.SubmitTransactionAsync([new TableTransactionAction(TableTransactionActionType.Add, entity)]));
    }

    [Fact]
    public async Task Rows_as_the_ledger_writes_them_come_back_whole()
    {
        var table = await fixture.NewTableAsync();
        var entity = new TableEntity("p", "r");
        for (var index = 0; index < 100; index++)
            entity[$"Field{index}"] = new string((char)('a' + index % 26), 1000);
        await table.AddEntityAsync(entity);

        var read = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.All(Enumerable.Range(0, 100), index => Assert.Equal(entity[$"Field{index}"], read[$"Field{index}"]));
    }

    [Fact]
    public async Task Types_are_read_in_whichever_order_the_answer_has_them()
    {
        await using var server = await ScriptedServer.StartAsync((context, _) => ScriptedServer.JsonAsync(
            context,
            """
            {"odata.metadata":"https://x/$metadata#things/@Element","odata.etag":"W/\"1\"","PartitionKey":"p","RowKey":"r",
             "Timestamp":"2026-11-21T05:00:00.1234567Z","A@odata.type":"Edm.Int64","B":"2","A":"1","B@odata.type":"Edm.Int64",
             "C":3.0,"D":4,"E":5000000000,"F":"6","G":null}
            """));

        var read = (await server.Table().GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.Equal((1L, 2L, 3.0, 4, 5000000000L, "6", null), (read["A"], read["B"], read["C"], read["D"], read["E"], read["F"], read["G"]));
        Assert.Equal(new ETag("W/\"1\""), read.ETag);
        Assert.Equal(1234567, read.Timestamp?.Ticks % TimeSpan.TicksPerSecond);
        Assert.DoesNotContain(read.Keys, key => key.StartsWith("odata.m", StringComparison.Ordinal) || key.EndsWith("@odata.type", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Edm.String", "\"x\"")]
    [InlineData("Edm.Int32", "1")]
    [InlineData("Edm.Boolean", "true")]
    [InlineData("Edm.Decimal", "\"1\"")]
    public async Task Types_that_the_service_does_not_write_are_not_read(string type, string json)
    {
        await using var server = await ScriptedServer.StartAsync((context, _) => ScriptedServer.JsonAsync(
            context, $$"""{"odata.etag":"W/\"1\"","PartitionKey":"p","RowKey":"r","V@odata.type":"{{type}}","V":{{json}}}"""));
        await Assert.ThrowsAsync<NotSupportedException>(() => server.Table().GetEntityAsync<TableEntity>("p", "r"));
    }
}
