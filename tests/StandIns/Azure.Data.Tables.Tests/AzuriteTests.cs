using McpServerless.Testing;

namespace Azure.Data.Tables.Tests;

public sealed class AzuriteTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"azurite-{Guid.NewGuid():N}");

    [Fact]
    public async Task Rows_in_a_folder_survive_a_stop_and_a_start_on_the_same_port()
    {
        await using var azurite = await Azurite.StartAsync(_folder);
        var table = new TableClient(azurite.ConnectionString, "things");
        await table.CreateAsync();
        await table.AddEntityAsync(new TableEntity("p", "r"));

        await azurite.StopAsync();
        Assert.False(azurite.IsRunning);
        await azurite.StartAgainAsync();

        Assert.True((await table.GetEntityIfExistsAsync<TableEntity>("p", "r")).HasValue);
    }

    [Fact]
    public async Task A_killed_emulator_is_an_outage_until_it_is_started_again()
    {
        await using var azurite = await Azurite.StartAsync();
        var options = new TableClientOptions { Retry = { MaxRetries = 0 } };
        var table = new TableClient(azurite.ConnectionString, "things", options);
        await table.CreateAsync();

        await azurite.KillAsync();
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => table.CreateIfNotExistsAsync());
        Assert.Equal(0, exception.Status);

        await azurite.StartAgainAsync();
        await table.CreateIfNotExistsAsync();
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
