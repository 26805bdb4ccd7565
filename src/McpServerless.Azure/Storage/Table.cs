using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Azure.Identity;

namespace McpServerless.Azure.Storage;

/// <summary>One table, in the few operations that the stores need.</summary>
/// <remarks>
/// A table that does not exist reads as empty and is made by the first write that meets it, so that neither a fresh account nor a cold
/// start costs a request for it. Whatever goes wrong on the way to the service is a <see cref="StoreUnavailableException"/>; cancellation
/// by the caller passes as it is. What the service answers on purpose (there already, changed meanwhile) is a return value.
/// </remarks>
internal sealed class Table(TableClient client)
{
    public string Name => client.Name;

    /// <summary>A row, or null when there is none.</summary>
    public async ValueTask<TableEntity?> FindAsync(string partitionKey, string rowKey, CancellationToken ct)
    {
        try
        {
            var answer = await client.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: ct);
            return answer.HasValue ? answer.Value : null;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
        {
            return null;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("read", e, ct);
        }
    }

    /// <summary>All rows of a partition in the order of their row keys, page by page.</summary>
    public IAsyncEnumerable<TableEntity> ReadPartitionAsync(string partitionKey, int? rowsPerPage, CancellationToken ct) =>
        ReadAsync(TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey}"), rowsPerPage, ct);

    /// <summary>Rows of a partition from one row key to another, both included.</summary>
    public IAsyncEnumerable<TableEntity> ReadRangeAsync(string partitionKey, string fromRowKey, string toRowKey, int? rowsPerPage, CancellationToken ct) =>
        ReadAsync(TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {fromRowKey} and RowKey le {toRowKey}"), rowsPerPage, ct);

    /// <summary>Rows of a partition from a row key on.</summary>
    public IAsyncEnumerable<TableEntity> ReadFromAsync(string partitionKey, string fromRowKey, bool inclusive, int? rowsPerPage, CancellationToken ct) => ReadAsync(
        inclusive ? TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {fromRowKey}") : TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey gt {fromRowKey}"),
        rowsPerPage,
        ct);

    /// <summary>All rows of the table in the order of their keys, page by page. For operators: no request reads a whole table.</summary>
    public IAsyncEnumerable<TableEntity> ReadAllAsync(CancellationToken ct) => ReadAsync(filter: null, rowsPerPage: null, ct);

    /// <summary>Rows of the whole table whose date is at a moment or before it. For timers: the service looks through the table.</summary>
    public IAsyncEnumerable<TableEntity> ReadUntilAsync(string property, DateTimeOffset moment, CancellationToken ct) =>
        ReadAsync($"{property} le {TableClient.CreateQueryFilter($"{moment}")}", rowsPerPage: null, ct);

    /// <summary>Rows of a key, whatever their partition. For operators: the service looks through the table.</summary>
    public IAsyncEnumerable<TableEntity> ReadKeyAsync(string rowKey, CancellationToken ct) => ReadAsync(TableClient.CreateQueryFilter($"RowKey eq {rowKey}"), rowsPerPage: null, ct);

    /// <summary>Rows of all partitions behind one, in the order of their keys. For timers.</summary>
    public IAsyncEnumerable<TableEntity> ReadAfterAsync(string partitionKey, CancellationToken ct) => ReadAsync(TableClient.CreateQueryFilter($"PartitionKey gt {partitionKey}"), rowsPerPage: null, ct);

