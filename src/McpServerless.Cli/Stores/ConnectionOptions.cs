using System.CommandLine;

namespace McpServerless.Cli.Stores;

/// <summary>The options that say which storage account holds the state.</summary>
internal sealed class ConnectionOptions(Func<StoreAddress, GovernanceStores> open, Func<string, string?> environment)
{
    private const string ConnectionStringVariable = "MCPGOV_CONNECTION_STRING";
    private const string TableServiceUriVariable = "MCPGOV_TABLE_SERVICE_URI";

    private readonly Option<string?> _connectionString = new("--connection-string")
    {
        Description = $"Connection string of the storage account, for local development. Better in {ConnectionStringVariable}, where no process list shows it.",
        Recursive = true,
    };

    private readonly Option<string?> _tableServiceUri = new("--table-service-uri")
    {
        Description = $"Table endpoint of the storage account, used with your Azure sign-in (DefaultAzureCredential). Also in {TableServiceUriVariable}.",
        Recursive = true,
    };

    private readonly Option<string> _tablePrefix = new("--table-prefix")
    {
        Description = "Prefix of the table names, when several deployments share the account.",
        DefaultValueFactory = _ => "",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        root.Add(_connectionString);
        root.Add(_tableServiceUri);
        root.Add(_tablePrefix);
    }

    public bool AreGiven(ParseResult result) => (result.GetValue(_connectionString) ?? result.GetValue(_tableServiceUri) ?? Variable(ConnectionStringVariable) ?? Variable(TableServiceUriVariable)) is not null;

    /// <exception cref="UsageException">Neither or both are given, or the address is not one.</exception>
    public GovernanceStores Open(ParseResult result)
    {
        var (connectionString, uri) = (result.GetValue(_connectionString), result.GetValue(_tableServiceUri));
        // What is written on the command line goes before what the surroundings say.
        if (connectionString is null && uri is null) (connectionString, uri) = (Variable(ConnectionStringVariable), Variable(TableServiceUriVariable));
        var address = (connectionString, uri) switch
        {
            (null, null) => throw new UsageException($"say which storage account: --table-service-uri, --connection-string, or {ConnectionStringVariable} or {TableServiceUriVariable} in the environment"),
            (not null, not null) => throw new UsageException("give either a connection string or a table service URI, not both"),
            (_, null) => null,
            _ => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) ? parsed : throw new UsageException("--table-service-uri is not an absolute URI"),
        };
        return open(new StoreAddress(connectionString, address, result.GetValue(_tablePrefix) ?? ""));
    }

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
