using System.Text.Json;

namespace McpServerless.Audit;

/// <summary>How far one chain has come: the last record's place and SHA-256.</summary>
public sealed record ChainHead(string Day, string ClientId, string Writer, long Sequence, string Hash)
{
    /// <summary>So many fit into one record, whatever the clients' ids are: an application id has 36 characters.</summary>
    internal const int MaxPerRecord = 100;

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("client"u8, ClientId);
        json.WriteString("day"u8, Day);
        json.WriteString("hash"u8, Hash);
        json.WriteNumber("sequence"u8, Sequence);
        json.WriteString("writer"u8, Writer);
        json.WriteEndObject();
    }

    /// <summary>The heads that a record's details state; null when they cannot be read.</summary>
    /// <param name="details">What the record says.</param>
    /// <param name="name">The member that has them.</param>
    public static List<ChainHead>? ReadFrom(JsonElement details, string name = "heads")
    {
        if (details.ValueKind != JsonValueKind.Object || !details.TryGetProperty(name, out var items) || items.ValueKind != JsonValueKind.Array) return null;
        var heads = new List<ChainHead>(items.GetArrayLength());
        foreach (var item in items.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object
                || Text(item, "client"u8) is not { } client
                || Text(item, "day"u8) is not { } day
                || Text(item, "hash"u8) is not { } hash
                || Text(item, "writer"u8) is not { } writer
                || !item.TryGetProperty("sequence"u8, out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var sequence))
            {
                return null;
            }

            heads.Add(new ChainHead(day, client, writer, sequence, hash));
        }

        return heads;
    }

    private static string? Text(JsonElement item, ReadOnlySpan<byte> name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
