using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Management;

namespace McpServerless.Azure.Management;

/// <summary>Answers under their keys in Table Storage: a partition for each caller.</summary>
internal sealed class TableIdempotencyStore(TableSet tables) : IIdempotencyStore
{
    public async ValueTask<KeptRequest?> TakeAsync(KeptRequest request, DateTimeOffset now, CancellationToken ct)
    {
        while (true)
        {
            if (await tables.Idempotency.AddAsync(EntityOf(request), ct)) return null;
            if (await tables.Idempotency.FindAsync(TableKey.Of(request.Caller), TableKey.Of(request.Key), ct) is not { } entity) continue;
            var kept = RequestOf(entity);
            if (kept.Until > now) return kept;

            // It is past its time, and whoever replaces it first has the key.
            if (await tables.Idempotency.ReplaceAsync(EntityOf(request), entity.ETag, ct)) return null;
        }
    }

    public ValueTask KeepAsync(KeptRequest request, CancellationToken ct) => tables.Idempotency.PutAsync(EntityOf(request), ct);

    public ValueTask ReleaseAsync(KeptRequest request, CancellationToken ct) => tables.Idempotency.DeleteAsync(TableKey.Of(request.Caller), TableKey.Of(request.Key), ct);

    public async ValueTask<int> PurgeAsync(DateTimeOffset now, CancellationToken ct)
    {
        var removed = 0;
        await foreach (var entity in tables.Idempotency.ReadUntilAsync("Until", now, ct))
        {
            if (await tables.Idempotency.DeleteAsync(entity.PartitionKey, entity.RowKey, entity.ETag, ct)) removed++;
        }

        return removed;
    }

    private static TableEntity EntityOf(KeptRequest request)
    {
        var entity = new TableEntity(TableKey.Of(request.Caller), TableKey.Of(request.Key)) { ["Digest"] = request.Digest, ["Until"] = request.Until };
        if (request.Answer is not { } answer) return entity;
        entity["Status"] = answer.Status;
        entity["ContentType"] = answer.ContentType;
        entity["Headers"] = JsonSerializer.Serialize(answer.Headers, IdempotencyJson.Default.IReadOnlyDictionaryStringString);
        ChunkedText.Write(entity, answer.Body);
        return entity;
    }

    private KeptRequest RequestOf(TableEntity entity)
    {
        var row = new Row(tables.Idempotency, entity);
        var request = new KeptRequest(row.PartitionKeyParts(1)[0], row.RowKeyParts(1)[0], row.Text("Digest"), row.Date("Until"));
        if (row.OptionalText("Headers") is not { } headers) return request;
        try
        {
            return request with
            {
                Answer = new KeptAnswer(
                    entity.GetInt32("Status") ?? throw row.Unreadable("Status is missing"),
                    JsonSerializer.Deserialize(headers, IdempotencyJson.Default.IReadOnlyDictionaryStringString) ?? throw row.Unreadable("Headers is null"),
                    row.Text("ContentType"),
                    ChunkedText.Read(row)),
            };
        }
        catch (JsonException e)
        {
            throw row.Unreadable("Headers cannot be read", e);
        }
    }
}

/// <summary>JSON within rows of answers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict)]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class IdempotencyJson : JsonSerializerContext;
