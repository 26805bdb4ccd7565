using Azure.Storage.Blobs;
using McpServerless.Azure.Audit;
using McpServerless.Testing;

namespace McpServerless.Azure.Tests.Audit;

public sealed class BlobCheckpointStoreTests : IAsyncLifetime
{
    private AzuriteBlobs _azurite = null!;
    private BlobContainerClient _container = null!;

    public async Task InitializeAsync()
    {
        _azurite = await AzuriteBlobs.StartAsync();
        _container = Container(_azurite.ConnectionString);
        await _container.CreateAsync();
    }

    public async Task DisposeAsync() => await _azurite.DisposeAsync();

    [Fact]
    public async Task Checkpoints_AreAddedOnce_AndTheLastOneIsFound()
    {
        var store = new BlobCheckpointStore(_container);
        Assert.Equal(0, await store.FindLastAsync(default));
        for (var number = 1; number <= 21; number++) Assert.True(await store.AddAsync(number, Bytes(number), default));
        Assert.Equal(21, await store.FindLastAsync(default));
        Assert.Equal(21, await new BlobCheckpointStore(_container).FindLastAsync(default));

        // The same again is no conflict, since the first answer may have been lost; another one is.
        Assert.True(await store.AddAsync(7, Bytes(7), default));
        Assert.False(await store.AddAsync(7, Bytes(8), default));
        Assert.Equal(Bytes(7), (await store.ReadAsync(7, default))!.Value.ToArray());
        Assert.Null(await store.ReadAsync(22, default));
    }

    [Fact]
    public async Task PublicKeys_AreKeptBesideTheCheckpoints_Once()
    {
        var store = new BlobCheckpointStore(_container);
        Assert.Empty(await store.ReadKeysAsync(default));
        await store.AddKeyAsync("b", "pem b", default);
        await store.AddKeyAsync("a", "pem a", default);
        await store.AddKeyAsync("a", "another", default);
        Assert.Equal(["pem a", "pem b"], await store.ReadKeysAsync(default));
    }

    [Fact]
    public async Task ContainerThatIsMissing_ReadsAsEmpty_AndIsAnOutageForWriters()
    {
        var store = new BlobCheckpointStore(Container(_azurite.ConnectionString, "missing"));
        Assert.Equal(0, await store.FindLastAsync(default));
        Assert.Empty(await store.ReadKeysAsync(default));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.AddAsync(1, Bytes(1), default));
    }

    [Fact]
    public async Task ServiceThatIsGone_IsAnOutage()
    {
        await _azurite.DisposeAsync();
        var store = new BlobCheckpointStore(_container);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FindLastAsync(default));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.AddAsync(1, Bytes(1), default));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadKeysAsync(default));
    }

    private static BlobContainerClient Container(string connectionString, string name = "checkpoints")
    {
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2023_11_03);
        options.Retry.MaxRetries = 0;
        return new BlobContainerClient(connectionString, name, options);
    }

    private static byte[] Bytes(long number) => System.Text.Encoding.ASCII.GetBytes($"checkpoint {number}");
}
