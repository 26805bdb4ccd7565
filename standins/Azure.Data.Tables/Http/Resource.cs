#nullable enable
using System.Globalization;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>Paths and queries as the REST API writes them.</summary>
internal static class Resource
{
    /// <summary>Asks for values with their EDM types, but without links.</summary>
    public const string MinimalMetadata = "?$format=application%2Fjson%3Bodata%3Dminimalmetadata";

    public const string Tables = "Tables";

    public static string Table(string name) => $"Tables('{Literal(name)}')";

    public static string Entity(string table, string partitionKey, string rowKey) =>
        $"{Uri.EscapeDataString(table)}(PartitionKey='{Literal(partitionKey)}',RowKey='{Literal(rowKey)}')";

    public static string Query(
        string? filter = null, int? top = null, IEnumerable<string>? select = null, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var query = new StringBuilder(MinimalMetadata);
        Append(query, "$top", top?.ToString(CultureInfo.InvariantCulture));
        Append(query, "$select", select is null ? null : string.Join(',', select));
        Append(query, "$filter", filter);
        foreach (var (name, value) in more)
            Append(query, name, value);
        return query.ToString();
    }

    /// <summary>A quote within a key is doubled; what a path cannot carry is percent-encoded.</summary>
    private static string Literal(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));
    }

    private static void Append(StringBuilder query, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }
}
