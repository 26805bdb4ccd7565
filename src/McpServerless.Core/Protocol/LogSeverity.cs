namespace McpServerless.Protocol;

/// <summary>The levels of MCP's log messages (RFC 5424, section 6.2.1).</summary>
public static class LogSeverity
{
    private static readonly string[] Levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    /// <summary>From 0 for the least severe; -1 for a text that is no level.</summary>
    public static int Of(string? level) => Array.IndexOf(Levels, level);
}
