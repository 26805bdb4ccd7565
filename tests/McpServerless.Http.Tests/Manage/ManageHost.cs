using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;
using McpServerless.Contracts.Watching;
using McpServerless.Hosting;
using McpServerless.Http.Manage;
using McpServerless.Notifying;
using McpServerless.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpServerless.Http.Tests.Manage;

/// <summary>An answer of the management API, read to its end.</summary>
internal sealed record Answer(int Status, HttpResponseHeaders Headers, string? ContentType, string Text, string? Allow)
{
    public JsonElement Body { get; } = Text.Length == 0 ? default : JsonDocument.Parse(Text).RootElement;

    public string? Code => JsonMembers.Text(Body, "code");

    public string? ETag => Headers.ETag?.ToString();

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    public override string ToString() => $"{Status} {Text}";
}

/// <summary>The management API on Kestrel, on Azurite, with a tenant: everything but the Functions host around it.</summary>
public sealed class ManageHost : IAsyncLifetime
{
    public const string Server = "test";
    public const string Payments = "payments";
    public const string Support = "support";

    public const string AdminId = "a0000000-0000-0000-0000-000000000001";
    public const string SecondAdminId = "a0000000-0000-0000-0000-000000000002";
    public const string OwnerId = "b0000000-0000-0000-0000-000000000001";
    public const string OtherOwnerId = "b0000000-0000-0000-0000-000000000002";
    public const string ReviewerId = "c0000000-0000-0000-0000-000000000001";
    public const string AuditorId = "d0000000-0000-0000-0000-000000000001";
    public const string GroupId = "e0000000-0000-0000-0000-000000000001";

    /// <summary>Of the team support, which owns lookup and close.</summary>
    public const string SupportClient = "33333333-3333-3333-3333-333333333333";

    /// <summary>Of the team payments, which owns pay.</summary>
    public const string PaymentsClient = "44444444-4444-4444-4444-444444444444";

    public const string Campaign = "2026-Q4";

    public const string WaitingRequest = "0199999999997000800000000000000a";

    private readonly HttpClient _http = new();
    private readonly Dictionary<string, string?> _more;
    private Azurite? _azurite;
    private TestIssuer? _issuer;
    private WebApplication? _app;

    public ManageHost()
        : this([])
    {
    }

    internal ManageHost(Dictionary<string, string?> more) => _more = more;

    public TestIssuer Issuer => _issuer!;

    public Azurite Azurite => _azurite!;

    public IServiceProvider Services => _app!.Services;

    internal ManageTable Table => Services.GetRequiredService<ManageTable>();

    public IAccessStore Access => Services.GetRequiredService<IAccessStore>();

    public IAccessEditor Editor => Services.GetRequiredService<IAccessEditor>();

    public Uri Url { get; private set; } = null!;

    /// <summary>Faults of the gateway so far, which no answer tells.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Faults { get; } = new();

