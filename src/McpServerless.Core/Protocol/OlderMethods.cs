namespace McpServerless.Protocol;

/// <summary>Names of what MCP 2026-07-28 took away or advises against, and older agents and upstreams still use (SEP-2577).</summary>
public static class OlderMethods
{
    public const string SamplingCreateMessage = "sampling/createMessage";
    public const string RootsList = "roots/list";
    public const string RootsListChanged = "notifications/roots/list_changed";
    public const string LoggingSetLevel = "logging/setLevel";
    public const string LoggingMessage = "notifications/message";
}
