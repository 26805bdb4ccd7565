using System.Globalization;
using System.Text.Json;

namespace Json.Pointer;

/// <summary>One step of a pointer: a property name or an array index.</summary>
public readonly ref struct JsonPointerSegment
{
    private readonly ReadOnlySpan<char> _escaped;

    internal JsonPointerSegment(ReadOnlySpan<char> escaped) => _escaped = escaped;

    public static bool operator ==(JsonPointerSegment left, string right) =>
        left._escaped.Contains('~') ? left.Unescape() == right : left._escaped.SequenceEqual(right);

    public static bool operator !=(JsonPointerSegment left, string right) => !(left == right);

    public override bool Equals(object? obj) => obj is string text && this == text;

    public override int GetHashCode() => Unescape().GetHashCode(StringComparison.Ordinal);

    /// <summary>The name or index itself, without escapes: JsonSchema.Net compares it with property names, and escapes it again itself.</summary>
    public override string ToString() => Unescape();

    internal bool TryStepInto(ref JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return element.TryGetProperty(Unescape(), out element);
            case JsonValueKind.Array when IndexIn(element.GetArrayLength()) is { } index:
                element = element[index];
                return true;
            default:
                return false;
        }
    }

    private int? IndexIn(int length)
    {
        if (_escaped is "-") return length == 0 ? null : length - 1;
        // RFC 6901, section 4: no leading zeros, so that one item has one pointer.
        if (_escaped is ['0', _, ..]) return null;
        return int.TryParse(_escaped, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < length ? index : null;
    }

    // "~01" is "~1" and not "/": ~1 is taken out first (RFC 6901, section 4).
    private string Unescape() =>
        _escaped.ToString().Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
