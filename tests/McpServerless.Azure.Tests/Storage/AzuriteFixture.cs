using Azure.Core;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Testing;

namespace McpServerless.Azure.Tests.Storage;

/// <summary>One emulator for all tests. Tables of each test have a prefix of their own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private Azurite? _azurite;

    public string ConnectionString => _azurite?.ConnectionString ?? throw new InvalidOperationException("The emulator was not started.");

    public async Task InitializeAsync() => _azurite = await Azurite.StartAsync();

    public async Task DisposeAsync()
    {
        if (_azurite is not null) await _azurite.DisposeAsync();
    }

    internal Account NewAccount() => new(ConnectionString);
}

[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}

/// <summary>Tables of one test, which several clients can open as several instances would.</summary>
internal sealed class Account(string connectionString)
{
    private readonly string _prefix = $"t{Guid.NewGuid():N}";

    public TableSet Open(params RequestFault[] faults) => Open(maxRetries: 2, faults);

    public TableSet OpenWithoutRetries(params RequestFault[] faults) => Open(maxRetries: 0, faults);

    /// <summary>A table as it is, for looking into it and for putting into it what no store would.</summary>
    public TableClient Raw(string name) => new(connectionString, _prefix + name);

    public async Task<List<TableEntity>> RowsAsync(string name)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in Raw(name).QueryAsync<TableEntity>()) rows.Add(row);
        return rows;
    }

    /// <summary>Patient, since a busy machine must not look like a lost answer.</summary>
    private TableSet Open(int maxRetries, RequestFault[] faults)
    {
        var client = StorageConnection.ClientOptions(
            new StorageOptions { NetworkTimeoutMilliseconds = 60_000, MaxRetries = maxRetries, RetryDelayMilliseconds = 10 });
        client.AddPolicy(new ServiceLimits(), HttpPipelinePosition.PerCall);
        foreach (var fault in faults) client.AddPolicy(fault, HttpPipelinePosition.PerRetry);
        return new TableSet(new TableServiceClient(connectionString, client), _prefix);
    }
}
