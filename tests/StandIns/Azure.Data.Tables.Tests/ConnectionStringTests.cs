namespace Azure.Data.Tables.Tests;

[Collection(TablesCollection.Name)]
public sealed class ConnectionStringTests(TablesFixture fixture)
{
    [Theory]
    [InlineData("UseDevelopmentStorage=true", "http://127.0.0.1:10002/devstoreaccount1", "devstoreaccount1")]
    [InlineData("AccountName=a;AccountKey=a2V5", "https://a.table.core.windows.net/", "a")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn", "https://a.table.core.chinacloudapi.cn/", "a")]
    [InlineData("AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:99/a;", "http://127.0.0.1:99/a", "a")]
    [InlineData("TableEndpoint=https://a.table.core.windows.net/;SharedAccessSignature=sv=2020&sig=x%3D", "https://a.table.core.windows.net/", "a")]
    public void The_endpoint_and_account_come_from_the_settings(string connectionString, string endpoint, string account)
    {
        var service = new TableServiceClient(connectionString);
        var table = new TableClient(connectionString, "things");
        Assert.Equal(endpoint.TrimEnd('/'), service.Uri.AbsoluteUri.TrimEnd('/'));
        Assert.Equal(endpoint.TrimEnd('/') + "/things", table.Uri.AbsoluteUri);
        Assert.Equal((account, account), (service.AccountName, table.AccountName));
    }

    [Theory]
    [InlineData("AccountName", typeof(InvalidOperationException))]
    [InlineData("AccountName=;AccountKey=a2V5", typeof(InvalidOperationException))]
    [InlineData("AccountName=a;;AccountKey=a2V5", typeof(InvalidOperationException))]
    [InlineData("AccountName=a;AccountName=b;AccountKey=a2V5", typeof(InvalidOperationException))]
    [InlineData("AccountName=a", typeof(ArgumentException))]
    [InlineData("AccountKey=a2V5", typeof(ArgumentException))]
    [InlineData("SharedAccessSignature=sig", typeof(ArgumentException))]
    [InlineData("TableEndpoint=https://a.table.core.windows.net/", typeof(ArgumentException))]
    [InlineData("UseDevelopmentStorage=True", typeof(ArgumentException))]
    [InlineData("AccountName=a;AccountKey=not base64!", typeof(FormatException))]
    [InlineData("", typeof(ArgumentException))]
    public void A_connection_string_without_a_way_in_is_refused(string connectionString, Type exception)
    {
        Assert.Throws(exception, () => new TableServiceClient(connectionString));
        Assert.Throws(exception, () => new TableClient(connectionString, "things"));
    }

    [Fact]
    public async Task A_key_signs_what_the_service_checks()
    {
        var endpoint = fixture.Azurite.TableEndpoint;
        var name = TablesFixture.NewName();
        await new TableServiceClient(endpoint, new TableSharedKeyCredential(McpServerless.Testing.Azurite.AccountName, McpServerless.Testing.Azurite.AccountKey))
            .CreateTableAsync(name);

        var wrongKey = new TableSharedKeyCredential(McpServerless.Testing.Azurite.AccountName, Convert.ToBase64String("another key"u8));
        var exception = await Assert.ThrowsAsync<RequestFailedException>(
            () => new TableClient(endpoint, name, wrongKey).AddEntityAsync(new TableEntity("p", "r")));
        Assert.Equal(403, exception.Status);
    }
}