    /// <summary>Rows of a partition whose date is at a moment or before it.</summary>
    public IAsyncEnumerable<TableEntity> ReadUntilAsync(string partitionKey, string property, DateTimeOffset moment, CancellationToken ct) =>
        ReadAsync($"{TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey}")} and {property} le {TableClient.CreateQueryFilter($"{moment}")}", rowsPerPage: null, ct);

    /// <summary>Rows of a partition that have a text.</summary>
    public IAsyncEnumerable<TableEntity> ReadWithAsync(string partitionKey, string property, string text, CancellationToken ct) =>
        ReadAsync($"{TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey}")} and {property} eq {TableClient.CreateQueryFilter($"{text}")}", rowsPerPage: null, ct);

    private async IAsyncEnumerable<TableEntity> ReadAsync(string? filter, int? rowsPerPage, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var pages = client.QueryAsync<TableEntity>(filter, rowsPerPage, cancellationToken: ct).AsPages().GetAsyncEnumerator(ct);
        while (await MoveNextAsync(pages, ct))
        {
            foreach (var row in pages.Current.Values) yield return row;
        }
    }

    /// <summary>False when a row with these keys is there already, which may be this one if the answer to a first try was lost.</summary>
    public async ValueTask<bool> AddAsync(TableEntity row, CancellationToken ct)
    {
        try
        {
            await WriteAsync(() => client.AddEntityAsync(row, ct), ct);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return false;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("written", e, ct);
        }
    }

    /// <summary>False when the row is no longer the one that was read, which may be because the answer to a first try was lost.</summary>
    public async ValueTask<bool> ReplaceAsync(TableEntity row, ETag read, CancellationToken ct)
    {
        try
        {
            await client.UpdateEntityAsync(row, read, TableUpdateMode.Replace, ct);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return false;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("written", e, ct);
        }
    }

    /// <summary>Adds the row or puts it in the place of the one that is there.</summary>
    public async ValueTask PutAsync(TableEntity row, CancellationToken ct)
    {
        try
        {
            await WriteAsync(() => client.UpsertEntityAsync(row, TableUpdateMode.Replace, ct), ct);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("written", e, ct);
        }
    }

    /// <summary>Puts all rows or none. They are of one partition, at most 100, and together below 4 MiB as they are sent.</summary>
    public async ValueTask PutAllAsync(IReadOnlyList<TableEntity> rows, CancellationToken ct)
    {
        var actions = new TableTransactionAction[rows.Count];
        for (var i = 0; i < actions.Length; i++) actions[i] = new TableTransactionAction(TableTransactionActionType.UpsertReplace, rows[i]);
        try
        {
            await WriteAsync(() => client.SubmitTransactionAsync(actions, ct), ct);
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("written", e, ct);
        }
    }

    /// <summary>Removes a row, whatever it holds; one that is not there is no error.</summary>
    public async ValueTask DeleteAsync(string partitionKey, string rowKey, CancellationToken ct)
    {
        try
        {
            await client.DeleteEntityAsync(partitionKey, rowKey, ETag.All, ct);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("written", e, ct);
        }
    }

    /// <summary>Removes a row that is still the one that was read; false when it is not, which may be because the answer to a first try was lost.</summary>
    public async ValueTask<bool> DeleteAsync(string partitionKey, string rowKey, ETag read, CancellationToken ct)
    {
        try
        {
            return (await client.DeleteEntityAsync(partitionKey, rowKey, read, ct)).Status != 404;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return false;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("written", e, ct);
        }
    }

    private async Task WriteAsync(Func<Task> write, CancellationToken ct)
    {
        try
        {
            await write();
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
        {
            await client.CreateIfNotExistsAsync(ct);
            await write();
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<Page<TableEntity>> pages, CancellationToken ct)
    {
        try
        {
            return await pages.MoveNextAsync();
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
        {
            return false;
        }
        catch (Exception e) when (IsOutage(e))
        {
            throw Unavailable("read", e, ct);
        }
    }

    /// <summary>
    /// What the client throws when the service refuses, is not reached, is too slow or does not answer in its protocol. After several
    /// tries it throws an <see cref="AggregateException"/> of them.
    /// </summary>
    private static bool IsOutage(Exception exception) => exception
        is RequestFailedException or AggregateException or AuthenticationFailedException or OperationCanceledException
        or IOException or HttpRequestException or TimeoutException or JsonException;

    private StoreUnavailableException Unavailable(string what, Exception exception, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var reason = exception is RequestFailedException { Status: > 0 } refused ? $"{refused.Status} {refused.ErrorCode}" : exception.GetType().Name;
        return new StoreUnavailableException($"Table {Name} could not be {what}: {reason}.", exception);
    }
}
