namespace McpServerless.Fuzz;

/// <summary>A valid message with what its headers say of it.</summary>
/// <param name="Json">The body; empty for a request without one.</param>
/// <param name="Revision">The version header; null for none.</param>
/// <param name="Method">What <c>Mcp-Method</c> says.</param>
/// <param name="Name">What <c>Mcp-Name</c> says.</param>
internal sealed record Sample(string Json, string? Revision, string? Method = null, string? Name = null)
{
    public string Verb { get; init; } = "POST";

    /// <summary>Whether it names a session of its revision.</summary>
    public bool HasSession { get; init; }

    /// <summary>Whether it is held for as long as the gateway lets it, so that it has to be rare.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>Valid messages of both eras, and the words that mutations put elsewhere.</summary>
internal static class Corpus
{
    public const string Meta =
        """
        "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{},"extensions":{"io.modelcontextprotocol/tasks":{}}},"io.modelcontextprotocol/clientInfo":{"name":"fuzz","version":"1"},"io.modelcontextprotocol/logLevel":"debug"
        """;

    /// <summary>Stands for the number of the exchange, which the upstream finds again in the arguments.</summary>
    public const string Plan = "424242";

    public static readonly string[] Methods =
    [
        "tools/call", "tools/list", "server/discover", "initialize", "ping", "logging/setLevel", "resources/list", "resources/read", "resources/templates/list", "resources/subscribe", "resources/unsubscribe",
        "prompts/list", "prompts/get", "completion/complete", "subscriptions/listen", "tasks/get", "tasks/update", "tasks/cancel",
        "notifications/cancelled", "notifications/initialized", "notifications/progress", "notifications/roots/list_changed", "Tools/Call", "tools/call ", "", "no/such",
    ];

    public static readonly string[] Versions = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2027-01-01", "1999-01-01", "v999.0.0", "", "2026-07-28 ", "9"];

    public static readonly string[] Names = [.. FuzzState.Tools, .. FuzzState.Prompts, .. FuzzState.Resources, "not-granted", "no-such-tool", "ANY", "any\u0000", "", "fuzz://plan/%2e%2e/1", "fuzz://other", "file:///etc/passwd"];

    private static readonly string?[] Legacy = ["2025-11-25", "2025-06-18", "2025-03-26", null];

