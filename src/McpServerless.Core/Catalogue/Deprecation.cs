using System.Globalization;
using System.Text.Json;

namespace McpServerless.Catalogue;

/// <summary>What callers are told of something that ends.</summary>
/// <param name="Since">Since when it is deprecated; null when nobody knows.</param>
/// <param name="Sunset">When it ends and calls are refused with <c>tool_retired</c>; null for no date.</param>
public sealed record Deprecation(DateTimeOffset? Since, DateTimeOffset? Sunset)
{
    /// <summary>Its place in <c>_meta</c> of a listed definition.</summary>
    public const string MetaKey = "io.github.mcpserverless/deprecation";

    /// <summary>Null for a contract that is not deprecated.</summary>
    public static Deprecation? Of(Contract contract) => contract.State == ToolState.Deprecated ? new(contract.DeprecatedSince, contract.Sunset) : null;

    /// <summary>The headers of an answer: <c>Deprecation</c> (RFC 9745, section 2.1) and <c>Sunset</c> (RFC 8594, section 3).</summary>
    public IEnumerable<(string Name, string Value)> Headers()
    {
        if (Since is { } since) yield return ("Deprecation", string.Create(CultureInfo.InvariantCulture, $"@{since.ToUnixTimeSeconds()}"));
        if (Sunset is { } sunset) yield return ("Sunset", sunset.ToUniversalTime().ToString("R", CultureInfo.InvariantCulture));
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(MetaKey);
        if (Since is { } since) writer.WriteString("since"u8, since.UtcDateTime);
        if (Sunset is { } sunset) writer.WriteString("sunset"u8, sunset.UtcDateTime);
        writer.WriteEndObject();
    }
}
