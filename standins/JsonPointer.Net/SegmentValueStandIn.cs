using System.Globalization;

namespace Json.Pointer;

/// <summary>Lets a property name or an array index be written where a pointer's segment is wanted; the name is the real package's.</summary>
public readonly struct SegmentValueStandIn
{
    private readonly string? _escaped;

    private SegmentValueStandIn(string escaped) => _escaped = escaped;

    internal string Escaped => _escaped ?? "";

    public static implicit operator SegmentValueStandIn(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(value.AsSpan().ContainsAny('~', '/')
            ? value.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)
            : value);
    }

    public static implicit operator SegmentValueStandIn(int value) => new(value.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => Escaped;
}
