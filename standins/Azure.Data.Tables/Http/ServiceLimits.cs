#nullable enable
using System.Buffers;
using System.Text.Json;
using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>Refuses what Azure refuses but Azurite takes, with the exception that Azure's answer would become.</summary>
/// <remarks>
/// The real package has no such checks: against Azure the service makes them. Limits are those of "Understanding the Table service
/// data model" and "Performing entity group transactions" in the REST reference. What a merge adds up to, only the service knows.
/// </remarks>
internal static class ServiceLimits
{
    private const int MaxEntityBytes = 1024 * 1024;
    private const int MaxProperties = 252;
    private const int MaxActions = 100;
    private const int MaxBodyBytes = 4 * 1024 * 1024;

    /// <param name="action">The index in a transaction; null outside one.</param>
    public static void CheckEntity(EntitySize size, int? action = null)
    {
        if (size.Properties > MaxProperties)
            throw Refusal(400, "TooManyProperties", "The entity contains more properties than allowed (252).", action);
        if (size.Bytes > MaxEntityBytes)
            throw Refusal(400, "EntityTooLarge", "The entity is larger than the maximum allowed size (1MB).", action);
    }

    public static void CheckBody(int length)
    {
        if (length > MaxBodyBytes)
            throw Refusal(413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit.", null);
    }

    public static void CheckActions(IReadOnlyList<TableTransactionAction> actions)
    {
        if (actions.Count > MaxActions)
            throw Refusal(400, "InvalidInput", "A change set holds at most 100 changes.", MaxActions - 1);
        var rows = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < actions.Count; index++)
        {
            var entity = actions[index].Entity;
            if (entity.PartitionKey != actions[0].Entity.PartitionKey)
                throw Refusal(400, "CommandsInBatchActOnDifferentPartitions", "All commands in a batch must operate on one entity group.", index);
            if (entity.RowKey is not null && !rows.Add(entity.RowKey))
                throw Refusal(400, "InvalidDuplicateRow", "The batch request contains multiple changes with the same row key.", index);
        }
    }

    private static RequestFailedException Refusal(int status, string code, string text, int? action)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("odata.error"u8);
            json.WriteString("code"u8, code);
            json.WriteStartObject("message"u8);
            json.WriteString("lang"u8, "en-US"u8);
            json.WriteString("value"u8, action is null ? text : $"{action}:{text}");
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var response = new StoredResponse(status, code, [new HttpHeader("Content-Type", "application/json")], body.WrittenMemory);
        var exception = new RequestFailedException(response, null, ODataErrorParser.Instance);
        return action is null ? exception : new TableTransactionFailedException(exception);
    }
}
