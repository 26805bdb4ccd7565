namespace McpServerless.Dev;

/// <summary>Names from <c>samples/catalogue</c>.</summary>
internal static class Sample
{
    /// <summary>The virtual server.</summary>
    public const string Server = "demo";

    /// <summary>The client that holds a grant on it.</summary>
    public const string ClientId = "33333333-3333-3333-3333-333333333333";

    /// <summary>What the tour must have left in the audit records: what was called, and how the gateway decided.</summary>
    public static readonly (string Tool, string Decision)[] TourRecords =
    [
        ("tools/list", "allowed"), ("echo", "allowed"), ("get-structured-content", "allowed"),
        ("get-env", "grant_missing"), ("no-such-tool", "tool_unknown"), ("echo", "arguments_invalid"), ("initialize", "invalid_token"),
    ];
}
