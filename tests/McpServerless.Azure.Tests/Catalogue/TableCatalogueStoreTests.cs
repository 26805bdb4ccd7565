using System.Reflection;
using Azure.Core;
using Azure.Data.Tables;
using McpServerless.Azure.Catalogue;
using McpServerless.Azure.Storage;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Catalogue;

namespace McpServerless.Azure.Tests.Catalogue;

[Collection(AzuriteCollection.Name)]
public sealed class TableCatalogueStoreTests(AzuriteFixture azurite) : CatalogueStoreSuite
{
    private readonly Account _account = azurite.NewAccount();

    /// <summary>The switch is the only write of the catalogue that is not a transaction.</summary>
    private static readonly Func<Request, bool> Switch = Requests.Write("Catalogue");

    protected override ICatalogueStore NewStore() => Store(_account.Open());

    private static TableCatalogueStore Store(TableSet tables) => new(tables, TimeProvider.System);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task OfTwoThatSwitchAtTheSameMoment_OneWins_AndTheOthersRowsAreNeverServed(int published)
    {
        for (var i = 0; i < published; i++) await NewStore().PublishAsync(Content(Tool("old")), i, Ct);
        var together = new Rendezvous(Switch, parties: 2);
        var store = Store(_account.Open(together));
        CatalogueVersion[] contents = [Content(Tool("a1"), Tool("a2")), Content(Tool("b"))];
        var numbers = await Task.WhenAll(contents.Select(c => store.PublishAsync(c, published, Ct).AsTask()));

        var winner = numbers[0] is null ? 1 : 0;
        Assert.Equal(published + 1, numbers[winner]);
        Assert.Null(numbers[1 - winner]);
        Assert.Equal(Text(contents[winner]), Text(await NewStore().ReadActiveAsync(Ct)));
        Assert.Equal(published + 2, await NewStore().PublishAsync(Content(Tool("next")), published + 1, Ct));
        Assert.Equal(Text(Content(Tool("next"))), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task ACrashBetweenRowsAndPointer_LeavesTheOldVersion_AndItsRowsAreNeverServed(int published)
    {
        for (var i = 0; i < published; i++) await NewStore().PublishAsync(Content(Tool("old")), i, Ct);
        var store = Store(_account.OpenWithoutRetries(new LostRequest(Switch)));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PublishAsync(Content(Tool("dead1"), Tool("dead2")), published, Ct));

        Assert.Contains(await _account.RowsAsync("Catalogue"), r => r.RowKey == "tool|orders|dead1");
        Assert.Equal(published, (await NewStore().ReadActiveAsync(Ct))?.Number ?? 0);
        Assert.Equal(published + 1, await NewStore().PublishAsync(Content(Tool("alive")), published, Ct));
        Assert.Equal(Text(Content(Tool("alive"))), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task ACrashAmongTheRows_LeavesTheOldVersion()
    {
        await NewStore().PublishAsync(Content(Tool("old")), 0, Ct);
        var content = Content([.. Enumerable.Range(0, 250).Select(i => Tool($"t{i}"))]);
        var store = Store(_account.OpenWithoutRetries(new LostRequest(Requests.Transaction, from: 2)));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PublishAsync(content, 1, Ct));
        Assert.Equal(Text(Content(Tool("old"))), Text(await NewStore().ReadActiveAsync(Ct)));
        Assert.Equal(2, await NewStore().PublishAsync(content, 1, Ct));
        Assert.Equal(Text(content), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WhenTheAnswerToTheSwitchIsLost_ItCountsAsDone(int published)
    {
        for (var i = 0; i < published; i++) await NewStore().PublishAsync(Content(Tool("old")), i, Ct);
        var lost = new LostAnswer(Switch);
        Assert.Equal(published + 1, await Store(_account.Open(lost)).PublishAsync(Content(Tool("a")), published, Ct));
        Assert.Equal(2, lost.Met);
        Assert.Equal(published + 2, await Store(_account.OpenWithoutRetries(new LostAnswer(Switch))).PublishAsync(Content(Tool("b")), published + 1, Ct));
        Assert.Equal(Text(Content(Tool("b"))), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task WhenNobodyCanTellWhetherItSwitched_TheMessageSaysSo()
    {
        var store = Store(_account.OpenWithoutRetries(new LostAnswer(Switch), new LostRequest(Requests.Find("Catalogue"), from: 2)));
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PublishAsync(Content(Tool("a")), 0, Ct));
        Assert.Contains("may have become active", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhenTheAnswerToRowsIsLost_TheyAreWrittenAgain()
    {
        var lost = new LostAnswer(Requests.Transaction, times: 2);
        Assert.Equal(1, await Store(_account.Open(lost)).PublishAsync(Content(Tool("a")), 0, Ct));
        Assert.Equal(Text(Content(Tool("a"))), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task PointingBack_IsOneWrite_AndItsNumberIsNotGivenAgain()
    {
        await NewStore().PublishAsync(Content(Tool("first")), 0, Ct);
        var first = (await PointerAsync()).GetString("Partition");
        await NewStore().PublishAsync(Content(Tool("second")), 1, Ct);

        var pointer = await PointerAsync();
        pointer["Partition"] = first;
        await _account.Raw("Catalogue").UpdateEntityAsync(pointer, pointer.ETag, TableUpdateMode.Replace);

        var read = await NewStore().ReadActiveAsync(Ct);
        Assert.Equal(1, read?.Number);
        Assert.Equal(Text(Content(Tool("first"))), Text(read));
        Assert.Equal(3, await NewStore().PublishAsync(Content(Tool("third")), 1, Ct));
        Assert.Equal(3, (await NewStore().ReadActiveAsync(Ct))?.Number);
    }

    [Fact]
    public async Task WhatARowCannotHold_IsAFaultOfTheCaller_AndNothingIsWritten()
    {
        var tooLong = Content(Tool("ok"), Tool("long", $$"""{"description":"{{new string('x', ChunkedText.MaxLength)}}"}"""));
        var fault = await Assert.ThrowsAsync<ArgumentException>(async () => await NewStore().PublishAsync(tooLong, 0, Ct));
        Assert.Contains("tool|orders|long", fault.Message, StringComparison.Ordinal);
        Assert.Equal(1, await NewStore().PublishAsync(Content(), 0, Ct));
        Assert.DoesNotContain(await _account.RowsAsync("Catalogue"), r => r.RowKey == "tool|orders|ok");
    }

    [Fact]
    public async Task TheLongestObject_IsTaken()
    {
        var content = Content(Tool("long", $$"""{"description":"{{new string('x', ChunkedText.MaxLength - 500)}}"}"""));
        Assert.Equal(1, await NewStore().PublishAsync(content, 0, Ct));
        Assert.Equal(Text(content), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Theory]
    [InlineData("\"State\":\"Active\"", "\"State\":\"Paused\"")]
    [InlineData("\"State\":\"Active\"", "\"State\":2")]
    [InlineData("\"State\":\"Active\"", "\"State\":null")]
    [InlineData("\"State\":\"Active\",", "")]
    [InlineData("\"Sensitivity\":\"Medium\",", "")]
    [InlineData("\"Audit\":\"Default\",", "")]
    [InlineData("\"Team\":", "\"Crew\":")]
    [InlineData("\"Hash\":\"0123abcd\"", "\"Hash\":null")]
    [InlineData("\"Hash\":", "\"Hash\":\"1\",\"Hash\":")]
    [InlineData("}", "")]
    public async Task AToolThatCannotBeRead_MakesTheStoreUnavailable(string text, string instead)
    {
        await NewStore().PublishAsync(Content(Tool("a")), 0, Ct);
        await ChangeAsync("tool|orders|a", row =>
        {
            var json = row.GetString("Json00");
            Assert.Contains(text, json, StringComparison.Ordinal);
            row["Json00"] = json.Replace(text, instead, StringComparison.Ordinal);
        });
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await NewStore().ReadActiveAsync(Ct));
        Assert.Contains("tool|orders|a", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tool|orders|a")]
    [InlineData("upstream|orders")]
    [InlineData("server|shop")]
    [InlineData("version")]
    public async Task AVersionWithARowMissing_MakesTheStoreUnavailable(string rowKey)
    {
        await NewStore().PublishAsync(Content(Tool("a"), Tool("b")), 0, Ct);
        var row = Assert.Single(await _account.RowsAsync("Catalogue"), r => r.RowKey == rowKey);
        await _account.Raw("Catalogue").DeleteEntityAsync(row.PartitionKey, row.RowKey);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await NewStore().ReadActiveAsync(Ct));
        Assert.Contains(row.PartitionKey, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARowOfAKindThatIsNotKnown_MakesTheStoreUnavailable()
    {
        await NewStore().PublishAsync(Content(Tool("a")), 0, Ct);
        var row = (await _account.RowsAsync("Catalogue")).First(r => r.RowKey == "tool|orders|a");
        await _account.Raw("Catalogue").AddEntityAsync(new TableEntity(row.PartitionKey, "policy|x"));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await NewStore().ReadActiveAsync(Ct));
    }

    [Theory]
    [InlineData("Partition", null)]
    [InlineData("Partition", "no-number")]
    [InlineData("Partition", "0000000001-elsewhere")]
    [InlineData("Highest", null)]
    [InlineData("Highest", "1")]
    public async Task APointerThatCannotBeFollowed_MakesTheStoreUnavailable(string property, object? value)
    {
        await NewStore().PublishAsync(Content(Tool("a")), 0, Ct);
        await ChangeAsync("active", row =>
        {
            row.Remove(property);
            if (value is not null) row[property] = value;
        });
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await NewStore().ReadActiveAsync(Ct));
    }

    [Fact]
    public async Task AServerFromBeforeThereWerePromptsAndResources_IsReadWithoutThem()
    {
        await NewStore().PublishAsync(Content(Tool("a")), 0, Ct);
        await ChangeAsync("server|shop", row =>
        {
            const string Since = ",\"Prompts\":[],\"Resources\":[],\"ClientRequests\":[\"Elicitation\"]";
            var json = row.GetString("Json00");
            Assert.Contains(Since, json, StringComparison.Ordinal);
            row["Json00"] = json.Replace(Since, "", StringComparison.Ordinal);
        });

        Assert.Equal(Text(Content(Tool("a"))), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Theory]
    [InlineData("[\"Elicitation\"]", "[\"Passwords\"]")]
    [InlineData("[\"Elicitation\"]", "[0]")]
    [InlineData("[\"Elicitation\"]", "null")]
    public async Task AServerThatCannotBeRead_MakesTheStoreUnavailable(string text, string instead)
    {
        await NewStore().PublishAsync(Content(Tool("a")), 0, Ct);
        await ChangeAsync("server|shop", row => row["Json00"] = row.GetString("Json00").Replace(text, instead, StringComparison.Ordinal));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await NewStore().ReadActiveAsync(Ct));
    }

    /// <summary>A property that the types get later must not be forgotten here: it would come back as its default.</summary>
    private static readonly string[] OfToolsAlone =
        [nameof(ContractRow.Http), nameof(ContractRow.Accepted), nameof(ContractRow.Budget), nameof(ContractRow.Output), nameof(ContractRow.AdditionalArguments)];

    [Fact]
    public void EveryPropertyOfTheCatalogue_HasAPlaceInItsRow()
    {
        Assert.Equal(Names<Upstream>(), Names<UpstreamRow>());
        Assert.Equal(Names<ToolContract>(), Names<ContractRow>());
        Assert.Equal(Names<PromptContract>(), Names<ContractRow>().Except(OfToolsAlone));
        Assert.Equal(Names<ResourceContract>().Except([nameof(ResourceContract.IsTemplate)]), Names<ContractRow>().Except(OfToolsAlone));
        Assert.Equal(Names<VirtualServer>(), Names<ServerRow>());
        Assert.Equal(Names<FeatureSelection>(), Names<SelectionRow>());
        Assert.Equal(Names<ResourceSelection>(), Names<ResourceSelectionRow>());

        static IEnumerable<string> Names<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name).Order();
    }

    private async Task<TableEntity> PointerAsync() => await _account.Raw("Catalogue").GetEntityAsync<TableEntity>("active", "active");

    private async Task ChangeAsync(string rowKey, Action<TableEntity> change)
    {
        var row = Assert.Single(await _account.RowsAsync("Catalogue"), r => r.RowKey == rowKey);
        change(row);
        await _account.Raw("Catalogue").UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
    }
}
