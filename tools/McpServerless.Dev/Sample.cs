namespace McpServerless.Dev;

/// <summary>Names from <c>samples/catalogue</c>.</summary>
internal static class Sample
{
    /// <summary>The virtual server.</summary>
    public const string Server = "demo";

    /// <summary>The client that holds a grant on it.</summary>
    public const string ClientId = "33333333-3333-3333-3333-333333333333";

    /// <summary>What the tour must have left in the audit records: the tools that it called and how the gateway answered.</summary>
    public static readonly string[] TourTraces = ["echo", "get-structured-content", "get-env", "no-such-tool", "grant_missing", "tool_unknown", "arguments_invalid", "invalid_token"];
}
