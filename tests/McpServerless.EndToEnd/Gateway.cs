using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Azure.Storage;
using McpServerless.Budgets;
using McpServerless.Catalogue;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.EndToEnd;

/// <summary>The function app as a process, on Azurite, with a tenant and a scripted upstream; and the stores, to set it up and look into it.</summary>
public sealed class Gateway : IAsyncLifetime
{
    private readonly DirectoryInfo? _folder;
    private readonly IReadOnlyDictionary<string, string> _settings;

    public const string Server = "test";
    public const string Admin = "owner@contoso.example";
    public const string OtherClientId = "44444444-4444-4444-4444-444444444444";

    private ServiceProvider? _stores;

    public Gateway()
        : this(keepsRows: false)
    {
    }

    /// <param name="keepsRows">Whether the emulator's rows outlive a restart of it.</param>
    /// <param name="settings">Settings of the app beside those of every test.</param>
    internal Gateway(bool keepsRows, IReadOnlyDictionary<string, string>? settings = null)
    {
        _settings = settings ?? new Dictionary<string, string>();
        _folder = keepsRows ? Directory.CreateTempSubdirectory("mcpserverless-rows-") : null;
    }

    public Azurite Azurite { get; private set; } = null!;

    public TestIssuer Issuer { get; private set; } = null!;

    public ScriptedUpstream Upstream { get; private set; } = null!;

    public FunctionApp App { get; private set; } = null!;

    public Uri Endpoint => App.Endpoint(Server);

    public IAccessStore Access => _stores!.GetRequiredService<IAccessStore>();

    public IBudgetStore Budgets => _stores!.GetRequiredService<IBudgetStore>();

    public IAuditStore Audit => _stores!.GetRequiredService<IAuditStore>();

    public async Task InitializeAsync()
    {
        Azurite = await Azurite.StartAsync(_folder?.FullName);
        Issuer = await TestIssuer.StartAsync();
        Upstream = await ScriptedUpstream.StartAsync();
        _stores = OpenStores(Azurite.ConnectionString);
        await SeedAsync();
        App = await StartAppAsync();
    }

    public async Task DisposeAsync()
    {
        if (App is not null) await App.DisposeAsync();
        if (_stores is not null) await _stores.DisposeAsync();
        if (Upstream is not null) await Upstream.DisposeAsync();
        if (Issuer is not null) await Issuer.DisposeAsync();
        if (Azurite is not null) await Azurite.DisposeAsync();
        _folder?.Delete(recursive: true);
    }

    public Task<FunctionApp> StartAppAsync(IReadOnlyDictionary<string, string>? more = null) => FunctionApp.StartAsync(new FunctionAppSettings
    {
        Issuer = Issuer.Issuer,
        StorageConnectionString = Azurite.ConnectionString,
        TenantId = TestIssuer.TenantId,
        Audience = TestIssuer.Audience,
        // Tests of one client are refused and repeat themselves as no agent should; what is about runaways says so.
        More = new Dictionary<string, string>(_settings.Concat(more ?? new Dictionary<string, string> { ["Runaway__Pause"] = "false" })) { ["Gateway__BodyTimeoutSeconds"] = "2" },
    });

    public McpWire Wire(string? token = null) => new(Endpoint, token ?? Issuer.Token());

    /// <summary>The records of one request, oldest first; waits until its outcome is there.</summary>
    public async Task<IReadOnlyList<JsonElement>> RecordsAsync(Func<JsonElement, bool> match, string clientId = TestIssuer.AgentClientId)
    {
        for (var attempt = 0; ; attempt++)
        {
            var records = new List<JsonElement>();
            foreach (var day in new[] { TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow() }.Select(t => t.ToString("yyyyMMdd", null)).Distinct())
            {
                await foreach (var segment in Audit.ReadAsync(day, clientId, CancellationToken.None))
                    records.AddRange(segment.Records.Select(r => JsonDocument.Parse(r).RootElement).Where(match));
            }

            if (records.Any(r => r.GetProperty("event").GetString() == "outcome") || attempt == 1200) return records;
            await Task.Delay(50);
        }
    }

    /// <summary>The records of the requests for one tool name, which tests therefore choose for themselves.</summary>
    public Task<IReadOnlyList<JsonElement>> RecordsOfToolAsync(string tool, string clientId = TestIssuer.AgentClientId) =>
        RecordsAsync(r => r.TryGetProperty("tool", out var name) && name.GetString() == tool, clientId);

