namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class FilterTests(TablesFixture fixture)
{
    private static readonly Guid Id = new("0f8fad5b-d9cb-469f-a165-70867728950e");
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 10, 30, 0, TimeSpan.FromHours(2));

    public static TheoryData<FormattableString, string> Literals => new()
    {
        { $"A eq {"O'Brien"}", "A eq 'O''Brien'" },
        { $"A eq {"' or '1' eq '1"}", "A eq ''' or ''1'' eq ''1'" },
        { $"A eq {'\''}", "A eq ''''" },
        { $"A eq {5}", "A eq 5" },
        { $"A eq {5L}", "A eq 5L" },
        { $"A eq {0.5}", "A eq 0.5" },
        { $"A eq {true} or B eq {false}", "A eq true or B eq false" },
        { $"A eq {Id}", "A eq guid'0f8fad5b-d9cb-469f-a165-70867728950e'" },
        { $"A eq {new byte[] { 0, 10, 255 }}", "A eq X'000AFF'" },
        { $"A eq {BinaryData.FromBytes(new byte[] { 171 })}", "A eq X'AB'" },
        { $"A eq {null}", "A eq null" },
        { $"no values", "no values" },
    };

    [Theory]
    [MemberData(nameof(Literals))]
    public void Values_become_OData_literals(FormattableString filter, string expected)
    {
        Assert.Equal(expected, TableClient.CreateQueryFilter(filter));
        Assert.Equal(expected, TableServiceClient.CreateQueryFilter(filter));
    }

    [Fact]
    public void Dates_become_literals_in_UTC()
    {
        Assert.StartsWith("A eq datetime'2026-11-21T08:30:00", TableClient.CreateQueryFilter($"A eq {Time}"), StringComparison.Ordinal);
        Assert.EndsWith("Z'", TableClient.CreateQueryFilter($"A eq {Time.UtcDateTime}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_without_a_literal_is_refused() =>
        Assert.Throws<ArgumentException>(() => TableClient.CreateQueryFilter($"A eq {new object()}"));

    public static TheoryData<FormattableString> Matching => new()
    {
        $"Text eq {"O'Brien & 100% +"}",
        $"Text gt {"O"} and Text lt {"P"}",
        $"Int eq {5} and Int lt {6} and not (Int gt {5})",
        $"Long eq {5_000_000_000L}",
        $"Long gt {4_999_999_999L}",
        $"Double gt {1.25} and Double lt {1.75}",
        $"Truth eq {true}",
        $"Id eq {Id}",
        $"Time eq {Time}",
        $"Time ge {Time.AddSeconds(-1)} and Time lt {Time.AddSeconds(1)}",
        $"Bytes eq {new byte[] { 1, 2, 255 }}",
        $"PartitionKey eq {"p"} and RowKey ge {"match"} and RowKey lt {"matci"}",
        $"(Int eq {7} or Int eq {5}) and Text ne {"x"}",
    };

    [Theory]
    [MemberData(nameof(Matching))]
    public async Task A_filter_finds_what_matches_and_nothing_else(FormattableString filter)
    {
        var table = await fixture.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "match")
        {
            ["Text"] = "O'Brien & 100% +",
            ["Int"] = 5,
            ["Long"] = 5_000_000_000L,
            ["Double"] = 1.5,
            ["Truth"] = true,
            ["Id"] = Id,
            ["Time"] = Time,
            ["Bytes"] = new byte[] { 1, 2, 255 },
        });
        await table.AddEntityAsync(new TableEntity("p", "other")
        {
            ["Text"] = "x",
            ["Int"] = 50,
            ["Long"] = 1L,
            ["Double"] = 9.5,
            ["Truth"] = false,
            ["Id"] = Guid.Empty,
            ["Time"] = Time.AddDays(1),
            ["Bytes"] = new byte[] { 9 },
        });

        var found = await table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter(filter)).ToListAsync();

        Assert.Equal(["match"], found.Select(entity => entity.RowKey));
    }
}
