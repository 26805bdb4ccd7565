namespace McpServerless.Fuzz;

/// <summary>A valid message with what its headers say of it.</summary>
internal sealed record Sample(string Json, string? Revision, string? Method = null, string? Name = null);

/// <summary>Valid messages of both eras, and the words that mutations put elsewhere.</summary>
internal static class Corpus
{
    public const string Meta =
        """
        "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"fuzz","version":"1"}
        """;

    /// <summary>Stands for the number of the exchange, which the upstream finds again in the arguments.</summary>
    public const string Plan = "424242";

    public static readonly string[] Methods =
    [
        "tools/call", "tools/list", "server/discover", "initialize", "ping", "logging/setLevel", "resources/list", "resources/read", "prompts/get", "completion/complete", "subscriptions/listen",
        "notifications/cancelled", "notifications/initialized", "notifications/progress", "tasks/get", "Tools/Call", "tools/call ", "", "no/such",
    ];

    public static readonly string[] Versions = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2027-01-01", "1999-01-01", "v999.0.0", "", "2026-07-28 ", "9"];

    public static readonly string[] Tools = [.. FuzzState.Tools, "not-granted", "no-such-tool", "ANY", "any\u0000", ""];

    public static IReadOnlyList<Sample> Samples { get; } =
    [
        .. FuzzState.Tools.Select(Call),
        .. FuzzState.Tools.Select(Call),
        .. FuzzState.Tools.SelectMany(t => new[] { "2025-11-25", "2025-06-18", "2025-03-26", null }.Select(r => LegacyCall(t, r))),
        Modern("tools/list"),
        Modern("server/discover"),
        Modern("subscriptions/listen"),
        new($$$$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"_meta":{{{{{{Meta}}}}}}}}""", "2026-07-28", "notifications/cancelled"),
        new("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"sampling":{}},"clientInfo":{"name":"fuzz","version":"1"}}}""", null),
        new("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", "2025-11-25"),
        new("""{"jsonrpc":"2.0","id":"s-1","method":"tools/list","params":{}}""", "2025-06-18"),
        new("""{"jsonrpc":"2.0","id":2,"method":"ping"}""", "2025-03-26"),
        new("""{"jsonrpc":"2.0","id":3,"result":{"action":"accept"}}""", "2025-11-25"),
        new("""[{"jsonrpc":"2.0","id":4,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]""", "2025-03-26"),
        new("""{"jsonrpc":"2.0","id":5,"method":"logging/setLevel","params":{"level":"debug"}}""", "2025-11-25"),
    ];

    private static string Arguments => $$"""{"plan":{{Plan}},"text":"a","region":"eu","count":3,"n":1.5,"password":"hidden","list":[{"k":1.0}]}""";

    private static Sample Call(string tool) => new(
        $$$$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"{{{{{tool}}}}}","arguments":{{{{{Arguments}}}}},"_meta":{"progressToken":"p-1",{{{{{Meta}}}}}}}}""", "2026-07-28", "tools/call", tool);

    private static Sample LegacyCall(string tool, string? revision) => new(
        $$$$$"""{"jsonrpc":"2.0","id":"seven","method":"tools/call","params":{"name":"{{{{{tool}}}}}","arguments":{{{{{Arguments}}}}},"_meta":{"progressToken":17}}}""", revision);

    private static Sample Modern(string method) => new($$$$$"""{"jsonrpc":"2.0","id":8,"method":"{{{{{method}}}}}","params":{"_meta":{{{{{{Meta}}}}}}}}""", "2026-07-28", method);
}
