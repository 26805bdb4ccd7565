using System.Text.Json;
using McpServerless.Access;
using McpServerless.Access.Simulating;
using McpServerless.Audit;
using McpServerless.Audit.Queries;
using McpServerless.Audit.Shapes;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Access;

/// <summary>What a change would have done to recorded calls, and what records cannot tell.</summary>
public sealed class CallReplayTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly FixedTime _time = FixedTime.June2026;
    private readonly SegmentShelf _audit = new();
    private Ledger _ledger = null!;

    public async Task InitializeAsync()
    {
        _ledger = new Ledger(_audit, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await _ledger.StartAsync(Ct);
    }

    public async Task DisposeAsync()
    {
        await _ledger.StopAsync(Ct);
        _ledger.Dispose();
    }

    [Fact]
    public async Task AGrantThatNamesLess_RefusesWhatItNoLongerNames()
    {
        await CalledAsync("pay", grant: "g");
        await CalledAsync("pay", grant: "g");
        await CalledAsync("find", grant: "g");
        var report = await RunAsync([Grant("g", "*")], [Grant("g", "find")]);
        var group = Assert.Single(report.Groups);
        Assert.Equal((ReplayVerdict.NewlyRefused, "c", "s", "tool", "pay", "grant_missing", 2), (group.Verdict, group.ClientId, group.Server, group.Kind, group.Name, group.Code, group.Calls));
        Assert.Equal((3, 1, true), (report.Calls, report.Same, report.IsComplete));
        Assert.True(Guid.TryParse(group.Example, out _));
    }

    [Fact]
    public async Task AGrantThatNamesMore_AllowsWhatWasRefusedForWantOfOne()
    {
        await CalledAsync("pay", refused: "grant_missing");
        await CalledAsync("pay", refused: "rate_limited");
        var group = Assert.Single((await RunAsync([Grant("g", "find")], [Grant("g", "*")])).Groups);
        Assert.Equal((ReplayVerdict.NewlyAllowed, "grant_missing", 1), (group.Verdict, group.Code, group.Calls));
    }

    [Fact]
    public async Task ADenial_ASuspension_AndARetiredToolRefuse()
    {
        await CalledAsync("pay", grant: "g");
        Assert.Equal("grant_denied", Assert.Single((await RunAsync([Grant("g", "*")], [Grant("g", "*"), Grant("d", "pay") with { Effect = GrantEffect.Deny }])).Groups).Code);
        Assert.Equal("client_suspended", Assert.Single((await RunAsync([Grant("g", "*")], [Grant("g", "*")], client: TheClient with { State = ClientState.Suspended })).Groups).Code);
        Assert.Equal("tool_retired", Assert.Single((await RunAsync([Grant("g", "*")], [Grant("g", "*")], version: With(t => t with { State = ToolState.Retired }))).Groups).Code);
        Assert.Equal("tool_unknown", Assert.Single((await RunAsync([Grant("g", "*")], [Grant("g", "*")], version: Version with { Tools = [.. Version.Tools.Where(t => t.Name != "pay")] })).Groups).Code);
    }

    [Fact]
    public async Task ASchemaOrAConstraintIsHeldToTheRecordedShape_AndNoSurerThanThat()
    {
        await CalledAsync("pay", grant: "g", arguments: """{"amount":250}""");
        var strict = With(t => t with { Hash = "h2", Definition = Json("""{"name":"pay","inputSchema":{"type":"object","required":["currency"]} }""") });
        Assert.Equal("arguments_invalid", Assert.Single((await RunAsync([Grant("g", "*")], [Grant("g", "*")], version: strict)).Groups).Code);
        Assert.Equal("constraint_violated", Assert.Single((await RunAsync([Grant("g", "*")], [Constrained("""{"properties":{"amount":{"type":"string"}}}""")])).Groups).Code);
        Assert.Empty((await RunAsync([Grant("g", "*")], [Constrained("""{"properties":{"amount":{"type":"integer"}}}""")])).Groups);
        var untold = Assert.Single((await RunAsync([Grant("g", "*")], [Constrained("""{"properties":{"amount":{"enum":[1,2]}}}""")])).Groups);
        Assert.Equal((ReplayVerdict.Untold, "grant g: values of the arguments"), (untold.Verdict, untold.HangsOn));

        static Grant Constrained(string schema) => Grant("g", "*") with { Constraints = [new ArgumentConstraint(["pay"], Json(schema))] };
    }

    [Fact]
    public async Task WhatRecordsDoNotHold_IsSaid_UnlessTheSameGrantAskedForItThen()
    {
        await CalledAsync("pay", grant: "g");
        var asks = Grant("g", "*") with { RequiredRole = "Pay", Context = new GrantContext { Networks = ["10.0.0.0/8"] } };
        var untold = Assert.Single((await RunAsync([Grant("g", "*")], [asks])).Groups);
        Assert.Equal((ReplayVerdict.Untold, "grant g: roles of the application, grant g: the address"), (untold.Verdict, untold.HangsOn));
        Assert.Empty((await RunAsync([asks], [asks with { Tools = ["pay"] }])).Groups);
        Assert.Equal(ReplayVerdict.NewlyRefused, Assert.Single((await RunAsync([asks], [asks with { Context = new GrantContext { Hours = [new GrantHours([DayOfWeek.Sunday], new TimeOnly(1, 0), new TimeOnly(2, 0), "UTC")] } }])).Groups).Verdict);
    }

    [Fact]
    public async Task WhatTheChangeDoesNotTouch_IsNoNews()
    {
        await CalledAsync("pay", grant: "gone");
        await CalledAsync("find", refused: "grant_missing");
        var report = await RunAsync([Grant("g", "ping")], [Grant("g", "ping"), Grant("h", "ping")]);
        Assert.Empty(report.Groups);
        Assert.Equal(2, report.Same);
        Assert.False((await RunAsync([], [], most: 1)).IsComplete);
    }

    private Task<ReplayReport> RunAsync(IReadOnlyList<Grant> before, IReadOnlyList<Grant> after, Client? client = null, CatalogueVersion? version = null, int most = 1000) => new CallReplay(new AuditSearch(_audit, null)).RunAsync(
        new ReplayState(Version, [TheClient], before), new ReplayState(version ?? Version, [client ?? TheClient], after), null, DateOnly.FromDateTime(_time.Now.UtcDateTime), DateOnly.FromDateTime(_time.Now.UtcDateTime), null, most, null, Ct);

    private async Task CalledAsync(string tool, string? grant = null, string? refused = null, string arguments = "{}") => Assert.True(await _ledger.AppendAsync(
        new AuditRecord
        {
            RecordId = Guid.NewGuid(),
            RequestId = Guid.NewGuid(),
            Time = _time.Now,
            Event = AuditEvent.Outcome,
            TenantId = "t",
            ClientId = "c",
            Server = "s",
            Tool = tool,
            Method = "tools/call",
            Decision = refused is null ? "allowed" : "refused",
            RefusalCode = refused,
            GrantId = grant,
            ContractHash = "h",
            ArgumentShapeJson = ArgumentShape.Of(Json(arguments)).ToJson(),
        },
        Ct));

    private static Grant Grant(string id, string tools) => new() { GrantId = id, ClientId = "c", Server = "s", Tools = [tools], ExpiresAt = DateTimeOffset.MaxValue, Justification = "j", Approver = "a" };

    private static CatalogueVersion With(Func<ToolContract, ToolContract> change) => Version with { Tools = [.. Version.Tools.Select(t => t.Name == "pay" ? change(t) : t)] };

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static readonly Client TheClient = new() { TenantId = "t", ClientId = "c", DisplayName = "d", Owner = "o", Purpose = "p", State = ClientState.Active, ExpiresAt = DateTimeOffset.MaxValue };

    private static CatalogueVersion Version { get; } = new()
    {
        Number = 1,
        Upstreams = [new Upstream { Name = "u", Url = new Uri("https://u.example.org/mcp") }],
        Tools = [.. ((string[])["pay", "find", "ping"]).Select(t => new ToolContract { Upstream = "u", Name = t, Definition = Json($$"""{"name":"{{t}}","inputSchema":{"type":"object"} }"""), Hash = "h", Version = "1", Team = "t" })],
        Servers = [new VirtualServer { Name = "s", Tools = [new FeatureSelection { Upstream = "u", Names = ["*"] }] }],
    };
}
