using System.Text.Json;
using McpServerless.Access;
using McpServerless.Catalogue;

namespace McpServerless.Benchmarks.Setup;

/// <summary>5,000 grants in memory: 25 clients with 200 each, on a virtual server of 400 tools. A store of the reads that decisions need.</summary>
internal sealed class ManyGrants : IAccessStore, ICatalogueStore
{
    public const int Clients = 25;
    public const int GrantsPerClient = 200;
    public const string Server = "many";

    private static readonly DateTimeOffset Never = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly JsonElement AtMostHundred = Json("""{"required":["amount"],"properties":{"amount":{"type":"number","maximum":100},"region":{"enum":["eu","us"]}}}""");

    private readonly Dictionary<string, IReadOnlyList<Grant>> _grants = Enumerable.Range(0, Clients).ToDictionary(ClientId, c => (IReadOnlyList<Grant>)[.. Enumerable.Range(0, GrantsPerClient).Select(g => GrantOf(ClientId(c), g))]);

    public static string ClientId(int number) => $"{number:D8}-0000-4000-8000-000000000000";

    /// <summary>By name; one in eight by a glob, with a context, with a constraint, or denying.</summary>
    private static Grant GrantOf(string client, int number)
    {
        var grant = new Grant
        {
            GrantId = $"grant-{number:D3}",
            ClientId = client,
            Server = Server,
            Tools = [ToolName(number)],
            ExpiresAt = Never,
            Justification = "Measuring",
            Approver = "bench@example.com",
        };
        return (number % 8) switch
        {
            1 => grant with { Tools = [$"tool-{number:D3}*"] },
            2 => grant with { Context = new GrantContext { Networks = ["10.0.0.0/8", "2001:db8::/32"], MaxTokenAgeMinutes = 60, Hours = [new GrantHours([], default, default, "Europe/Berlin")] } },
            3 => grant with { Constraints = [new ArgumentConstraint([ToolName(number)], AtMostHundred)] },
            4 => grant with { Effect = GrantEffect.Deny, Tools = [ToolName(number - 1)], Context = new GrantContext { Networks = ["192.0.2.0/24"] } },
            _ => grant,
        };
    }

    public static string ToolName(int number) => $"tool-{number:D3}";

    public ValueTask<string> ReadEpochAsync(CancellationToken ct) => new("1");

    public ValueTask<Client?> FindClientAsync(string tenantId, string clientId, CancellationToken ct) => new(BenchState.Client with { ClientId = clientId });

    public ValueTask<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct) => new(GrantsOf(clientId));

    public IReadOnlyList<Grant> GrantsOf(string clientId) => _grants[clientId];

    public ValueTask<IReadOnlyList<KillSwitch>> ReadSwitchesAsync(CancellationToken ct) => new([new KillSwitch(KillSwitch.OfTool("u", "tool-399"), "bench", Never, "measuring")]);

    public ValueTask<CatalogueVersion?> ReadActiveAsync(CancellationToken ct) => new(new CatalogueVersion
    {
        Number = 1,
        Upstreams = [new Upstream { Name = "u", Url = new Uri("http://127.0.0.1/mcp"), AllowPrivateNetwork = true }],
        Tools = [.. Enumerable.Range(0, 400).Select(i => new ToolContract
        {
            Upstream = "u",
            Name = ToolName(i),
            Definition = Json($$"""{"name":"{{ToolName(i)}}","inputSchema":{"type":"object"} }"""),
            Hash = "h",
            Version = "1",
            Team = "bench",
        })],
        Servers = [new VirtualServer { Name = Server, Tools = [new FeatureSelection { Upstream = "u", Names = ["*"] }] }],
    });

    public ValueTask BumpEpochAsync(CancellationToken ct) => throw new NotSupportedException();

    public ValueTask SaveClientAsync(Client client, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask SaveGrantAsync(Grant grant, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask DeleteGrantAsync(Grant grant, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<long?> PublishAsync(CatalogueVersion content, long expectedActive, CancellationToken ct) => throw new NotSupportedException();

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
