using Azure.Core;

namespace Azure.Data.Tables.Tests;

public sealed class CredentialTests
{
    private static readonly TableSharedKeyCredential Key = new("account", Convert.ToBase64String("key"u8));

    [Fact]
    public async Task A_token_is_asked_for_with_the_storage_scope_and_sent_as_bearer()
    {
        await using var server = await ScriptedServer.StartAsync(EntityAsync, https: true);
        var credential = new FakeCredential();

        await new TableClient(server.Endpoint, "things", credential, ScriptedServer.TrustingOptions()).GetEntityAsync<TableEntity>("p", "r");
        await new TableServiceClient(server.Endpoint, credential, ScriptedServer.TrustingOptions()).GetTableClient("things").GetEntityAsync<TableEntity>("p", "r");

        Assert.All(credential.Scopes, scope => Assert.Equal("https://storage.azure.com/.default", scope));
        Assert.Equal(2, server.Requests.Count);
        Assert.All(server.Requests, request =>
        {
            Assert.StartsWith("Bearer token-", request.Headers["Authorization"], StringComparison.Ordinal);
            Assert.Equal("2020-12-06", request.Headers["x-ms-version"]);
            Assert.Equal("3.0", request.Headers["DataServiceVersion"]);
            Assert.Contains("odata=minimalmetadata", request.Headers["Accept"], StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_client_asks_for_a_token_once()
    {
        await using var server = await ScriptedServer.StartAsync(EntityAsync, https: true);
        var credential = new FakeCredential();
        var table = new TableClient(server.Endpoint, "things", credential, ScriptedServer.TrustingOptions());
        await table.GetEntityAsync<TableEntity>("p", "r");
        await table.GetEntityAsync<TableEntity>("p", "r");
        Assert.Single(credential.Scopes);
    }

    [Fact]
    public async Task Another_cloud_has_another_scope()
    {
        await using var server = await ScriptedServer.StartAsync(EntityAsync, https: true);
        var credential = new FakeCredential();
        var options = ScriptedServer.TrustingOptions();
        options.Audience = TableAudience.AzureChina;
        await new TableClient(server.Endpoint, "things", credential, options).GetEntityAsync<TableEntity>("p", "r");
        Assert.Equal(["https://storage.azure.cn/.default"], credential.Scopes);
    }

    [Fact]
    public async Task A_token_is_never_sent_without_TLS()
    {
        await using var server = await ScriptedServer.StartAsync(EntityAsync);
        var table = new TableClient(server.Endpoint, "things", new FakeCredential(), ScriptedServer.TrustingOptions());
        await Assert.ThrowsAsync<InvalidOperationException>(() => table.GetEntityAsync<TableEntity>("p", "r"));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task The_older_service_version_is_sent_when_asked_for()
    {
        await using var server = await ScriptedServer.StartAsync(EntityAsync);
        var options = new TableClientOptions(TableClientOptions.ServiceVersion.V2019_02_02);
        await new TableClient(server.Endpoint, "things", Key, options).GetEntityAsync<TableEntity>("p", "r");
        Assert.Equal("2019-02-02", Assert.Single(server.Requests).Headers["x-ms-version"]);
    }

    [Fact]
    public async Task A_shared_access_signature_goes_into_the_query_once_per_try()
    {
        await using var server = await ScriptedServer.StartAsync(
            (context, before) => before == 0 ? ScriptedServer.ErrorAsync(context, 503, "ServerBusy") : EntityAsync(context, before));
        var service = new TableServiceClient(server.Endpoint, new AzureSasCredential("?sv=2020&sig=a%2Bb"), ScriptedServer.TrustingOptions(maxRetries: 1));

        await service.GetTableClient("things").GetEntityAsync<TableEntity>("p", "r");

        Assert.Equal(2, server.Requests.Count);
        Assert.All(server.Requests, request =>
        {
            Assert.EndsWith("&sv=2020&sig=a%2Bb", request.Target, StringComparison.Ordinal);
            Assert.Equal(2, request.Target.Split("sig=").Length);
            Assert.DoesNotContain("Authorization", request.Headers.Keys);
        });
    }

    [Fact]
    public async Task A_table_address_with_a_signature_names_the_table()
    {
        await using var server = await ScriptedServer.StartAsync(EntityAsync);
        var withCredential = new TableClient(new Uri(server.Endpoint, "account/things"), new AzureSasCredential("sig=x"), ScriptedServer.TrustingOptions());
        var withQuery = new TableClient(new Uri(server.Endpoint, "account/things?sig=x"), ScriptedServer.TrustingOptions());
        foreach (var table in new[] { withCredential, withQuery })
        {
            Assert.Equal("things", table.Name);
            await table.GetEntityAsync<TableEntity>("p", "r");
        }

        Assert.All(server.Requests, request => Assert.StartsWith("/account/things(PartitionKey='p',RowKey='r')?", request.Target, StringComparison.Ordinal));
        Assert.All(server.Requests, request => Assert.Equal(2, request.Target.Split("sig=x").Length));
    }

    [Fact]
    public void An_address_without_a_table_is_refused()
    {
        var credential = new AzureSasCredential("sig=x");
        Assert.Equal("things", new TableClient(new Uri("https://account.table.example/things"), credential).Name);
        Assert.Throws<ArgumentException>(() => new TableClient(new Uri("https://account.table.example/"), credential));
        Assert.Throws<ArgumentException>(() => new TableClient(new Uri("http://127.0.0.1:10002/account"), credential));
    }

    [Fact]
    public void A_signature_is_for_HTTPS_or_this_machine() =>
        Assert.Throws<ArgumentException>(() => new TableServiceClient(new Uri("http://account.table.example"), new AzureSasCredential("sig=x")));

    [Fact]
    public void Nothing_may_be_left_out()
    {
        var endpoint = new Uri("https://account.table.example");
        Assert.Throws<ArgumentNullException>(() => new TableServiceClient((string?)null));
        Assert.Throws<ArgumentNullException>(() => new TableServiceClient(endpoint, (TokenCredential?)null));
        Assert.Throws<ArgumentNullException>(() => new TableServiceClient(endpoint, (AzureSasCredential?)null));
        Assert.Throws<ArgumentNullException>(() => new TableClient(null, "things", new FakeCredential()));
    }

    private static Task EntityAsync(Microsoft.AspNetCore.Http.HttpContext context, int before) =>
        ScriptedServer.JsonAsync(context, """{"odata.etag":"W/\"1\"","PartitionKey":"p","RowKey":"r"}""");

    private sealed class FakeCredential : TokenCredential
    {
        public List<string> Scopes { get; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes.AddRange(requestContext.Scopes);
            return new AccessToken($"token-{Scopes.Count}", DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
