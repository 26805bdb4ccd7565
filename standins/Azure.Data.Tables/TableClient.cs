using Azure.Core;
using Azure.Data.Tables.Models;

namespace Azure.Data.Tables;

/// <summary>One table. A client is safe for concurrent use and meant to be kept.</summary>
/// <remarks>Whatever the service refuses is a <see cref="RequestFailedException"/> with its status and <see cref="TableErrorCode"/>.</remarks>
public partial class TableClient
{
    private readonly Connection _connection;

    public TableClient(string connectionString, string tableName)
        : this(connectionString, tableName, null)
    {
    }

    public TableClient(string connectionString, string tableName, TableClientOptions options = null)
        : this(Connection.With(connectionString, options), tableName)
    {
    }

    public TableClient(Uri endpoint, string tableName, TokenCredential tokenCredential, TableClientOptions options = null)
        : this(Connection.With(endpoint, tokenCredential, options), tableName)
    {
    }

    public TableClient(Uri endpoint, string tableName, TableSharedKeyCredential credential)
        : this(endpoint, tableName, credential, null)
    {
    }

    public TableClient(Uri endpoint, string tableName, TableSharedKeyCredential credential, TableClientOptions options = null)
        : this(Connection.With(endpoint, credential, options), tableName)
    {
    }

    /// <param name="endpoint">The table's own address: its last path segment names it.</param>
    /// <exception cref="ArgumentException">The address is neither HTTPS nor this machine's.</exception>
    public TableClient(Uri endpoint, AzureSasCredential credential, TableClientOptions options = null)
        : this(Connection.With(AccountAddress(endpoint), credential, options), TableIn(endpoint))
    {
    }

    /// <param name="endpoint">The table's own address, with a shared access signature as its query.</param>
    /// <exception cref="ArgumentException">The address is neither HTTPS nor this machine's.</exception>
    public TableClient(Uri endpoint, TableClientOptions options = null)
        : this(endpoint, new AzureSasCredential(Query(endpoint)), options)
    {
    }

    internal TableClient(Connection connection, string tableName)
    {
        ArgumentException.ThrowIfNullOrEmpty(tableName);
        _connection = connection;
        Name = tableName;
        Uri = new Uri(connection.Url(tableName, query: ""));
    }

    /// <summary>For mocks.</summary>
    protected TableClient()
    {
    }

    public virtual string Name { get; }
    public virtual Uri Uri { get; }
    public virtual string AccountName => _connection.AccountName;

    /// <summary>Quotes and escapes every value of an interpolated filter: <c>$"PartitionKey eq {key} and Count gt {5L}"</c>.</summary>
    /// <exception cref="ArgumentException">A value's type has no OData literal.</exception>
    public static string CreateQueryFilter(FormattableString filter) => ODataFilter.Create(filter);

    public virtual Task<Response<TableItem>> CreateAsync(CancellationToken cancellationToken = default) =>
        TableServiceClient.CreateTableAsync(_connection, Name, false, cancellationToken);

    /// <summary>Succeeds as well if the table is there already.</summary>
    /// <exception cref="RequestFailedException">Among others 409 TableBeingDeleted, for some time after a table was deleted.</exception>
    public virtual Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default) =>
        TableServiceClient.CreateTableAsync(_connection, Name, true, cancellationToken);

    /// <summary>Deletes the table; a missing one is no error, but a response with status 404.</summary>
    public virtual Task<Response> DeleteAsync(CancellationToken cancellationToken = default) =>
        TableServiceClient.DeleteTableAsync(_connection, Name, cancellationToken);

    private static Uri AccountAddress(Uri table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var path = table.AbsolutePath.TrimEnd('/');
        return new UriBuilder(table) { Path = path[..(path.LastIndexOf('/') + 1)], Query = "" }.Uri;
    }

    /// <summary>On an emulator's address the first segment is the account, so that a table's address has two.</summary>
    private static string TableIn(Uri table)
    {
        var accountIsInPath = Uri.CheckHostName(table.Host) is UriHostNameType.IPv4 or UriHostNameType.IPv6;
        return table.Segments.Length < (accountIsInPath ? 3 : 2) ? "" : table.Segments[^1].Trim('/');
    }

    private static string Query(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.Query;
    }
}
