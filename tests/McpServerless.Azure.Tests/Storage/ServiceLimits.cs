using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Core.Pipeline;

namespace McpServerless.Azure.Tests.Storage;

/// <summary>What a store sends although Azure would refuse it. The emulator takes it, so that only this shows it.</summary>
internal sealed class BeyondServiceLimitsException(string code, string detail) : Exception($"Azure would refuse this request with {code}: {detail}")
{
    public string Code { get; } = code;
}

/// <summary>Stops requests that Azure refuses and the emulator takes.</summary>
/// <remarks>
/// Limits are those of "Understanding the Table service data model" and "Performing entity group transactions" in the REST reference; sizes
/// count as in the storage team's "Understanding Windows Azure Storage Billing". What a merge adds up to, only the service knows.
/// </remarks>
internal sealed partial class ServiceLimits : HttpPipelinePolicy
{
    private const int MaxEntityBytes = 1024 * 1024;
    private const int MaxProperties = 252;
    private const int MaxActions = 100;
    private const int MaxBodyBytes = 4 * 1024 * 1024;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (message.Request.Content is { } content)
        {
            using var body = new MemoryStream();
            await content.WriteToAsync(body, message.CancellationToken);
            Check(BinaryData.FromBytes(body.ToArray()), message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal));
        }

        await ProcessNextAsync(message, pipeline);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The stores are asynchronous.");

    private static void Check(BinaryData body, bool isTransaction)
    {
        if (body.ToMemory().Length > MaxBodyBytes) throw new BeyondServiceLimitsException("RequestBodyTooLarge", $"{body.ToMemory().Length} bytes.");
        if (isTransaction) CheckTransaction(body.ToString());
        else CheckEntity(body.ToString());
    }

    private static void CheckTransaction(string body)
    {
        var actions = Action.Split(body)[1..];
        if (actions.Length > MaxActions) throw new BeyondServiceLimitsException("InvalidInput", $"{actions.Length} actions.");
        var keys = actions.Select(KeysOf).ToArray();
        if (keys.DistinctBy(key => key.Partition).Count() > 1)
            throw new BeyondServiceLimitsException("CommandsInBatchActOnDifferentPartitions", string.Join(", ", keys.Select(key => key.Partition).Distinct()));
        if (keys.GroupBy(key => key.Row).FirstOrDefault(row => row.Count() > 1) is { } twice) throw new BeyondServiceLimitsException("InvalidDuplicateRow", twice.Key);
        foreach (var json in actions.Select(JsonOf).OfType<string>()) CheckEntity(json);
    }

    /// <summary>Of an insert in its body, of anything else in its address.</summary>
    private static (string Partition, string Row) KeysOf(string action)
    {
        if (Address.Match(action) is { Success: true } address) return (address.Groups[1].Value, address.Groups[2].Value);
        using var entity = JsonDocument.Parse(JsonOf(action) ?? throw new InvalidOperationException("An action has neither keys nor a body."));
        return (Escaped("PartitionKey"), Escaped("RowKey"));

        string Escaped(string key) => Uri.EscapeDataString(entity.RootElement.GetProperty(key).GetString()!.Replace("'", "''", StringComparison.Ordinal)); // Keys are strings.
    }

    private static string? JsonOf(string action) => Json.Match(action) is { Success: true } match ? match.Value : null;

    private static void CheckEntity(string json)
    {
        using var entity = JsonDocument.Parse(json);
        var properties = 0;
        var bytes = 4L;
        foreach (var property in entity.RootElement.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null))
        {
            if (property.Name.EndsWith("@odata.type", StringComparison.Ordinal)) continue;
            var isBinary = entity.RootElement.TryGetProperty(property.Name + "@odata.type", out var type) && type.ValueEquals("Edm.Binary");
            var length = LengthOf(property.Value, isBinary);
            if (property.Name is "PartitionKey" or "RowKey")
            {
                bytes += length;
                continue;
            }

            properties++;
            bytes += 12 + 2 * property.Name.Length + length;
        }

        if (properties > MaxProperties) throw new BeyondServiceLimitsException("TooManyProperties", $"{properties} properties.");
        if (bytes > MaxEntityBytes) throw new BeyondServiceLimitsException("EntityTooLarge", $"{bytes} bytes.");
    }

    /// <summary>Strings count in UTF-16; other types that are written as strings count for more than they are, but for little.</summary>
    private static long LengthOf(JsonElement value, bool isBinary) => value.ValueKind switch
    {
        JsonValueKind.String when isBinary => value.GetBytesFromBase64().Length,
        JsonValueKind.String => 2L * value.GetString()!.Length, // A string has one.
        _ => 8,
    };

    [GeneratedRegex("^Content-Type: application/http\\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Action { get; }

    [GeneratedRegex("^(?:PUT|PATCH|MERGE|DELETE) [^\\r\\n]*\\(PartitionKey='([^\\r\\n]*)',\\s*RowKey='([^\\r\\n]*)'\\)", RegexOptions.Multiline)]
    private static partial Regex Address { get; }

    [GeneratedRegex("^\\{.*\\}", RegexOptions.Multiline)]
    private static partial Regex Json { get; }
}
