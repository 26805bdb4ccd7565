namespace McpServerless.Protocol;

/// <summary>The revisions of MCP that the gateway speaks, and the two eras that they fall into.</summary>
/// <remarks>MCP 2026-07-28, Versioning: before it a connection begins with <c>initialize</c>; from it on every request stands alone.</remarks>
public static class ProtocolRevision
{
    public const string Modern = "2026-07-28";
    public const string Legacy20251125 = "2025-11-25";
    public const string Legacy20250618 = "2025-06-18";
    public const string Legacy20250326 = "2025-03-26";

    /// <summary>What <c>server/discover</c> and the error <c>-32022</c> name.</summary>
    public static IReadOnlyList<string> Served { get; } = [Modern];

    /// <summary>What <c>initialize</c> can negotiate, newest first.</summary>
    public static IReadOnlyList<string> LegacyServed { get; } = [Legacy20251125, Legacy20250618, Legacy20250326];

    /// <summary>Whether a version text belongs to the era without a handshake. ISO dates compare as texts.</summary>
    public static bool IsModern(string version) => version.Length == 10 && char.IsAsciiDigit(version[0]) && string.CompareOrdinal(version, Modern) >= 0;

    /// <summary>The same text as one of the constants, so that a caller's string is never kept; null when it is not served.</summary>
    public static string? Known(string version) => version switch
    {
        Modern => Modern,
        Legacy20251125 => Legacy20251125,
        Legacy20250618 => Legacy20250618,
        Legacy20250326 => Legacy20250326,
        _ => null,
    };
}