    public static IReadOnlyList<Sample> Samples { get; } =
    [
        .. FuzzState.Tools.SelectMany(t => new[] { Call(t), Call(t) }),
        .. FuzzState.Tools.SelectMany(t => Legacy.Select(r => LegacyCall(t, r))),
        .. FuzzState.Tools.Select(t => LegacyCall(t, "2025-11-25") with { HasSession = true }),
        .. FuzzState.Tools.Select(t => LegacyCall(t, "2025-06-18") with { HasSession = true }),
        .. Requests().SelectMany(r => new[] { Modern(r.Method, r.Params, r.Name), OfSession(r.Method, r.Params) }),
        .. Requests().Select(r => Older(r.Method, r.Params)),
        .. Rounds(), .. Tasks(), .. Sessions(),
        .. Enumerable.Repeat(Modern("subscriptions/listen", """ "notifications":{"resourceSubscriptions":["fuzz://one","fuzz://plan/7"],"taskIds":["@task@"]} """) with { IsHeld = true }, 2),
        new($$$$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"_meta":{{{{{{Meta}}}}}}}}""", "2026-07-28", "notifications/cancelled"),
        new("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", "2025-11-25"),
        new("""{"jsonrpc":"2.0","id":2,"method":"ping"}""", "2025-03-26"),
        new("""{"jsonrpc":"2.0","id":3,"result":{"action":"accept"}}""", "2025-11-25"),
        new("""[{"jsonrpc":"2.0","id":4,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]""", "2025-03-26"),
    ];

    private static string Arguments => $$"""{"plan":{{Plan}},"text":"a","region":"eu","count":3,"n":1.5,"password":"hidden","list":[{"k":1.0}]}""";

    /// <summary>Requests that both eras have, beside calls of tools.</summary>
    private static IEnumerable<(string Method, string Params, string? Name)> Requests()
    {
        foreach (var list in new[] { "tools/list", "prompts/list", "resources/list", "resources/templates/list" })
        {
            yield return (list, "", null);
            yield return (list, """ "cursor":"@cursor@" """, null);
        }

        foreach (var prompt in FuzzState.Prompts) yield return ("prompts/get", $$""" "name":"{{prompt}}","arguments":{"plan":"{{Plan}}","topic":"x"} """, prompt);
        foreach (var uri in new[] { "fuzz://one", $"fuzz://plan/{Plan}", $"fuzz://old/{Plan}" }) yield return ("resources/read", $$""" "uri":"{{uri}}" """, uri);
        yield return ("completion/complete", $$""" "ref":{"type":"ref/prompt","name":"asks-old"},"argument":{"name":"topic","value":"a"},"context":{"arguments":{"plan":"{{Plan}}"} } """, null);
        yield return ("completion/complete", $$""" "ref":{"type":"ref/resource","uri":"fuzz://plan/{n}"},"argument":{"name":"n","value":"1"},"context":{"arguments":{"plan":"{{Plan}}"} } """, null);
    }

    /// <summary>Calls that go on, with a state that was given out and with none.</summary>
    private static IEnumerable<Sample> Rounds() => Enumerable.Repeat(
        new[]
        {
            Modern("tools/call", """ "name":"asks","arguments":{"plain":1},"inputResponses":{"who":{"action":"accept","content":{"name":"x"}}},"requestState":"@state@" """, "asks"),
            Modern("tools/call", $$""" "name":"asks","arguments":{"plan":{{Plan}} },"inputResponses":{"who":{"action":"decline"} } """, "asks"),
            Modern("tools/call", $$""" "name":"asks","arguments":{"plan":{{Plan}} },"requestState":"@state@" """, "asks"),
        }, 2).SelectMany(s => s);

    private static IEnumerable<Sample> Tasks() => Enumerable.Repeat(
        new[]
        {
            Modern("tasks/get", """ "taskId":"@task@" """, "@task@"),
            Modern("tasks/update", $$""" "taskId":"@task@","inputResponses":{"who":{"action":"accept","content":{"plan":{{Plan}} } } } """, "@task@"),
            Modern("tasks/cancel", """ "taskId":"@task@" """, "@task@"),
        }, 2).SelectMany(s => s);

    /// <summary>What only sessions have: the handshake, streams of their own, levels, answers to requests, an end.</summary>
    private static IEnumerable<Sample> Sessions()
    {
        yield return new("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"sampling":{},"elicitation":{}},"clientInfo":{"name":"fuzz","version":"1"}}}""", null);
        yield return new("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{"roots":{"listChanged":true}},"clientInfo":{"name":"fuzz","version":"1"}}}""", null);
        foreach (var revision in new[] { "2025-11-25", "2025-06-18", "2025-03-26" })
        {
            Sample[] samples =
            [
                new("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", revision),
                new("""{"jsonrpc":"2.0","method":"notifications/roots/list_changed","params":{"_meta":{"a":1}}}""", revision),
                new("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"seven","reason":"x"}}""", revision),
                new("""{"jsonrpc":"2.0","id":5,"method":"logging/setLevel","params":{"level":"debug"}}""", revision),
                new("""{"jsonrpc":"2.0","id":"0:n1","result":{"action":"accept","content":{"name":"x"}}}""", revision),
                new("""{"jsonrpc":"2.0","id":"1:ssrv-1","error":{"code":-1,"message":"no"}}""", revision),
                new("""{"jsonrpc":"2.0","id":6,"method":"resources/subscribe","params":{"uri":"fuzz://one"}}""", revision),
                new("""{"jsonrpc":"2.0","id":6,"method":"resources/unsubscribe","params":{"uri":"fuzz://one"}}""", revision),
                new("", revision) { Verb = "GET" },
                new("", revision) { Verb = "GET" },
                new("", revision) { Verb = "DELETE" },
            ];
            foreach (var sample in samples) yield return sample with { HasSession = true, IsHeld = sample.Verb == "GET" };
        }

        yield return new("""[{"jsonrpc":"2.0","id":4,"method":"prompts/list"},{"jsonrpc":"2.0","id":"seven","method":"tools/call","params":{"name":"any","arguments":{"plan":424242}}},{"jsonrpc":"2.0","id":"0:n1","result":{}}]""", "2025-03-26") { HasSession = true };
    }

    private static Sample Call(string tool) => Modern("tools/call", $$""" "name":"{{tool}}","arguments":{{Arguments}} """, tool);

    private static Sample LegacyCall(string tool, string? revision) => new(
        $$$$$"""{"jsonrpc":"2.0","id":"seven","method":"tools/call","params":{"name":"{{{{{tool}}}}}","arguments":{{{{{Arguments}}}}},"_meta":{"progressToken":17}}}""", revision);

    private static Sample Modern(string method, string parameters, string? name = null) => new(
        $$$$$"""{"jsonrpc":"2.0","id":7,"method":"{{{{{method}}}}}","params":{{{{{{parameters}}}}}{{{{{(parameters.Length > 0 ? "," : "")}}}}}"_meta":{"progressToken":"p-1","vendor/plan":1,{{{{{Meta}}}}}}}}""", "2026-07-28", method, name);

    private static Sample Older(string method, string parameters) => new($$$$$"""{"jsonrpc":"2.0","id":"s-1","method":"{{{{{method}}}}}","params":{{{{{{parameters}}}}}}}""", "2025-06-18");

    private static Sample OfSession(string method, string parameters) => Older(method, parameters) with { Revision = "2025-11-25", HasSession = true };
}
