using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Fuzz;

/// <summary>What the gateway governs here: one client, and tools whose schemas give values something to break.</summary>
internal static class FuzzState
{
    public const string Server = "fuzz";

    private const string AnyObject = """{"type":"object"}""";

    private const string Demanding =
        """
        {"type":"object","$defs":{"word":{"type":"string","pattern":"^(a|b|[a-z]+)+$","maxLength":40},"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"},"n":{"multipleOf":0.1}}}},
         "properties":{"n":{"type":"number","multipleOf":0.01,"maximum":1e30},"count":{"type":"integer","multipleOf":3},"text":{"$ref":"#/$defs/word"},"tree":{"$ref":"#/$defs/node"},
         "list":{"type":"array","uniqueItems":true,"items":{"anyOf":[{"type":"object"},{"type":"number"},{"const":1}]}},"kind":{"enum":[1,1.0,"x",null]}},"required":["n"]}
        """;

    public static readonly string[] Tools = ["any", "demands", "promises", "mirrors", "later", "strict", "asks", "works", "old-any", "old-promises", "gone"];

    public static readonly string[] Prompts = ["asks-new", "asks-old"];

    public static readonly string[] Resources = ["fuzz://one", "fuzz://plan/{n}", "fuzz://old/{n}"];

    public static async Task PublishAsync(Uri upstream, IAccessStore access, ICatalogueStore catalogues, CancellationToken ct)
    {
        var end = TimeProvider.System.GetUtcNow().AddDays(1);
        await access.SaveClientAsync(new Client
        {
            TenantId = TestIssuer.TenantId,
            ClientId = TestIssuer.AgentClientId,
            DisplayName = "Fuzzer",
            Owner = "fuzz@example.com",
            Purpose = "Tests",
            ModelId = "fuzz-model-1",
            State = ClientState.Active,
            ExpiresAt = end,
        }, ct);
        await access.SaveGrantAsync(new Grant
        {
            GrantId = "grant-fuzz",
            ClientId = TestIssuer.AgentClientId,
            Server = Server,
            Tools = Tools,
            Prompts = Prompts,
            Resources = ["fuzz://*"],
            ExpiresAt = end,
            Justification = "Tests",
            Approver = "fuzz@example.com",
        }, ct);
        var version = new CatalogueVersion
        {
            Number = 0,
            Upstreams =
            [
                new Upstream { Name = "new", Url = new Uri(upstream, "new"), AllowPrivateNetwork = true, TimeoutSeconds = 1, MaxResultBytes = 256 * 1024 },
                new Upstream { Name = "old", Url = new Uri(upstream, "old"), AllowPrivateNetwork = true, TimeoutSeconds = 1, MaxResultBytes = 256 * 1024 },
                new Upstream { Name = "gone", Url = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/mcp"), AllowPrivateNetwork = true },
            ],
            Tools =
            [
                Tool("any", AnyObject),
                Tool("demands", Demanding),
                Tool("promises", AnyObject, Demanding),
                Tool("mirrors", """{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"count":{"type":"integer","x-mcp-header":"Count"}}}"""),
                Tool("later", AnyObject) with { Audit = AuditMode.Async },
                Tool("strict", AnyObject, Demanding) with { Audit = AuditMode.Strict },
                Tool("asks", AnyObject),
                Tool("works", AnyObject, Demanding),
                Tool("old-any", AnyObject, upstream: "old"),
                Tool("old-promises", AnyObject, Demanding, "old"),
                Tool("gone", AnyObject, upstream: "gone"),
                Tool("not-granted", AnyObject),
            ],
            Prompts = [Prompt("asks-new", "new"), Prompt("asks-old", "old")],
            Resources = [Resource("fuzz://one", "uri", "new"), Resource("fuzz://plan/{n}", "uriTemplate", "new"), Resource("fuzz://old/{n}", "uriTemplate", "old")],
            Servers =
            [
                new VirtualServer
                {
                    Name = Server,
                    Tools = [.. new[] { "new", "old", "gone" }.Select(u => new FeatureSelection { Upstream = u, Names = ["*"] })],
                    Prompts = [.. new[] { "new", "old" }.Select(u => new FeatureSelection { Upstream = u, Names = ["*"] })],
                    Resources = [.. new[] { "new", "old" }.Select(u => new ResourceSelection { Upstream = u, Uris = ["*"] })],
                    ClientRequests = [.. Enum.GetValues<ClientRequestKind>()],
                },
            ],
        };
        _ = await catalogues.PublishAsync(version, 0, ct) ?? throw new InvalidOperationException("The catalogue was published already.");
        await access.BumpEpochAsync(ct);
    }

    private static ToolContract Tool(string name, string inputSchema, string? outputSchema = null, string upstream = "new")
    {
        using var document = JsonDocument.Parse($$$$$"""{"name":"{{{{{name}}}}}","description":"Does {{{{{name}}}}}.","inputSchema":{{{{{inputSchema}}}}}{{{{{(outputSchema is null ? "" : $",\"outputSchema\":{outputSchema}")}}}}}}""");
        var definition = document.RootElement.Clone();
        return new ToolContract { Upstream = upstream, Name = name, Definition = definition, Hash = CanonicalJson.Hash(definition), Version = "1", Team = "tests" };
    }

    private static PromptContract Prompt(string name, string upstream)
    {
        var definition = Parse($$$"""{"name":"{{{name}}}","arguments":[{"name":"plan"},{"name":"topic","required":true}]}""");
        return new PromptContract { Upstream = upstream, Name = name, Definition = definition, Hash = CanonicalJson.Hash(definition), Version = "1", Team = "tests" };
    }

    private static ResourceContract Resource(string uri, string member, string upstream)
    {
        var definition = Parse($$$"""{"{{{member}}}":"{{{uri}}}","name":"thing"}""");
        return new ResourceContract { Upstream = upstream, Name = uri, Definition = definition, Hash = CanonicalJson.Hash(definition), Version = "1", Team = "tests" };
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
