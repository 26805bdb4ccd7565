using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Tests.Storage;

public sealed class StorageOptionsTests
{
    private const string Key = "c2VjcmV0c2VjcmV0";
    private const string Account = $"AccountName=a;AccountKey={Key}";

    [Theory]
    [InlineData("TableServiceUri=https://a.table.core.windows.net")]
    [InlineData("ConnectionString=UseDevelopmentStorage=true")]
    [InlineData($"ConnectionString=DefaultEndpointsProtocol=https;{Account};EndpointSuffix=core.windows.net")]
    [InlineData($"ConnectionString=DefaultEndpointsProtocol=http;{Account};TableEndpoint=http://127.0.0.1:1/a;")]
    [InlineData($"ConnectionString={Account};TableEndpoint=http://localhost:1/a;", "TablePrefix=Prod1")]
    public void OneAccountReachedSafely_IsTaken(params string[] settings) => Assert.NotNull(Options(settings));

    [Theory]
    [InlineData("Set Storage:TableServiceUri")]
    [InlineData("not both", "TableServiceUri=https://a.table.core.windows.net", "ConnectionString=UseDevelopmentStorage=true")]
    [InlineData("must be an absolute https address", "TableServiceUri=http://a.table.core.windows.net")]
    [InlineData("must be an absolute https address", "TableServiceUri=http://127.0.0.1:10002/a")]
    [InlineData("must be an absolute https address", "TableServiceUri=account")]
    [InlineData("is not a connection string", "ConnectionString=nonsense")]
    [InlineData("is not a connection string", $"ConnectionString=AccountKey={Key}")]
    [InlineData("must use https", $"ConnectionString=DefaultEndpointsProtocol=http;{Account};EndpointSuffix=core.windows.net")]
    [InlineData("must use https", $"ConnectionString={Account};TableEndpoint=http://a.table.core.windows.net;")]
    [InlineData("TablePrefix must be a letter", "ConnectionString=UseDevelopmentStorage=true", "TablePrefix=1a")]
    [InlineData("TablePrefix must be a letter", "ConnectionString=UseDevelopmentStorage=true", "TablePrefix=a-b")]
    [InlineData("NetworkTimeoutMilliseconds", "ConnectionString=UseDevelopmentStorage=true", "NetworkTimeoutMilliseconds=0")]
    [InlineData("MaxRetries", "ConnectionString=UseDevelopmentStorage=true", "MaxRetries=11")]
    [InlineData("RetryDelayMilliseconds", "ConnectionString=UseDevelopmentStorage=true", "RetryDelayMilliseconds=1")]
    [InlineData("MaxRetryDelayMilliseconds", "ConnectionString=UseDevelopmentStorage=true", "MaxRetryDelayMilliseconds=70000")]
    public void AnythingElse_IsRefusedWithAMessageThatSaysWhatToDo(string message, params string[] settings)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Options(settings));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_ReachTheClient()
    {
        var client = StorageConnection.ClientOptions(new StorageOptions
        {
            NetworkTimeoutMilliseconds = 1500,
            MaxRetries = 4,
            RetryDelayMilliseconds = 20,
            MaxRetryDelayMilliseconds = 400,
        });
        Assert.Equal(TimeSpan.FromMilliseconds(1500), client.Retry.NetworkTimeout);
        Assert.Equal(4, client.Retry.MaxRetries);
        Assert.Equal(TimeSpan.FromMilliseconds(20), client.Retry.Delay);
        Assert.Equal(TimeSpan.FromMilliseconds(400), client.Retry.MaxDelay);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("11111111-2222-3333-4444-555555555555")]
    public void AnIdentity_IsNotAskedForATokenBeforeARequestNeedsOne(string? clientId)
    {
        using var provider = Services("Storage:TableServiceUri=https://a.table.core.windows.net", $"AZURE_CLIENT_ID={clientId}");
        Assert.NotNull(provider.GetRequiredService<IAccessStore>());
        Assert.NotNull(provider.GetRequiredService<ICatalogueStore>());
        Assert.NotNull(provider.GetRequiredService<IAuditStore>());
    }

    private static StorageOptions Options(string[] settings)
    {
        using var provider = Services([.. settings.Select(s => "Storage:" + s)]);
        return provider.GetRequiredService<IOptions<StorageOptions>>().Value;
    }

    private static ServiceProvider Services(params string[] settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => s.Split('=', 2)).Select(s => KeyValuePair.Create(s[0], (string?)s[1])))
            .Build())
        .AddTableStores()
        .BuildServiceProvider(validateScopes: true);
}
