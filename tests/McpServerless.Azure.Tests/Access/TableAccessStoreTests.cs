using System.Reflection;
using Azure.Data.Tables;
using McpServerless.Access;
using McpServerless.Azure.Access;
using McpServerless.Azure.Tests.Storage;

namespace McpServerless.Azure.Tests.Access;

[Collection(AzuriteCollection.Name)]
public sealed class TableAccessStoreTests(AzuriteFixture azurite) : AccessStoreSuite
{
    private readonly Account _account = azurite.NewAccount();

    protected override IAccessStore NewStore() => new TableAccessStore(_account.Open(), TimeProvider.System);

    [Theory]
    [InlineData("State", null)]
    [InlineData("State", "Retired")]
    [InlineData("State", "active")]
    [InlineData("State", "1")]
    [InlineData("State", "Active, Suspended")]
    [InlineData("State", 1)]
    [InlineData("ExpiresAt", null)]
    [InlineData("ExpiresAt", "2027-01-01")]
    [InlineData("DisplayName", null)]
    [InlineData("Owner", null)]
    [InlineData("Purpose", null)]
    [InlineData("Team", 7)]
    [InlineData("DataClassification", "secret")]
    [InlineData("History", "[{}]")]
    [InlineData("History", "null")]
    public async Task AClientThatCannotBeRead_MakesTheStoreUnavailable(string property, object? value)
    {
        var store = NewStore();
        await store.SaveClientAsync(Full, Ct);
        await SpoilAsync("Clients", property, value);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FindClientAsync(Tenant, "client-1", Ct));
        Assert.Contains($"Clients holds a row that cannot be read, '{Tenant}' / 'client-1': {property}", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Tools", null)]
    [InlineData("Tools", "")]
    [InlineData("Tools", "null")]
    [InlineData("Tools", "[1]")]
    [InlineData("Tools", "[null]")]
    [InlineData("Tools", "[\"a\"")]
    [InlineData("Prompts", "")]
    [InlineData("Prompts", "[null]")]
    [InlineData("Resources", "null")]
    [InlineData("Resources", 7)]
    [InlineData("ExpiresAt", null)]
    [InlineData("Justification", null)]
    [InlineData("Approver", null)]
    [InlineData("NextReview", "soon")]
    [InlineData("RequiredUserRole", true)]
    [InlineData("Effect", "deny")]
    [InlineData("Constraints", "[{}]")]
    [InlineData("Constraints", "{")]
    [InlineData("Context", """{"networks":"10.0.0.0/8"}""")]
    [InlineData("Context", """{"unknown":1}""")]
    [InlineData("ModelIds", "[null]")]
    public async Task AGrantThatCannotBeRead_MakesTheStoreUnavailable(string property, object? value)
    {
        var store = NewStore();
        await store.SaveGrantAsync(Grant(), Ct);
        await SpoilAsync("Grants", property, value);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadGrantsAsync("client-1", Ct));
        Assert.Contains($"Grants holds a row that cannot be read, 'client-1' / 'orders|g1': {property}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AGrantFromBeforeThereWerePromptsAndResources_IsReadWithoutThem()
    {
        var store = NewStore();
        await store.SaveGrantAsync(Grant(), Ct);
        await SpoilAsync("Grants", "Prompts", null);
        await SpoilAsync("Grants", "Resources", null);
        var grant = Assert.Single(await store.ReadGrantsAsync("client-1", Ct));
        Assert.Equal(Grant().Tools, grant.Tools);
        Assert.Empty(grant.Prompts);
        Assert.Empty(grant.Resources);
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("orders|g1|x")]
    [InlineData("orders|~")]
    public async Task AGrantWhoseKeyIsNotOurs_MakesTheStoreUnavailable(string rowKey)
    {
        var store = NewStore();
        await store.SaveGrantAsync(Grant(), Ct);
        var row = Assert.Single(await _account.RowsAsync("Grants"));
        row.RowKey = rowKey;
        await _account.Raw("Grants").AddEntityAsync(row);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadGrantsAsync("client-1", Ct));
    }

    [Fact]
    public async Task AnEpochWithoutAValue_MakesTheStoreUnavailable()
    {
        var store = NewStore();
        await store.BumpEpochAsync(Ct);
        await SpoilAsync("Epoch", "Value", null);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadEpochAsync(Ct));
    }

    /// <summary>A property that the types get later must not be forgotten here: it would come back as its default.</summary>
    [Fact]
    public async Task EveryPropertyOfClientsAndGrants_HasAPlaceInItsRow()
    {
        var store = NewStore();
        await store.SaveClientAsync(Full, Ct);
        await store.SaveGrantAsync(Grant(), Ct);
        var client = Assert.Single(await _account.RowsAsync("Clients"));
        var grant = Assert.Single(await _account.RowsAsync("Grants"));
        Assert.All(Names<Client>("TenantId", "ClientId"), name => Assert.True(client.ContainsKey(name), name));
        Assert.All(Names<Grant>("ClientId", "Server", "GrantId"), name => Assert.True(grant.ContainsKey(name), name));

        static IEnumerable<string> Names<T>(params string[] keys) =>
            typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name).Except(keys);
    }

    [Fact]
    public async Task ALostAnswer_IsMadeUpForByAnotherTry()
    {
        var lost = new LostAnswer(Requests.Write("Grants"));
        var store = new TableAccessStore(_account.Open(lost), TimeProvider.System);
        await NewStore().SaveGrantAsync(Grant(id: "other"), Ct);
        await store.SaveGrantAsync(Grant(), Ct);
        Assert.Equal(2, lost.Met);
        Assert.Equal(2, (await store.ReadGrantsAsync("client-1", Ct)).Count);
    }

    private async Task SpoilAsync(string table, string property, object? value)
    {
        var row = Assert.Single(await _account.RowsAsync(table));
        row.Remove(property);
        if (value is not null) row[property] = value;
        await _account.Raw(table).UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
    }
}
