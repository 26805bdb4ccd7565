using McpServerless.Testing;

namespace Azure.Data.Tables.Tests;

/// <summary>One emulator for all tests; each test has a table of its own in it.</summary>
public sealed class TablesFixture : IAsyncLifetime
{
    private Azurite? _azurite;

    /// <summary>xunit calls <see cref="InitializeAsync"/> before it hands the fixture out.</summary>
    public Azurite Azurite => _azurite ?? throw new InvalidOperationException("The emulator has not been started.");

    public TableServiceClient Service => new(Azurite.ConnectionString);

    public async Task InitializeAsync() => _azurite = await Azurite.StartAsync();

    public async Task DisposeAsync()
    {
        if (_azurite is not null)
            await _azurite.DisposeAsync();
    }

    public static string NewName() => $"t{Guid.NewGuid():N}";

    public async Task<TableClient> NewTableAsync()
    {
        var table = new TableClient(Azurite.ConnectionString, NewName());
        await table.CreateAsync();
        return table;
    }
}

[CollectionDefinition(Name)]
public sealed class TablesCollection : ICollectionFixture<TablesFixture>
{
    public const string Name = "Azurite";
}
