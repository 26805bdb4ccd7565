using System.Text.Json;
using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>The function app in front of the protocol's reference server and the conformance server: each alone, and both merged on one virtual server.</summary>
public sealed class MergedGateway : IAsyncLifetime
{
    public const string Conformance = "conformance";
    public const string Everything = "solo";
    public const string Merged = "merged";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mcpserverless-merged-");
    private ConformanceServer? _conformance;
    private LocalGateway? _gateway;

    public async Task InitializeAsync()
    {
        _conformance = await ConformanceServer.StartAsync();
        await WriteCatalogueAsync();
        _gateway = await LocalGateway.StartAsync(new LocalGatewayOptions { Catalogue = _folder.FullName });
    }

    public async Task DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        if (_conformance is not null) await _conformance.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    public Uri Endpoint(string server) => _gateway!.App.Endpoint(server);

    public Task<string> TokenAsync() => _gateway!.Issuer.TokenAsync(new TokenRequest(ConformanceGateway.ClientId));

    /// <summary>The prefixes of the names of the conformance server and of the reference server; null where the virtual server has none of it.</summary>
    public static (string? Conformance, string? Everything) Prefixes(string server) => server switch
    {
        Conformance => ("", null),
        Everything => (null, ""),
        _ => ("cf.", "ev."),
    };

    private async Task WriteCatalogueAsync()
    {
        var script = RepositoryRoot.Combine("tests", "fixtures", "conformance-server", "write-catalogue.mjs");
        await using (var process = ChildProcess.Start(
            new ChildProcessStart("write-catalogue", NodeTool.Executable, script, _folder.FullName, _conformance!.Endpoint.AbsoluteUri, TokenIssuer.TenantId, ConformanceGateway.ClientId)))
        {
            Assert.True(await process.ExitAsync(CancellationToken.None) == 0, process.LastLines(20));
        }

        var sample = RepositoryRoot.Combine("samples", "catalogue");
        foreach (var kind in new[] { "upstreams", "tools", "prompts", "resources" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(sample, kind), "*.yaml", SearchOption.AllDirectories))
            {
                var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, kind, "everything"));
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            }
        }

        // What the reference server has only for clients that can be asked.
        foreach (var name in new[] { "trigger-sampling-request", "trigger-elicitation-request", "get-roots-list" })
        {
            await WriteAsync("tools", name, $$$$"""{"kind":"ToolContract","upstream":"everything","version":"1.0.0","team":"tools-team","sensitivity":"low","definition":{"name":"{{{{name}}}}","description":"Asks the client.","inputSchema":{"type":"object"}}}""");
        }

        const string All = """["elicitation","urlElicitation","sampling","roots"]""";
        await WriteAsync("servers", Everything, $$$"""{"kind":"VirtualServer","name":"{{{Everything}}}","tools":[{"upstream":"everything","names":["*"]}],"prompts":[{"upstream":"everything","names":["*"]}],"resources":[{"upstream":"everything","uris":["*"]}],"clientRequests":{{{All}}}}""");
        await WriteAsync("servers", Merged, $$$"""
            {"kind":"VirtualServer","name":"{{{Merged}}}",
             "tools":[{"upstream":"everything","names":["*"],"prefix":"ev."},{"upstream":"conformance-server","names":["*"],"prefix":"cf."}],
             "prompts":[{"upstream":"everything","names":["*"],"prefix":"ev."},{"upstream":"conformance-server","names":["*"],"prefix":"cf."}],
             "resources":[{"upstream":"everything","uris":["*"]},{"upstream":"conformance-server","uris":["*"]}],
             "clientRequests":{{{All}}}}
            """);
        await WriteGrantAsync(Everything, """["e*","g*","t*"]""", """["simple-prompt","args-prompt","completable-prompt","resource-prompt"]""", """["demo://*"]""");
        await WriteGrantAsync(Merged, """["ev.*","cf.*"]""", """["ev.*","cf.*"]""", """["demo://*","test://*"]""");
    }

    private Task WriteGrantAsync(string server, string tools, string prompts, string resources) => WriteAsync("grants", server, $$$"""
        {"kind":"Grant","grantId":"{{{server}}}-all","clientId":"{{{ConformanceGateway.ClientId}}}","server":"{{{server}}}","tools":{{{tools}}},"prompts":{{{prompts}}},"resources":{{{resources}}},
         "expiresIn":"P30D","justification":"The tests use everything.","requester":"owner@contoso.example","approver":"approver@contoso.example"}
        """);

    /// <summary>JSON is YAML.</summary>
    private async Task WriteAsync(string kind, string name, string json)
    {
        using var parsed = JsonDocument.Parse(json);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, kind));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, kind, name + ".yaml"), parsed.RootElement.GetRawText());
    }
}
