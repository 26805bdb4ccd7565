using Azure.Data.Tables;
using McpServerless.Audit;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Tests.Storage;

namespace McpServerless.Azure.Tests.Audit;

[Collection(AzuriteCollection.Name)]
public sealed class TableAuditStoreTests(AzuriteFixture azurite) : AuditStoreSuite
{
    private readonly Account _account = azurite.NewAccount();

    protected override IAuditStore NewStore() => new TableAuditStore(_account.Open());

    [Fact]
    public async Task WhenTheAnswerToAnAppendIsLost_AnotherTryFindsItDone()
    {
        await NewStore().AppendAsync(Segment(client: "first"), Ct);
        var lost = new LostAnswer(Requests.Insert("Audit"));
        await new TableAuditStore(_account.Open(lost)).AppendAsync(Segment(), Ct);
        Assert.Equal(2, lost.Met);
        Assert.Single(await ReadAsync(NewStore()));
    }

    [Fact]
    public async Task WhenEveryAnswerIsLost_TheStoreIsUnavailable_AndSendingAgainIsNoError()
    {
        await NewStore().AppendAsync(Segment(client: "first"), Ct);
        var store = new TableAuditStore(_account.OpenWithoutRetries(new LostAnswer(Requests.Insert("Audit"))));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.AppendAsync(Segment(), Ct));
        Assert.Single(await ReadAsync(NewStore()));
        await store.AppendAsync(Segment(), Ct);
        Assert.Single(await ReadAsync(NewStore()));
    }

    [Fact]
    public async Task WhenTheRowThatIsInTheWayCannotBeRead_NothingIsClaimed()
    {
        await NewStore().AppendAsync(Segment(), Ct);
        var store = new TableAuditStore(_account.OpenWithoutRetries(new LostRequest(Requests.Find("Audit"), times: 1)));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.AppendAsync(Segment(), Ct));
        await store.AppendAsync(Segment(), Ct);
    }

    [Fact]
    public async Task AClientIsListed_BeforeItsFirstSegmentIsWritten()
    {
        var store = new TableAuditStore(_account.OpenWithoutRetries(new LostRequest(Requests.Insert("Audit"))));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.AppendAsync(Segment(), Ct));
        Assert.Equal(["client-1"], await ClientsAsync(NewStore()));
        Assert.Empty(await ReadAsync(NewStore()));
    }

    [Fact]
    public async Task WhenAClientCannotBeListed_NoSegmentIsWritten_AndTheNextTryListsIt()
    {
        var store = new TableAuditStore(_account.OpenWithoutRetries(new LostRequest(Requests.Write("AuditClients"), times: 1)));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.AppendAsync(Segment(), Ct));
        Assert.Empty(await ReadAsync(NewStore()));
        await store.AppendAsync(Segment(), Ct);
        Assert.Equal(["client-1"], await ClientsAsync(NewStore()));
    }

    [Fact]
    public async Task AClientIsListedOnceADay_ThenEachSegmentCostsOneRequest()
    {
        await NewStore().AppendAsync(Segment(client: "first"), Ct);
        var listed = new Counted(Requests.Write("AuditClients"));
        var all = new Counted(_ => true);
        var store = new TableAuditStore(_account.Open(listed, all));
        for (var first = 1; first <= 5; first++) await store.AppendAsync(Segment(first), Ct);
        Assert.Equal((1, 6), (listed.Met, all.Met));
        await store.AppendAsync(Segment(day: "20261122"), Ct);
        Assert.Equal((2, 8), (listed.Met, all.Met));
    }

    [Fact]
    public async Task MoreClientsThanAreRemembered_AreListedAgain_WhichChangesNothing()
    {
        var listed = new Counted(Requests.Write("AuditClients"));
        await NewStore().AppendAsync(Segment(client: "first"), Ct);
        var store = new TableAuditStore(_account.Open(listed)) { MaxRemembered = 2 };
        foreach (var client in new[] { "a", "b", "a", "c", "a" }) await store.AppendAsync(Segment(client: client), Ct);
        Assert.Equal(4, listed.Met);
        Assert.Equal(["a", "b", "c", "first"], await ClientsAsync(store));
    }

    [Theory]
    [InlineData("Count", null)]
    [InlineData("Count", 0)]
    [InlineData("Count", 101)]
    [InlineData("Count", 3)]
    [InlineData("Count", "2")]
    [InlineData("LastHash", null)]
    [InlineData("Lines00", null)]
    [InlineData("Lines00", 5)]
    [InlineData("Lines00", "{}\n[]\n")]
    [InlineData("Lines00", new byte[] { (byte)'{', (byte)'}', (byte)'\n', (byte)'[' })]
    [InlineData("Lines01", new byte[] { (byte)'1', (byte)'\n' })]
    public async Task ASegmentThatCannotBeRead_MakesTheStoreUnavailable(string property, object? value)
    {
        var store = NewStore();
        await store.AppendAsync(Segment(records: ["{}", "[]"]), Ct);
        var row = Assert.Single(await _account.RowsAsync("Audit"));
        row.Remove(property);
        if (value is not null) row[property] = value;
        await _account.Raw("Audit").UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => ReadAsync(store));
        Assert.Contains($"'{Day}|client-1' / '{Writer}|000000000001'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASegmentWithoutRecords_IsAFaultOfTheCaller() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await NewStore().AppendAsync(Segment() with { Records = [] }, Ct));
}
