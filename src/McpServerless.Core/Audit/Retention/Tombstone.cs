using System.Globalization;
using System.Text.Json;

namespace McpServerless.Audit.Retention;

/// <summary>Stands in a segment in the place of consecutive records that were purged, and says what can be said of them without them.</summary>
/// <remarks>
/// A line of canonical JSON between records. It is lawful when a purge record of the gateway's own chain, of the day on which it was made, names its place and its
/// SHA-256; that record was durable before it.
/// </remarks>
public sealed record Tombstone
{
    /// <summary>No record begins so: members stand in order, and this is the first.</summary>
    private static ReadOnlySpan<byte> Beginning => "{\"classes\":{"u8;

    public required string Writer { get; init; }

    public required long FirstSequence { get; init; }

    public required long LastSequence { get; init; }

    /// <summary>What the first of them names as the hash of the record before it; empty where it begins a chain.</summary>
    public required string HashBefore { get; init; }

    /// <summary>SHA-256 of the last of them, which the record after them names.</summary>
    public required string HashAfter { get; init; }

    /// <summary>SHA-256 over their hashes, one after another in lower-case hexadecimal.</summary>
    public required string Digest { get; init; }

    /// <summary>How many there were of each class.</summary>
    public required IReadOnlyDictionary<string, int> Classes { get; init; }

    /// <summary>When, and so in which day's chain the purge record stands.</summary>
    public required DateTimeOffset PurgedAt { get; init; }

    /// <summary>The settings by which they were purged.</summary>
    public required string Policy { get; init; }

    public long Count => LastSequence - FirstSequence + 1;

    public string PurgeDay => PurgedAt.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    public static bool Is(ReadOnlySpan<byte> line) => line.StartsWith(Beginning);

    public byte[] ToJson() => AuditDetails.Write(json =>
    {
        json.WriteStartObject("classes"u8);
        foreach (var (name, count) in Classes) json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteNumber("count"u8, Count);
        json.WriteString("digest"u8, Digest);
        json.WriteNumber("firstSequence"u8, FirstSequence);
        json.WriteString("hashAfter"u8, HashAfter);
        json.WriteString("hashBefore"u8, HashBefore);
        json.WriteNumber("lastSequence"u8, LastSequence);
        json.WriteString("policy"u8, Policy);
        json.WriteString("purgedAt"u8, PurgedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("tombstone"u8, "1");
        json.WriteString("writer"u8, Writer);
    }).ToArray();

    /// <summary>Null for what is no tombstone, or one that says less than it has to.</summary>
    public static Tombstone? Read(ReadOnlyMemory<byte> line)
    {
        if (!Is(line.Span)) return null;
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var stone = new Tombstone
            {
                Writer = Text(root, "writer"),
                FirstSequence = root.GetProperty("firstSequence"u8).GetInt64(),
                LastSequence = root.GetProperty("lastSequence"u8).GetInt64(),
                HashBefore = Text(root, "hashBefore"),
                HashAfter = Text(root, "hashAfter"),
                Digest = Text(root, "digest"),
                Classes = root.GetProperty("classes"u8).EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetInt32(), StringComparer.Ordinal),
                PurgedAt = DateTimeOffset.Parse(Text(root, "purgedAt"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                Policy = Text(root, "policy"),
            };
            return stone.FirstSequence >= 1 && stone.Count is >= 1 and <= AuditSegment.MaxRecords && root.GetProperty("count"u8).GetInt64() == stone.Count ? stone : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";
}
