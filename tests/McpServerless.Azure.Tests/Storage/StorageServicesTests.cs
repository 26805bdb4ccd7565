using McpServerless.Access;
using McpServerless.Azure.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Azure.Tests.Storage;

[Collection(AzuriteCollection.Name)]
public sealed class StorageServicesTests(AzuriteFixture azurite)
{
    private readonly string _run = $"d{Guid.NewGuid():N}";

    [Fact]
    public async Task OnAFreshAccount_TheStoresWorkWithNothingButTheirSettings()
    {
        var (one, other) = (Store("a"), Store("b"));
        await one.BumpEpochAsync(CancellationToken.None);
        Assert.NotEqual("", await one.ReadEpochAsync(CancellationToken.None));
        Assert.Equal("", await other.ReadEpochAsync(CancellationToken.None));
    }

    private IAccessStore Store(string deployment) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = azurite.ConnectionString,
            ["Storage:TablePrefix"] = _run + deployment,
            ["Storage:NetworkTimeoutMilliseconds"] = "60000",
        }).Build())
        .AddTableStores()
        .BuildServiceProvider()
        .GetRequiredService<IAccessStore>();
}
