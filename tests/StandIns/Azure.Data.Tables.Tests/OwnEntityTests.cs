using System.Diagnostics.CodeAnalysis;
using System.Runtime.Serialization;

namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class OwnEntityTests(TablesFixture fixture)
{
    [Fact]
    public async Task An_own_class_keeps_every_property()
    {
        var table = await fixture.NewTableAsync();
        var row = new Row
        {
            PartitionKey = "p",
            RowKey = "r",
            Text = "Zürich",
            Int = -1,
            Long = long.MaxValue,
            Unsigned = 7,
            Double = 2,
            NotANumber = double.NaN,
            Truth = true,
            Id = Guid.NewGuid(),
            Time = new DateTimeOffset(2026, 11, 21, 1, 2, 3, TimeSpan.Zero),
            Date = new DateTime(2026, 11, 21, 1, 2, 3, DateTimeKind.Utc),
            Bytes = [1, 2, 3],
            Binary = BinaryData.FromBytes(new byte[] { 4, 5 }),
            Day = DayOfWeek.Friday,
            Renamed = "renamed",
            Hidden = "hidden",
            Field = "field",
        };
        await table.AddEntityAsync(row);

        var read = (await table.GetEntityAsync<Row>("p", "r")).Value;

        Assert.Equal(("p", "r", row.Text, row.Int, row.Long), (read.PartitionKey, read.RowKey, read.Text, read.Int, read.Long));
        Assert.Equal((row.Unsigned, row.Double, row.NotANumber, row.Truth), (read.Unsigned, read.Double, read.NotANumber, read.Truth));
        Assert.Equal((row.Id, row.Time, row.Date, row.Day), (read.Id, read.Time, read.Date, read.Day));
        Assert.Equal(DateTimeKind.Utc, read.Date.Kind);
        Assert.Equal(row.Bytes, read.Bytes);
        Assert.Equal(row.Binary.ToArray(), read.Binary?.ToArray());
        Assert.Equal(("renamed", null, "field", null, null), (read.Renamed, read.Hidden, read.Field, read.MaybeInt, read.MaybeTime));
        Assert.NotEqual(default, read.ETag);
        Assert.NotNull(read.Timestamp);
    }

    [Fact]
    public async Task An_own_class_is_stored_under_the_names_and_types_that_the_service_knows()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new Row { PartitionKey = "p", RowKey = "r", Renamed = "x", Hidden = "y", Day = DayOfWeek.Monday, Double = 1, MaybeInt = 5 });
        var read = (await table.GetEntityAsync<TableEntity>("p", "r")).Value;
        Assert.Equal(("x", false, "Monday", 1.0, 5), (read["name_in_table"], read.ContainsKey("Hidden"), read["Day"], read["Double"], read["MaybeInt"]));
        Assert.False(read.ContainsKey("Renamed") || read.ContainsKey("ETag"));
    }

    [Fact]
    public async Task A_row_with_other_properties_leaves_the_defaults()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["Unknown"] = 1, ["UnknownId"] = Guid.Empty, ["Day"] = "Someday", ["Text"] = "t" });
        var read = (await table.GetEntityAsync<Row>("p", "r")).Value;
        Assert.Equal((0, default(DayOfWeek), "t"), (read.Int, read.Day, read.Text));
    }

    [Fact]
    public async Task An_interface_implemented_explicitly_still_carries_the_keys()
    {
        var table = await fixture.NewTableAsync();
        var entity = new ExplicitRow { Value = 7 };
        ((ITableEntity)entity).PartitionKey = "p";
        ((ITableEntity)entity).RowKey = "r";
        await table.AddEntityAsync(entity);

        var read = await table.QueryAsync<ExplicitRow>().SingleAsync();

        Assert.Equal(("p", "r", 7), (((ITableEntity)read).PartitionKey, ((ITableEntity)read).RowKey, read.Value));
        Assert.NotEqual(default, ((ITableEntity)read).ETag);
    }

    [Fact]
    public async Task The_ETag_of_an_own_class_guards_its_update()
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new Row { PartitionKey = "p", RowKey = "r" });
        var read = (await table.GetEntityAsync<Row>("p", "r")).Value;
        read.Int = 2;
        await table.UpdateEntityAsync(read, read.ETag, TableUpdateMode.Replace);
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.UpdateEntityAsync(read, read.ETag, TableUpdateMode.Replace));
        Assert.Equal(412, exception.Status);
    }

    private sealed class Row : ITableEntity
    {
        public string PartitionKey { get; set; } = "";
        public string RowKey { get; set; } = "";
        public DateTimeOffset? Timestamp { get; set; }
        public ETag ETag { get; set; }
        public string? Text { get; set; }
        public int Int { get; set; }
        public int? MaybeInt { get; set; }
        public long Long { get; set; }
        public ulong Unsigned { get; set; }
        public double Double { get; set; }
        public double NotANumber { get; set; }
        public bool Truth { get; set; }
        public Guid Id { get; set; }
        public DateTimeOffset Time { get; set; } = DateTimeOffset.UnixEpoch;
        public DateTimeOffset? MaybeTime { get; set; }
        public DateTime Date { get; set; } = DateTime.UnixEpoch;
        public byte[]? Bytes { get; set; }
        public BinaryData? Binary { get; set; }
        public DayOfWeek Day { get; set; }

        [DataMember(Name = "name_in_table")]
        public string? Renamed { get; set; }

        [IgnoreDataMember]
        public string? Hidden { get; set; }

        [SuppressMessage("Design", "CA1051", Justification = "A field is what the test is about.")]
        public string? Field;
    }

    private sealed class ExplicitRow : ITableEntity
    {
        public int Value { get; set; }
        string ITableEntity.PartitionKey { get; set; } = "";
        string ITableEntity.RowKey { get; set; } = "";
        DateTimeOffset? ITableEntity.Timestamp { get; set; }
        ETag ITableEntity.ETag { get; set; }
    }
}
