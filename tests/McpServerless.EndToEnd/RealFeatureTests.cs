using System.Text.Json;
using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>The official TypeScript clients use everything that two real servers offer: each behind a virtual server of its own, and merged on one.</summary>
public class RealFeatureTests(MergedGateway gateway) : IClassFixture<MergedGateway>
{
    public static TheoryData<string, string> Ways { get; } = new()
    {
        { "sdk-v1", MergedGateway.Conformance },
        { "sdk-v1", MergedGateway.Everything },
        { "sdk-v1", MergedGateway.Merged },
        { "client-v2-legacy", MergedGateway.Conformance },
        { "client-v2-legacy", MergedGateway.Everything },
        { "client-v2-legacy", MergedGateway.Merged },
        { "client-v2-modern", MergedGateway.Conformance },
        { "client-v2-modern", MergedGateway.Everything },
        { "client-v2-modern", MergedGateway.Merged },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task TypeScriptClient_UsesEverything(string kind, string server)
    {
        var modern = kind == "client-v2-modern";
        var seen = await RunAsync(kind, server);
        var (conformance, everything) = MergedGateway.Prefixes(server);

        Assert.Equal(Texts(seen, "tools").Order(StringComparer.Ordinal), Texts(seen, "tools"));
        Assert.All(Texts(seen, "tools"), name => Assert.Matches("^[A-Za-z0-9_.-]{1,128}$", name));
        var capabilities = seen.GetProperty("capabilities");
        foreach (var always in new[] { "tools", "prompts", "resources", "completions" }) Assert.True(capabilities.TryGetProperty(always, out _), always);
        // A server of the older era logs to a session, and an agent of the newer one has none.
        Assert.Equal(!modern || conformance is not null, capabilities.TryGetProperty("logging", out _));
        if (conformance is not null) CheckConformance(seen, conformance, kind);
        if (everything is not null) CheckEverything(seen, everything, modern);
    }

    private static void CheckConformance(JsonElement seen, string prefix, string kind)
    {
        Assert.Contains($"{prefix}test_simple_text", Texts(seen, "tools"));
        Assert.Contains($"{prefix}test_prompt_with_arguments", Texts(seen, "prompts"));
        Assert.Contains("test://static-text", Texts(seen, "resources"));
        Assert.Contains("test://template/{id}/data", Texts(seen, "templates"));
        var said = seen.GetProperty("conformance");
        Assert.Equal("This is a simple text response for testing.", Text(said, "simple"));
        Assert.Equal(("image", "audio"), (Text(said, "image"), Text(said, "audio")));
        Assert.Equal(["text", "image", "resource"], Texts(said, "mixed"));
        Assert.True(said.GetProperty("error").GetBoolean());
        Assert.Equal("Prompt with arguments: arg1='a', arg2='b'", Text(said, "prompt"));
        Assert.Equal("This is the content of the static text resource.", Text(said, "text"));
        Assert.True(said.GetProperty("binary").GetBoolean());
        Assert.Contains("Data for ID: 7", Text(said, "template"), StringComparison.Ordinal);
        // The second version tells its users the newer code whatever it got.
        Assert.Equal(kind == "sdk-v1" ? -32002 : -32602, said.GetProperty("missing").GetInt32());
        Assert.Equal(-32602, said.GetProperty("unknownTool").GetInt32());
        Assert.Equal(["paris", "park", "party"], Texts(said, "completion").Where(v => v.StartsWith("par", StringComparison.Ordinal)));
        Assert.Equal([0, 50, 100], said.GetProperty("progress").EnumerateArray().Select(p => p.GetInt32()));
        Assert.Equal("test://watched-resource", Text(said, "updated"));
        if (kind == "client-v2-modern") CheckRounds(said);
        else CheckSessions(said);
    }

    private static void CheckSessions(JsonElement said)
    {
        Assert.Contains("\"username\":\"Ada\"", Text(said, "elicitation"), StringComparison.Ordinal);
        Assert.Contains("\"score\":95.5", Text(said, "defaults"), StringComparison.Ordinal);
        Assert.Equal("LLM response: Paris", Text(said, "sampling"));
        Assert.Equal(3, said.GetProperty("logged").GetInt32());
        Assert.Equal("The answer after the stream was closed.", Text(said, "reconnected"));
    }

    private static void CheckRounds(JsonElement said)
    {
        Assert.Equal("Hello, Ada!", Text(said, "elicitation"));
        Assert.Equal("Paris", Text(said, "sampling"));
        Assert.Equal("Roots: file:///work", Text(said, "roots"));
        Assert.Equal("Paris Ada, with 1 roots.", Text(said, "multiple"));
        Assert.Equal("Ada likes Ada.", Text(said, "multiRound"));
        Assert.Equal("Use this context: Ada", Text(said, "promptOfRounds"));
        Assert.Equal("Region: Zürich", Text(said, "header"));
        Assert.Equal((1, 0), (said.GetProperty("logged").GetInt32(), said.GetProperty("loggedUnasked").GetInt32()));
        Assert.Equal("""{"resourceSubscriptions":["test://watched-resource"]}""", said.GetProperty("honoured").GetRawText());
        Assert.Equal("given up", Text(said, "cancelled"));
    }

    private static void CheckEverything(JsonElement seen, string prefix, bool modern)
    {
        Assert.Contains($"{prefix}echo", Texts(seen, "tools"));
        var said = seen.GetProperty("everything");
        Assert.Equal("Echo: hello", Text(said, "echo"));
        Assert.Contains("5", Text(said, "sum"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, said.GetProperty("structured").ValueKind);
        Assert.Contains("resource_link", Texts(said, "links"));
        Assert.Contains("Oslo", Text(said, "prompt"), StringComparison.Ordinal);
        Assert.Equal(["Engineering"], Texts(said, "completion"));
        Assert.Equal("demo://resource/dynamic/text/1", Text(said, "dynamic"));
        Assert.Equal([1, 2, 3], said.GetProperty("progress").EnumerateArray().Select(p => p.GetInt32()));
        Assert.Equal("given up", Text(said, "cancelled"));
        if (modern) return;
        Assert.Contains("Paris", Text(said, "sampling"), StringComparison.Ordinal);
        Assert.Contains("Ada", Text(said, "elicitation"), StringComparison.Ordinal);
        Assert.Contains("file:///work", Text(said, "roots"), StringComparison.Ordinal);
    }

    private static string Text(JsonElement owner, string name) => owner.GetProperty(name).GetString()!;

    private static string[] Texts(JsonElement owner, string name) => [.. owner.GetProperty(name).EnumerateArray().Select(v => v.GetString()!)];

    private async Task<JsonElement> RunAsync(string kind, string server)
    {
        var (conformance, everything) = MergedGateway.Prefixes(server);
        var environment = new Dictionary<string, string?> { ["GATEWAY_ENDPOINT"] = gateway.Endpoint(server).ToString(), ["TOKEN"] = await gateway.TokenAsync(), ["CLIENT"] = kind };
        if (conformance is not null) environment["CONFORMANCE"] = conformance;
        if (everything is not null) environment["EVERYTHING"] = everything;
        var lines = new List<string>();
        var script = RepositoryRoot.Combine("tests", "McpServerless.EndToEnd", "clients", "features.mjs");
        await using var process = ChildProcess.Start(new ChildProcessStart($"TypeScript client {kind}", NodeTool.Executable, script) { Environment = environment }, lines.Add);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var code = await process.ExitAsync(limit.Token);
        Assert.True(code == 0, process.LastLines(30));
        return JsonDocument.Parse(lines.Last(l => l.StartsWith('{'))).RootElement;
    }
}