    public async Task InitializeAsync()
    {
        _azurite = await Azurite.StartAsync();
        _issuer = await TestIssuer.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(new FaultLog(Faults));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(_more)
        {
            ["Gateway:PublicBaseUrl"] = "https://mcp.contoso.example",
            ["Authentication:TenantId"] = TestIssuer.TenantId,
            ["Authentication:Audience"] = TestIssuer.Audience,
            ["Authentication:Issuer"] = _issuer.Issuer,
            ["Authentication:RequireHttpsMetadata"] = "false",
            ["Storage:ConnectionString"] = _azurite.ConnectionString,
            ["Access:PollMilliseconds"] = "100",
            ["Management:RefusalsPerMinute"] = _more.GetValueOrDefault("Management:RefusalsPerMinute") ?? "10000",
        });
        builder.Services.AddGovernance().AddTableStores().AddGateway();
        _app = builder.Build();
        var endpoint = _app.Services.GetRequiredService<ManageEndpoint>();
        _app.Run(http => http.Request.Path.StartsWithSegments("/manage", out var rest) ? endpoint.HandleAsync(http, rest.Value?.TrimStart('/'), http.RequestAborted) : Task.CompletedTask);
        await _app.StartAsync();
        Url = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await SeedAsync();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        if (_issuer is not null) await _issuer.DisposeAsync();
        if (_azurite is not null) await _azurite.DisposeAsync();
    }

    /// <summary>A user's token with one governance role.</summary>
    public string Token(string objectId, params string[] roles)
    {
        var claims = Issuer.DelegatedClaims("99999999-9999-9999-9999-999999999999", "Governance.Manage");
        claims["oid"] = objectId;
        claims["preferred_username"] = NameOf(objectId);
        if (roles.Length > 0) claims["roles"] = new JsonArray([.. roles.Select(r => JsonValue.Create(r))]);
        return Issuer.Token(claims);
    }

    public static string NameOf(string objectId) => $"{objectId[0]}{objectId[^1]}@contoso.example";

    public string Admin => Token(AdminId, "Governance.Admin");

    public string SecondAdmin => Token(SecondAdminId, "Governance.Admin");

    /// <summary>Speaks for the team support.</summary>
    public string Owner => Token(OwnerId, "Governance.Owner");

    /// <summary>Speaks for the team payments.</summary>
    public string OtherOwner => Token(OtherOwnerId, "Governance.Owner");

    public string Reviewer => Token(ReviewerId, "Governance.Reviewer");

    public string Auditor => Token(AuditorId, "Governance.Auditor");

    internal async Task<Answer> SendAsync(string method, string path, string? token, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), new Uri(Url, "/manage/" + path));
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type" && request.Content is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        Assert.True(response.StatusCode != System.Net.HttpStatusCode.InternalServerError, $"{method} {path} {body}: {string.Join('\n', Faults)}");
        return new Answer(
            (int)response.StatusCode,
            response.Headers,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(),
            response.Content.Headers.Allow.Count > 0 ? string.Join(", ", response.Content.Headers.Allow) : null);
    }

    internal Task<Answer> GetAsync(string path, string? token) => SendAsync("GET", path, token);

    /// <summary>The records about the gateway itself of these two days, oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> AdministrationAsync()
    {
        var records = new List<JsonElement>();
        foreach (var day in new[] { TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow() }.Select(t => t.ToString("yyyyMMdd", null)).Distinct())
        {
            await foreach (var segment in Services.GetRequiredService<IAuditStore>().ReadAsync(day, AuditRecord.Gateway, CancellationToken.None))
                records.AddRange(segment.Records.Select(r => JsonDocument.Parse(r).RootElement).Where(r => r.GetProperty("event").GetString() == "administration"));
        }

        return records;
    }

    public static Client Client(string clientId, string team, string owner = "owner@contoso.example") => new()
    {
        TenantId = TestIssuer.TenantId,
        ClientId = clientId,
        DisplayName = $"Agent of {team}",
        Owner = owner,
        Team = team,
        Purpose = "Tests",
        ModelId = "model-7",
        State = ClientState.Active,
        ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(90),
    };

    public static Grant Grant(string id, string clientId, params string[] tools) => new()
    {
        GrantId = id,
        ClientId = clientId,
        Server = Server,
        Tools = tools,
        ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(30),
        Justification = "Tests",
        Approver = "approver@contoso.example",
    };

    public static Review Review(string campaign, string clientId, string grantId) => new()
    {
        Campaign = campaign,
        ClientId = clientId,
        Server = Server,
        GrantId = grantId,
        OpenedAt = TimeProvider.System.GetUtcNow().AddDays(-1),
        DueBy = TimeProvider.System.GetUtcNow().AddDays(20),
        Reviewer = OwnerId,
        Backup = "administrators",
        Sensitivity = Sensitivity.Medium,
    };

    /// <summary>A review as every test finds it, and its campaign.</summary>
    public async Task SeedReviewAsync(Review review)
    {
        var reviews = Services.GetRequiredService<IReviewStore>();
        await reviews.AddCampaignAsync(new ReviewCampaign { CampaignId = review.Campaign, Kind = CampaignKind.Quarter, OpenedAt = review.OpenedAt, IsFilled = true }, CancellationToken.None);
        if (await reviews.FindReviewAsync(review.Place(), CancellationToken.None) is { } found) await reviews.ReplaceReviewAsync(review, found.ETag, CancellationToken.None);
        else await reviews.AddReviewAsync(review, CancellationToken.None);
    }

    private async Task SeedAsync()
    {
        var ct = CancellationToken.None;
        var version = new CatalogueVersion
        {
            Number = 0,
            Upstreams = [new Upstream { Name = "desk", Url = new Uri("https://desk.contoso.example/mcp") }],
            Tools = [Tool("lookup", Support), Tool("close", Support), Tool("pay", Payments), Tool("wire", Payments) with { Sensitivity = Sensitivity.High }],
            Servers = [new VirtualServer { Name = Server, Tools = [new FeatureSelection { Upstream = "desk", Names = ["*"] }], Prompts = [], Resources = [] }],
        };
        Assert.NotNull(await Services.GetRequiredService<ICatalogueStore>().PublishAsync(version, 0, ct));
        Assert.NotNull(await Services.GetRequiredService<ICatalogueStore>().PublishAsync(version, 1, ct));
        await SeedAccessAsync();
        await Services.GetRequiredService<IContractWatchStore>().SaveDriftAsync(DriftOf("close"), ct);
    }

    /// <summary>Clients, grants, teams and a request as every test finds them.</summary>
    public async Task SeedAccessAsync()
    {
        var ct = CancellationToken.None;
        await Access.SaveClientAsync(Client(SupportClient, Support), ct);
        await Access.SaveClientAsync(Client(PaymentsClient, Payments), ct);
        await Access.SaveGrantAsync(Grant("g-support", SupportClient, "lookup"), ct);
        await Access.SaveGrantAsync(Grant("g-payments", PaymentsClient, "pay"), ct);
        await Services.GetRequiredService<INoticeStore>().SaveGoneAsync(GoneEndpoint.Of("ops", new Uri("https://hooks.contoso.example/ops"), TimeProvider.System.GetUtcNow()), ct);
        await SeedReviewAsync(Review(Campaign, SupportClient, "g-support"));
        await SeedReviewAsync(Review(Campaign, PaymentsClient, "g-payments") with { Reviewer = OtherOwnerId });
        await Editor.AddRequestAsync(
            new GrantRequest
            {
                RequestId = WaitingRequest,
                ClientId = SupportClient,
                Server = Server,
                Tools = ["pay"],
                Minutes = 60,
                Justification = "Waits.",
                Requester = OwnerId,
                RequestedAt = TimeProvider.System.GetUtcNow(),
            },
            ct);
        var teams = Services.GetRequiredService<ITeamStore>();
        await teams.SaveTeamAsync(new Team(Support, [OwnerId], []), null, ct);
        await teams.SaveTeamAsync(new Team(Payments, [OtherOwnerId], [GroupId]), null, ct);
        await Access.BumpEpochAsync(ct);
    }

    private static ToolContract Tool(string name, string team)
    {
        var definition = DefinitionOf(name, "Does it.");
        return new ToolContract { Upstream = "desk", Name = name, Definition = definition, Hash = CanonicalJson.Hash(definition), Version = "1", Team = team };
    }

    internal static ContractDrift DriftOf(string tool)
    {
        var live = DefinitionOf(tool, "Does it otherwise.");
        return new ContractDrift
        {
            Upstream = "desk",
            Tool = tool,
            PinnedHash = CanonicalJson.Hash(DefinitionOf(tool, "Does it.")),
            LiveHash = CanonicalJson.Hash(live),
            Live = live,
            Verdict = DriftVerdict.TextOnly,
            State = DriftState.Quarantined,
            Rules = ["description-changed"],
            Findings = ["description-changed: /description"],
            Since = TimeProvider.System.GetUtcNow(),
            Announced = true,
        };
    }

    private static JsonElement DefinitionOf(string name, string description) =>
        JsonDocument.Parse($$$"""{"name":"{{{name}}}","description":"{{{description}}}","inputSchema":{"type":"object"}}""").RootElement;
}

/// <summary>Keeps what is logged as an error.</summary>
internal sealed class FaultLog(System.Collections.Concurrent.ConcurrentQueue<string> faults) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) faults.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
