#nullable enable
using System.Globalization;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>Turns the values of an interpolated filter into OData literals.</summary>
internal static class ODataFilter
{
    /// <summary>As the service writes times; seven digits are all that it keeps.</summary>
    public const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffffffZ";

    /// <exception cref="ArgumentException">A value has no literal.</exception>
    public static string? Create(FormattableString? filter)
    {
        if (filter is null)
            return null;
        var literals = new object[filter.ArgumentCount];
        for (var index = 0; index < literals.Length; index++)
            literals[index] = Literal(filter.GetArgument(index));
        return string.Format(CultureInfo.InvariantCulture, filter.Format, literals);
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string or char or StringBuilder => $"'{value.ToString()!.Replace("'", "''", StringComparison.Ordinal)}'", // None of them has a null text.
        bool truth => truth ? "true" : "false",
        long or ulong => string.Create(CultureInfo.InvariantCulture, $"{value}L"),
        sbyte or byte or short or ushort or int or uint or float or double or decimal => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        Guid id => $"guid'{id}'",
        byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
        BinaryData binary => $"X'{Convert.ToHexString(binary.ToMemory().Span)}'",
        DateTimeOffset time => Time(time.UtcDateTime),
        DateTime time => Time(time.ToUniversalTime()),
        _ => throw new ArgumentException($"A {value.GetType()} cannot be written into an OData filter."),
    };

    private static string Time(DateTime time) => $"datetime'{time.ToString(TimeFormat, CultureInfo.InvariantCulture)}'";
}
