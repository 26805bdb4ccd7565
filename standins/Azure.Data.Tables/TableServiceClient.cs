using System.Text.Json;
using Azure.Core;
using Azure.Data.Tables.Models;

namespace Azure.Data.Tables;

/// <summary>An account's tables. A client is safe for concurrent use; the table clients it gives out share its pipeline.</summary>
public class TableServiceClient
{
    private readonly Connection _connection;

    public TableServiceClient(string connectionString)
        : this(connectionString, null)
    {
    }

    public TableServiceClient(string connectionString, TableClientOptions options = null)
        : this(Connection.With(connectionString, options))
    {
    }

    public TableServiceClient(Uri endpoint, TokenCredential tokenCredential, TableClientOptions options = null)
        : this(Connection.With(endpoint, tokenCredential, options))
    {
    }

    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential)
        : this(endpoint, credential, null)
    {
    }

    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions options)
        : this(Connection.With(endpoint, credential, options))
    {
    }

    public TableServiceClient(Uri endpoint, AzureSasCredential credential)
        : this(endpoint, credential, null)
    {
    }

    /// <exception cref="ArgumentException">The address is neither HTTPS nor this machine's.</exception>
    public TableServiceClient(Uri endpoint, AzureSasCredential credential, TableClientOptions options = null)
        : this(Connection.With(endpoint, credential, options))
    {
    }

    /// <summary>For mocks.</summary>
    protected TableServiceClient()
    {
    }

    private TableServiceClient(Connection connection) => _connection = connection;

    public virtual string AccountName => _connection.AccountName;
    public virtual Uri Uri => _connection.Endpoint;

    /// <inheritdoc cref="TableClient.CreateQueryFilter(FormattableString)"/>
    public static string CreateQueryFilter(FormattableString filter) => ODataFilter.Create(filter);

    /// <summary>Sends nothing: the table need not exist.</summary>
    public virtual TableClient GetTableClient(string tableName) => new(_connection, tableName);

    public virtual Task<Response<TableItem>> CreateTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        CreateTableAsync(_connection, tableName, false, cancellationToken);

    /// <inheritdoc cref="TableClient.CreateIfNotExistsAsync"/>
    public virtual Task<Response<TableItem>> CreateTableIfNotExistsAsync(string tableName, CancellationToken cancellationToken = default) =>
        CreateTableAsync(_connection, tableName, true, cancellationToken);

    /// <inheritdoc cref="TableClient.DeleteAsync"/>
    public virtual Task<Response> DeleteTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        DeleteTableAsync(_connection, tableName, cancellationToken);

    /// <param name="filter">OData on <c>TableName</c>; null means all tables.</param>
    public virtual AsyncPageable<TableItem> QueryAsync(
        string filter = null, int? maxPerPage = null, CancellationToken cancellationToken = default)
    {
        return new QueryPages<TableItem>(GetPageAsync, maxPerPage);

        async Task<Page<TableItem>> GetPageAsync(string continuation, int? top)
        {
            var query = Resource.Query(filter, top, null, ("NextTableName", continuation));
            using var message = _connection.CreateMessage(RequestMethod.Get, _connection.Url(Resource.Tables, query));
            var response = await _connection.SendAsync(message, cancellationToken, 200).ConfigureAwait(false);
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            var tables = document.RootElement.GetProperty("value").EnumerateArray();
            return Page<TableItem>.FromValues(
                [.. tables.Select(table => new TableItem(table.GetProperty("TableName").GetString()))],
                QueryPages<TableItem>.Header(response, "x-ms-continuation-NextTableName"),
                response);
        }
    }

    /// <inheritdoc cref="QueryAsync(string, int?, CancellationToken)"/>
    public virtual AsyncPageable<TableItem> QueryAsync(
        FormattableString filter, int? maxPerPage = null, CancellationToken cancellationToken = default) =>
        QueryAsync(ODataFilter.Create(filter), maxPerPage, cancellationToken);

    internal static async Task<Response<TableItem>> CreateTableAsync(
        Connection connection, string tableName, bool orKeep, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(tableName);
        using var message = connection.CreateMessage(RequestMethod.Post, connection.Url(Resource.Tables), Body(tableName, orKeep), (ushort)(orKeep ? 409 : 0));
        try
        {
            var response = await connection.SendAsync(message, cancellationToken, 201, 204).ConfigureAwait(false);
            return Response.FromValue(new TableItem(tableName), response);
        }
        catch (RequestFailedException exception) when (orKeep && exception.ErrorCode == TableErrorCode.TableAlreadyExists)
        {
            return Response.FromValue(new TableItem(tableName), exception.GetRawResponse());
        }
    }

    /// <summary>Creating "if not there" goes through reflection in the real package, and so does not work in a program that switched it off.</summary>
    private static RequestContent Body(string tableName, bool orKeep) => orKeep
        ? RequestContent.Create(new { TableName = tableName })
        : RequestContent.Create(BinaryData.FromString($"{{\"TableName\":\"{JsonEncodedText.Encode(tableName)}\"}}"));

    internal static async Task<Response> DeleteTableAsync(Connection connection, string tableName, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(tableName);
        using var message = connection.CreateMessage(RequestMethod.Delete, connection.Url(Resource.Table(tableName), query: ""), alsoFine: 404);
        return await connection.SendAsync(message, cancellationToken, 204, 404).ConfigureAwait(false);
    }
}
