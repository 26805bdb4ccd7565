using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Json.Pointer;

/// <summary>A JSON Pointer (RFC 6901), kept in its printed, escaped form.</summary>
[JsonConverter(typeof(JsonPointerJsonConverter))]
public readonly struct JsonPointer : IEquatable<JsonPointer>
{
    public static readonly JsonPointer Empty;

    // null in default(JsonPointer), which is the pointer to the whole document.
    private readonly string? _text;

    private JsonPointer(string text, int segmentCount)
    {
        _text = text;
        SegmentCount = segmentCount;
    }

    public int SegmentCount { get; }

    private string Text => _text ?? "";

    private JsonPointerSegments Segments => new(Text);

    public JsonPointerSegment this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, SegmentCount);
            var segments = Segments;
            for (var i = 0; i <= index; i++) segments.MoveNext();
            return segments.Current;
        }
    }

    public static JsonPointer Create(params SegmentValueStandIn[] segments) => Empty.Combine(segments);

    /// <summary>Reads the printed form, or the form inside a URI: <c>#</c> and the percent-encoded pointer (RFC 6901, section 6).</summary>
    public static bool TryParse(string? pointer, out JsonPointer result)
    {
        result = Empty;
        if (pointer is ['#', ..]) pointer = Uri.UnescapeDataString(pointer.AsSpan(1));
        if (string.IsNullOrEmpty(pointer)) return true;
        if (pointer[0] != '/' || !EveryTildeIsAnEscape(pointer)) return false;
        result = new JsonPointer(pointer, pointer.AsSpan().Count('/'));
        return true;
    }

    public JsonPointer Combine(JsonPointer other) =>
        other.SegmentCount == 0 ? this : new JsonPointer(Text + other.Text, SegmentCount + other.SegmentCount);

    public JsonPointer Combine(params SegmentValueStandIn[] segments)
    {
        // One segment is what every keyword appends while a schema is evaluated.
        if (segments is [var only]) return new JsonPointer($"{Text}/{only.Escaped}", SegmentCount + 1);

        var text = new StringBuilder(Text);
        foreach (var segment in segments) text.Append('/').Append(segment.Escaped);
        return new JsonPointer(text.ToString(), SegmentCount + segments.Length);
    }

    /// <summary>The last <paramref name="levels"/> segments as a pointer of their own.</summary>
    public JsonPointer GetLocal(int levels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(levels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, SegmentCount);
        if (levels == SegmentCount) return this;

        var start = Text.Length;
        for (var i = 0; i < levels; i++) start = Text.LastIndexOf('/', start - 1);
        return new JsonPointer(Text[start..], levels);
    }

    /// <summary>Whether the first segments are those of <paramref name="other"/>; <c>/items2</c> does not start with <c>/items</c>.</summary>
    public bool StartsWith(JsonPointer other) =>
        Text.StartsWith(other.Text, StringComparison.Ordinal) && (Text.Length == other.Text.Length || Text[other.Text.Length] == '/');

    /// <summary>The value pointed at, or null where there is none. On an array, <c>-</c> is the last item, as in the real package.</summary>
    public JsonElement? Evaluate(JsonElement element)
    {
        foreach (var segment in Segments)
        {
            if (!segment.TryStepInto(ref element)) return null;
        }

        return element;
    }

    public bool Equals(JsonPointer other) => Text == other.Text;

    public override bool Equals(object? obj) => obj is JsonPointer other && Equals(other);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    public static bool operator ==(JsonPointer left, JsonPointer right) => left.Equals(right);

    public static bool operator !=(JsonPointer left, JsonPointer right) => !left.Equals(right);

    private static bool EveryTildeIsAnEscape(ReadOnlySpan<char> text)
    {
        for (var tilde = text.IndexOf('~'); tilde >= 0; tilde = text.IndexOf('~'))
        {
            text = text[(tilde + 1)..];
            if (text is not ['0' or '1', ..]) return false;
        }

        return true;
    }
}
