using System.Buffers;
using Azure.Core;

namespace Azure.Data.Tables;

public partial class TableClient
{
    /// <summary>Inserts. The new ETag is in the response's headers; <paramref name="entity"/> is not changed.</summary>
    /// <exception cref="RequestFailedException">409 EntityAlreadyExists, also when a first try got through and only its answer was lost.</exception>
    public virtual async Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : ITableEntity
    {
        CheckKeys(entity);
        using var message = _connection.CreateMessage(RequestMethod.Post, _connection.Url(Uri.EscapeDataString(Name)), Json(entity));
        message.Request.Headers.Add("Prefer", "return-no-content");
        return await _connection.SendAsync(message, cancellationToken, 201, 204).ConfigureAwait(false);
    }

    /// <summary>Inserts, or updates whatever is there.</summary>
    public virtual Task<Response> UpsertEntityAsync<T>(
        T entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : ITableEntity =>
        WriteAsync(entity, default, mode, cancellationToken);

    /// <summary>Updates the row if it still has this ETag; <see cref="ETag.All"/> means whichever it has.</summary>
    /// <exception cref="RequestFailedException">412 UpdateConditionNotSatisfied, or 404 if there is no such row.</exception>
    /// <exception cref="ArgumentException"><paramref name="ifMatch"/> is default: without a condition this would be an upsert.</exception>
    public virtual async Task<Response> UpdateEntityAsync<T>(
        T entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : ITableEntity
    {
        CheckKeys(entity);
        return ifMatch == default
            ? throw new ArgumentException("An update needs an ETag; ETag.All stands for any.", nameof(ifMatch))
            : await WriteAsync(entity, ifMatch, mode, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes, without an ETag unconditionally. A missing row is no error, but a response with status 404.</summary>
    /// <exception cref="RequestFailedException">412 UpdateConditionNotSatisfied.</exception>
    public virtual async Task<Response> DeleteEntityAsync(
        string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(rowKey);
        var url = _connection.Url(Resource.Entity(Name, partitionKey, rowKey));
        using var message = _connection.CreateMessage(RequestMethod.Delete, url, alsoFine: 404);
        message.Request.Headers.Add("If-Match", (ifMatch == default ? ETag.All : ifMatch).ToString());
        return await _connection.SendAsync(message, cancellationToken, 204, 404).ConfigureAwait(false);
    }

    /// <inheritdoc cref="DeleteEntityAsync(string, string, ETag, CancellationToken)"/>
    /// <remarks>The entity's own ETag is not looked at: pass it as <paramref name="ifMatch"/>.</remarks>
    public virtual async Task<Response> DeleteEntityAsync(ITableEntity entity, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return await DeleteEntityAsync(entity.PartitionKey, entity.RowKey, ifMatch, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="RequestFailedException">404 ResourceNotFound for a missing row, TableNotFound for a missing table.</exception>
    public virtual async Task<Response<T>> GetEntityAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string> select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        using var message = CreateGet(partitionKey, rowKey, select, alsoFine: 0);
        var response = await _connection.SendAsync(message, cancellationToken, 200).ConfigureAwait(false);
        return Response.FromValue(EntityReader.ReadEntity<T>(response.Content.ToMemory().Span), response);
    }

    /// <summary>A missing row, or a missing table, is an answer without a value.</summary>
    public virtual async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string> select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        using var message = CreateGet(partitionKey, rowKey, select, alsoFine: 404);
        var response = await _connection.SendAsync(message, cancellationToken, 200, 404).ConfigureAwait(false);
        return response.Status == 404
            ? new NoValueResponse<T>(response)
            : Response.FromValue(EntityReader.ReadEntity<T>(response.Content.ToMemory().Span), response);
    }

    /// <summary>The rows that match, ordered by partition and row key.</summary>
    /// <param name="filter">OData, best made with <see cref="CreateQueryFilter(FormattableString)"/>; null means all rows.</param>
    /// <param name="maxPerPage">1 to 1000. It bounds a page, not the result; the service may send pages that are smaller, even empty.</param>
    /// <param name="cancellationToken">The only one that counts: a token given to the enumeration is not looked at.</param>
    /// <param name="select">The properties wanted. Others are absent or default, the keys too unless they are named.</param>
    public virtual AsyncPageable<T> QueryAsync<T>(
        string filter = null, int? maxPerPage = null, IEnumerable<string> select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        var columns = select?.ToArray();
        return new QueryPages<T>(GetPageAsync, maxPerPage);

        async Task<Page<T>> GetPageAsync(string continuation, int? top)
        {
            // "partition row", of which the service may send only the first; both are opaque and free of blanks.
            var next = continuation?.Split(' ', 2);
            var query = Resource.Query(filter, top, columns, ("NextPartitionKey", next?[0]), ("NextRowKey", next is { Length: 2 } ? next[1] : null));
            using var message = _connection.CreateMessage(RequestMethod.Get, _connection.Url(Uri.EscapeDataString(Name) + "()", query));
            var response = await _connection.SendAsync(message, cancellationToken, 200).ConfigureAwait(false);
            var partition = QueryPages<T>.Header(response, "x-ms-continuation-NextPartitionKey");
            var row = QueryPages<T>.Header(response, "x-ms-continuation-NextRowKey");
            return Page<T>.FromValues(
                EntityReader.ReadPage<T>(response.Content.ToMemory().Span), partition is null && row is null ? null : $"{partition} {row}", response);
        }
    }

    private HttpMessage CreateGet(string partitionKey, string rowKey, IEnumerable<string> select, ushort alsoFine)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(rowKey);
        var url = _connection.Url(Resource.Entity(Name, partitionKey, rowKey), Resource.Query(select: select));
        return _connection.CreateMessage(RequestMethod.Get, url, alsoFine);
    }

    private async Task<Response> WriteAsync(ITableEntity entity, ETag ifMatch, TableUpdateMode mode, CancellationToken cancellationToken)
    {
        CheckKeys(entity);
        var method = mode switch
        {
            TableUpdateMode.Merge => RequestMethod.Patch,
            TableUpdateMode.Replace => RequestMethod.Put,
            _ => throw new ArgumentException($"There is no update mode {mode}.", nameof(mode)),
        };
        var url = _connection.Url(Resource.Entity(Name, entity.PartitionKey, entity.RowKey));
        using var message = _connection.CreateMessage(method, url, Json(entity));
        if (ifMatch != default)
            message.Request.Headers.Add("If-Match", ifMatch.ToString());
        return await _connection.SendAsync(message, cancellationToken, 204).ConfigureAwait(false);
    }

    private static void CheckKeys(ITableEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(entity.PartitionKey, nameof(entity.PartitionKey));
        ArgumentNullException.ThrowIfNull(entity.RowKey, nameof(entity.RowKey));
    }

    private static RequestContent Json(ITableEntity entity)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        EntityWriter.Write(output, entity);
        return RequestContent.Create(output.WrittenMemory);
    }
}
