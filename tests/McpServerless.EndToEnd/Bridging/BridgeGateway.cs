using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>The function app in front of one upstream of each era, both on one virtual server.</summary>
public sealed class BridgeGateway : IAsyncLifetime
{
    /// <summary>Lets upstreams ask agents for everything; names of the legacy upstream begin with <c>old.</c>, of the modern one with <c>new.</c>.</summary>
    public const string Server = "bridge";

    /// <summary>The same without anything that may be asked of agents.</summary>
    public const string Silent = "silent";

    /// <summary>The modern upstream alone.</summary>
    public const string ModernOnly = "modern-only";

    private ServiceProvider? _stores;

    public Azurite Azurite { get; private set; } = null!;

    public TestIssuer Issuer { get; private set; } = null!;

    public EraUpstream Old { get; private set; } = null!;

    public EraUpstream New { get; private set; } = null!;

    public FunctionApp App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Azurite = await Azurite.StartAsync();
        Issuer = await TestIssuer.StartAsync();
        Old = await EraUpstream.StartAsync(modern: false);
        New = await EraUpstream.StartAsync(modern: true);
        New.Capabilities = "{\"tools\":{},\"prompts\":{},\"resources\":{\"subscribe\":true},\"completions\":{},\"logging\":{},\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}";
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:ConnectionString"] = Azurite.ConnectionString }).Build();
        _stores = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(TimeProvider.System).AddLogging().AddTableStores().BuildServiceProvider();
        await SeedAsync();
        App = await StartAppAsync();
    }

    public async Task DisposeAsync()
    {
        if (App is not null) await App.DisposeAsync();
        if (_stores is not null) await _stores.DisposeAsync();
        if (New is not null) await New.DisposeAsync();
        if (Old is not null) await Old.DisposeAsync();
        if (Issuer is not null) await Issuer.DisposeAsync();
        if (Azurite is not null) await Azurite.DisposeAsync();
    }

    /// <summary>One more instance on the same state.</summary>
    public Task<FunctionApp> StartAppAsync(IReadOnlyDictionary<string, string>? more = null) => FunctionApp.StartAsync(new FunctionAppSettings
    {
        Issuer = Issuer.Issuer,
        StorageConnectionString = Azurite.ConnectionString,
        TenantId = TestIssuer.TenantId,
        Audience = TestIssuer.Audience,
        More = new Dictionary<string, string>(more ?? new Dictionary<string, string>()) { ["Sessions__PageSize"] = "10", ["Runaway__Pause"] = "false" },
    });

    /// <summary>The way to one virtual server as one client.</summary>
    public BridgeWire Wire(string server = Server, string clientId = TestIssuer.AgentClientId, FunctionApp? app = null) =>
        new((app ?? App).Endpoint(server), Issuer.Token(Issuer.ApplicationClaims(clientId)));

    /// <summary>Both upstreams forget what tests wrote for them.</summary>
    public void Reset()
    {
        Old.Reset();
        New.Reset();
    }

    /// <summary>The records that fit; waits until the outcome is there.</summary>
    public async Task<IReadOnlyList<JsonElement>> RecordsAsync(Func<JsonElement, bool> fits)
    {
        for (var attempt = 0; ; attempt++)
        {
            var records = new List<JsonElement>();
            foreach (var day in new[] { TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow() }.Select(t => t.ToString("yyyyMMdd", null)).Distinct())
            {
                await foreach (var segment in _stores!.GetRequiredService<IAuditStore>().ReadAsync(day, TestIssuer.AgentClientId, CancellationToken.None))
                    records.AddRange(segment.Records.Select(r => JsonDocument.Parse(r).RootElement).Where(fits));
            }

            if (records.Any(r => r.GetProperty("event").GetString() == "outcome") || attempt == 200) return records;
            await Task.Delay(50);
        }
    }

    private async Task SeedAsync()
    {
        string[] upstreams = ["new", "old"];
        var tools = upstreams.SelectMany(u => (ToolContract[])
        [
            Contract(u, "say", """{"name":"say","description":"Says.","inputSchema":{"type":"object"}}""", Named<ToolContract>),
            Contract(u, "count", """{"name":"count","description":"Counts.","inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"]}}""", Named<ToolContract>),
            Contract(u, "array", """{"name":"array","description":"Lists.","inputSchema":{"type":"object"},"outputSchema":{"type":"array","items":{"type":"integer"}}}""", Named<ToolContract>),
            .. Enumerable.Range(10, 12).Select(i => Contract(u, $"filler-{i}", $$$"""{"name":"filler-{{{i}}}","description":"Fills pages.","inputSchema":{"type":"object"}}""", Named<ToolContract>)),
        ]).ToList();
        var prompts = upstreams.Select(u => Contract(u, "briefing", """{"name":"briefing","description":"A prompt.","arguments":[{"name":"topic"}]}""", Named<PromptContract>)).ToList();
        var resources = upstreams.SelectMany(u => (ResourceContract[])
        [
            Contract(u, $"{u}://doc", $$"""{"uri":"{{u}}://doc","name":"doc"}""", Named<ResourceContract>),
            Contract(u, $"{u}://item/{{id}}", $$$"""{"uriTemplate":"{{{u}}}://item/{id}","name":"item"}""", Named<ResourceContract>),
        ]).ToList();
        var version = new CatalogueVersion
        {
            Number = 0,
            Upstreams =
            [
                new Upstream { Name = "new", Url = New.Endpoint, AllowPrivateNetwork = true, TimeoutSeconds = 10 },
                new Upstream { Name = "old", Url = Old.Endpoint, AllowPrivateNetwork = true, TimeoutSeconds = 10 },
            ],
            Tools = tools,
            Prompts = prompts,
            Resources = resources,
            Servers =
            [
                Virtual(Server, upstreams, [ClientRequestKind.Elicitation, ClientRequestKind.UrlElicitation, ClientRequestKind.Sampling, ClientRequestKind.Roots]),
                Virtual(Silent, upstreams, []),
                Virtual(ModernOnly, ["new"], [ClientRequestKind.Elicitation]),
            ],
        };
        Assert.NotNull(await _stores!.GetRequiredService<ICatalogueStore>().PublishAsync(version, 0, CancellationToken.None));
        var access = _stores!.GetRequiredService<IAccessStore>();
        foreach (var clientId in new[] { TestIssuer.AgentClientId, Gateway.OtherClientId })
        {
            await access.SaveClientAsync(Gateway.Client(clientId), CancellationToken.None);
            foreach (var server in version.Servers)
            {
                await access.SaveGrantAsync(
                    Gateway.Grant($"{server.Name}-{clientId[..4]}", ["old.*", "new.*"], clientId) with { Server = server.Name, Prompts = ["old.*", "new.*"], Resources = ["old://*", "new://*"] },
                    CancellationToken.None);
            }
        }

        await access.BumpEpochAsync(CancellationToken.None);
    }

    private static VirtualServer Virtual(string name, string[] upstreams, ClientRequestKind[] kinds) => new()
    {
        Name = name,
        Tools = [.. upstreams.Select(u => new FeatureSelection { Upstream = u, Names = ["*"], Prefix = u + "." })],
        Prompts = [.. upstreams.Select(u => new FeatureSelection { Upstream = u, Names = ["*"], Prefix = u + "." })],
        Resources = [.. upstreams.Select(u => new ResourceSelection { Upstream = u, Uris = ["*"] })],
        ClientRequests = kinds,
    };

    private static T Contract<T>(string upstream, string name, string definition, Func<string, string, JsonElement, T> make) => make(upstream, name, JsonDocument.Parse(definition).RootElement);

    private static T Named<T>(string upstream, string name, JsonElement definition)
        where T : Contract
    {
        var hash = CanonicalJson.Hash(definition);
        Contract contract = typeof(T) == typeof(ToolContract) ? new ToolContract { Upstream = upstream, Name = name, Definition = definition, Hash = hash, Version = "1", Team = "tests" }
            : typeof(T) == typeof(PromptContract) ? new PromptContract { Upstream = upstream, Name = name, Definition = definition, Hash = hash, Version = "1", Team = "tests" }
            : new ResourceContract { Upstream = upstream, Name = name, Definition = definition, Hash = hash, Version = "1", Team = "tests" };
        return (T)contract;
    }
}

[CollectionDefinition(nameof(BridgeGateway))]
public sealed class BridgeCollection : ICollectionFixture<BridgeGateway>;