    private static ServiceProvider OpenStores(string connectionString)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:ConnectionString"] = connectionString }).Build();
        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(TimeProvider.System).AddLogging().AddTableStores().BuildServiceProvider();
    }

    private async Task SeedAsync()
    {
        const string AnyObject = """{"type":"object"}""";
        var tools = new List<ToolContract>
        {
            Tool("echo-raw", AnyObject),
            Tool("ok", """{"type":"object","properties":{"text":{"type":"string","maxLength":20},"password":{"type":"string"}},"required":["text"],"additionalProperties":false}""", annotations: """{"readOnlyHint":true}"""),
            Tool("mirrors", """{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"count":{"type":"integer"}}}"""),
            Tool("divides", """{"type":"object","properties":{"n":{"multipleOf":0.5}}}"""),
            Tool("breaks-contract", AnyObject, """{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"]}"""),
            Tool("keeps-contract", AnyObject, """{"type":"object","properties":{"count":{"type":"integer","x-governance":"keep"}},"required":["count"]}"""),
            Tool("not-granted", AnyObject),
            Tool("retired", AnyObject) with { State = ToolState.Retired },
            Tool("sunset", AnyObject) with { State = ToolState.Deprecated, Sunset = TimeProvider.System.GetUtcNow().AddDays(-1) },
            Tool("quarantined", AnyObject) with { State = ToolState.Quarantined },
            Tool("needs-scope", AnyObject) with { RequiredScope = "Orders.Write" },
            Tool("needs-role", AnyObject) with { RequiredRole = "Orders.Admin" },
            Tool("later", AnyObject) with { Audit = AuditMode.Async },
        };
        foreach (var name in new[]
        {
            "hang", "wait-for-hang-up", "html", "html-500", "redirect", "sse-breaks-off", "sse-ends-early", "progress", "own-error", "json-rpc-error", "wrong-id", "not-json",
            "duplicate-names", "half-a-surrogate", "half-a-surrogate-alone", "error-with-odd-code", "error-without-message", "structured-array", "link", "no-content", "unknown-result-type", "ten-megabytes", "ten-megabytes-sse", "expired-grant", "user-role",
        })
        {
            tools.Add(Tool(name, AnyObject));
        }

        tools.Add(Tool("down", AnyObject) with { Upstream = "down" });
        tools.Add(Tool("private", AnyObject) with { Upstream = "private" });
        tools.Add(Tool("pours", AnyObject) with { Upstream = "patient" });
        var version = new CatalogueVersion
        {
            Number = 0,
            Upstreams =
            [
                new Upstream { Name = "scripted", Url = Upstream.Endpoint, AllowPrivateNetwork = true, TimeoutSeconds = 2 },
                new Upstream { Name = "down", Url = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/mcp"), AllowPrivateNetwork = true },
                new Upstream { Name = "patient", Url = Upstream.Endpoint, AllowPrivateNetwork = true, TimeoutSeconds = 200 },
                new Upstream { Name = "private", Url = Upstream.Endpoint },
            ],
            Tools = tools,
            Prompts = [Prompt("briefing")],
            Servers =
            [
                new VirtualServer
                {
                    Name = Server,
                    Title = "Test",
                    Instructions = "For tests.",
                    Tools = [.. new[] { "scripted", "down", "private", "patient", GatewayTools.UpstreamName }.Select(u => new FeatureSelection { Upstream = u, Names = ["*"] })],
                    Prompts = [new FeatureSelection { Upstream = "scripted", Names = ["*"] }],
                },
            ],
        };
        Assert.NotNull(await _stores!.GetRequiredService<ICatalogueStore>().PublishAsync(version, 0, CancellationToken.None));

        await Access.SaveClientAsync(Client(TestIssuer.AgentClientId), CancellationToken.None);
        await Access.SaveClientAsync(Client("77777777-7777-7777-7777-777777777771") with { State = ClientState.Suspended }, CancellationToken.None);
        await Access.SaveClientAsync(Client("77777777-7777-7777-7777-777777777772") with { ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(-1) }, CancellationToken.None);
        await Access.SaveClientAsync(Client(OtherClientId), CancellationToken.None);
        var granted = tools.Select(t => t.Definition.GetProperty("name").GetString()!).Where(n => n is not ("not-granted" or "expired-grant" or "user-role")).ToArray();
        await Access.SaveGrantAsync(Grant("g-main", granted), CancellationToken.None);
        await Access.SaveGrantAsync(Grant("g-expired", ["expired-grant"]) with { ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(-1) }, CancellationToken.None);
        await Access.SaveGrantAsync(Grant("g-role", ["user-role"]) with { RequiredUserRole = "Clerk" }, CancellationToken.None);
        await Access.BumpEpochAsync(CancellationToken.None);
    }

    public static Client Client(string clientId) => new()
    {
        TenantId = TestIssuer.TenantId,
        ClientId = clientId,
        DisplayName = "Test agent",
        Owner = Admin,
        Purpose = "Tests",
        ModelId = "test-model-1",
        State = ClientState.Active,
        ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(30),
    };

    public static Grant Grant(string id, IReadOnlyList<string> tools, string clientId = TestIssuer.AgentClientId) => new()
    {
        GrantId = id,
        ClientId = clientId,
        Server = Server,
        Tools = tools,
        ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(30),
        Justification = "Tests",
        Approver = "approver@contoso.example",
    };

    private static PromptContract Prompt(string name)
    {
        var definition = JsonDocument.Parse($$"""{"name":"{{name}}"}""").RootElement;
        return new PromptContract { Upstream = "scripted", Name = name, Definition = definition, Hash = CanonicalJson.Hash(definition), Version = "1", Team = "tests" };
    }

    private static ToolContract Tool(string name, string inputSchema, string? outputSchema = null, string? annotations = null)
    {
        var definition = JsonDocument.Parse($$"""
            {"name":"{{name}}","description":"Does {{name}}."{{(annotations is null ? "" : $",\"annotations\":{annotations}")}},"inputSchema":{{inputSchema}}{{(outputSchema is null ? "" : $",\"outputSchema\":{outputSchema}")}},"x-vendor":1.50}
            """).RootElement;
        return new ToolContract { Upstream = "scripted", Name = name, Definition = definition, Hash = CanonicalJson.Hash(definition), Version = "1", Team = "tests" };
    }
}

[CollectionDefinition(nameof(Gateway))]
public sealed class GatewayCollection : ICollectionFixture<Gateway>;
