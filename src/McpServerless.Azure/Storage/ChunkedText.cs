using System.Text;
using Azure.Data.Tables;

namespace McpServerless.Azure.Storage;

/// <summary>A text over several properties, since one holds at most 64 KiB.</summary>
internal static class ChunkedText
{
    /// <summary>The longest text, in UTF-16 code units: with it a row stays under the 1 MiB of an entity.</summary>
    public const int MaxLength = MaxChunks * ChunkLength;

    private const int MaxChunks = 15;
    private const int ChunkLength = 32_000;

    private static readonly string[] Names = [.. Enumerable.Range(0, MaxChunks + 1).Select(i => $"Json{i:D2}")];

    public static void Write(TableEntity row, string text) => Write(row, text, Names);

    /// <summary>Under a property's own name, and behind it what does not fit, so that a short text is an ordinary property.</summary>
    public static void Write(TableEntity row, string property, string text) => Write(row, text, NamesAfter(property));

    private static void Write(TableEntity row, string text, string[] names)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, MaxLength);
        var chunk = 0;
        for (var start = 0; start < text.Length; chunk++)
        {
            var end = Math.Min(start + ChunkLength, text.Length);

            // Half a surrogate pair is not a text: on its way as UTF-8 it would be replaced.
            if (end < text.Length && char.IsHighSurrogate(text[end - 1])) end--;
            row[names[chunk]] = text[start..end];
            start = end;
        }
    }

    /// <summary>How long the text of a row is.</summary>
    public static int LengthOf(TableEntity row)
    {
        var length = 0;
        foreach (var name in Names)
        {
            if (!row.TryGetValue(name, out var chunk)) break;
            length += ((string)chunk).Length;
        }

        return length;
    }

    /// <summary>The text; empty when the row has none.</summary>
    public static string Read(Row row) => Read(row, Names) ?? "";

    /// <summary>The text under a property's own name; null when the row has none.</summary>
    public static string? Read(Row row, string property) => Read(row, NamesAfter(property));

    private static string? Read(Row row, string[] names)
    {
        if (row.OptionalText(names[0]) is not { } first) return null;
        if (row.OptionalText(names[1]) is not { } second) return first;
        var text = new StringBuilder(first).Append(second);
        for (var i = 2; i < names.Length && row.OptionalText(names[i]) is { } chunk; i++) text.Append(chunk);
        return text.ToString();
    }

    private static string[] NamesAfter(string property) => [property, .. Enumerable.Range(1, MaxChunks).Select(i => $"{property}{i:D2}")];
}
