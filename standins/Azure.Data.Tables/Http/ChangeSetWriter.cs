#nullable enable
using System.Buffers;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>Writes a transaction as OData's multipart/mixed: one batch, in it one change set, in it one HTTP request per action.</summary>
internal sealed class ChangeSetWriter(Connection connection, string table)
{
    private readonly ArrayBufferWriter<byte> _output = new(16 * 1024);
    private readonly string _batch = $"batch_{Guid.NewGuid()}";
    private readonly string _changeSet = $"changeset_{Guid.NewGuid()}";

    public string ContentType => $"multipart/mixed; boundary={_batch}";

    public ReadOnlyMemory<byte> Write(IReadOnlyList<TableTransactionAction> actions)
    {
        Text($"--{_batch}\r\nContent-Type: multipart/mixed; boundary={_changeSet}\r\n\r\n");
        foreach (var action in actions)
            Write(action);
        Text($"--{_changeSet}--\r\n--{_batch}--\r\n");
        return _output.WrittenMemory;
    }

    private void Write(TableTransactionAction action)
    {
        var entity = action.Entity;
        Text($"--{_changeSet}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
        var path = action.ActionType == TableTransactionActionType.Add
            ? Uri.EscapeDataString(table)
            : Resource.Entity(table, entity.PartitionKey, entity.RowKey);
        Text($"{Method(action.ActionType)} {connection.Url(path)} HTTP/1.1\r\n");
        Text("Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0\r\n");
        if (IfMatch(action) is { } etag)
            Text($"If-Match: {etag}\r\n");
        if (action.ActionType == TableTransactionActionType.Delete)
        {
            Text("\r\n");
            return;
        }

        if (action.ActionType == TableTransactionActionType.Add)
            Text("Prefer: return-no-content\r\n");
        Text("Content-Type: application/json\r\n\r\n");
        EntityWriter.Write(_output, entity);
        Text("\r\n");
    }

    private static string Method(TableTransactionActionType type) => type switch
    {
        TableTransactionActionType.Add => "POST",
        TableTransactionActionType.Delete => "DELETE",
        TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpsertMerge => "PATCH",
        TableTransactionActionType.UpdateReplace or TableTransactionActionType.UpsertReplace => "PUT",
        _ => throw new InvalidOperationException($"There is no transaction action {type}."),
    };

    /// <summary>A delete must carry the header; an update without it is an upsert.</summary>
    private static string? IfMatch(TableTransactionAction action) => action.ActionType switch
    {
        TableTransactionActionType.Delete when action.ETag == default => ETag.All.ToString(),
        TableTransactionActionType.Delete => action.ETag.ToString(),
        TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace when action.ETag != default => action.ETag.ToString(),
        _ => null,
    };

    private void Text(string text) => Encoding.UTF8.GetBytes(text, _output);
}
