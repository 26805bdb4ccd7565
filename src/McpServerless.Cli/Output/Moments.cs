using System.Globalization;

namespace McpServerless.Cli.Output;

/// <summary>Times as people read them: UTC, and said so.</summary>
internal static class Moments
{
    public static string Minute(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
