#nullable enable
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Azure.Data.Tables;

/// <summary>Gives every row the same string for the same property name, instead of a new one per row.</summary>
internal static class PropertyNames
{
    // Tables share few names; a table whose rows each invent some must not fill the memory.
    private const int MaxKnown = 4096;
    private const int MaxLength = 256;

    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Known.GetAlternateLookup<ReadOnlySpan<char>>();

    private static int _count;

    public static string Read(ref Utf8JsonReader reader)
    {
        // Nothing unescaped is longer in chars than in UTF-8 bytes.
        if (reader.ValueSpan.Length > MaxLength || reader.ValueIsEscaped)
            return reader.GetString()!; // A property name is a string.
        Span<char> buffer = stackalloc char[MaxLength];
        var name = buffer[..Encoding.UTF8.GetChars(reader.ValueSpan, buffer)];
        if (Lookup.TryGetValue(name, out var known))
            return known;
        var added = name.ToString();
        if (Volatile.Read(ref _count) < MaxKnown && Known.TryAdd(added, added))
            Interlocked.Increment(ref _count);
        return added;
    }
}
