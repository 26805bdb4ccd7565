namespace McpServerless.Benchmarks;

/// <summary>What is driven: the floor, or one of the gateway's three tools, each with its audit mode.</summary>
internal static class Target
{
    public const string Floor = "floor";

    private const string GatewayPrefix = "gateway-";

    public static IReadOnlyList<string> All { get; } = [Floor, GatewayPrefix + "async", GatewayPrefix + "outcome", GatewayPrefix + "strict"];

    /// <summary>The tool to call. The floor reads nothing of the call, so that any will do.</summary>
    public static string Tool(string target) => target == Floor ? "echo-async" : "echo-" + target[GatewayPrefix.Length..];
}
