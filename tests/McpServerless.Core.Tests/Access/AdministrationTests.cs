using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Access;

/// <summary>Who may change what, what is recorded of it, and what two people at once or a crash in between leave.</summary>
public sealed class AdministrationTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly Actor Admin = new("admin", true, []);
    private static readonly Actor Owner = new("owner", false, []);
    private static readonly Actor Tools = new("tia", false, ["tools-team"]);
    private static readonly Actor Nobody = new("nobody", false, ["other-team"]);

    private readonly FixedTime _time = FixedTime.June2026;
    private readonly MemoryStores _stores = new() { Active = Version };
    private readonly SegmentShelf _audit = new();
    private Ledger _ledger = null!;

    public async Task InitializeAsync()
    {
        _ledger = new Ledger(_audit, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await _ledger.StartAsync(Ct);
        await _stores.SaveClientAsync(TheClient, Ct);
        await _stores.SaveGrantAsync(Allow("g", "pay"), Ct);
    }

    public async Task DisposeAsync()
    {
        await _ledger.StopAsync(Ct);
        _ledger.Dispose();
    }

    [Fact]
    public async Task ASuspension_IsRecordedBeforeAndAfter_WithWhatWasAndWhatIs()
    {
        var outcome = await Clients.SuspendAsync(Owner, "c", "compromised", null, Ct);
        Assert.Equal((ClientState.Suspended, "owner", "compromised", _time.Now), (outcome.Value!.State, outcome.Value.History[^1].By, outcome.Value.History[^1].Reason, outcome.Value.History[^1].At));
        Assert.Equal("epoch", _stores.Writes[^1]);
        var records = Records();
        Assert.Equal(["intended", "done"], records.Select(r => r.GetProperty("details").GetProperty("ending").GetString()));
        Assert.All(records, r =>
        {
            Assert.Equal("administration", r.GetProperty("event").GetString());
            Assert.Equal("c", r.GetProperty("clientId").GetString());
            Assert.Equal("clientSuspended", r.GetProperty("details").GetProperty("happening").GetString());
            Assert.Equal("active", r.GetProperty("details").GetProperty("before").GetProperty("state").GetString());
            Assert.Equal("suspended", r.GetProperty("details").GetProperty("after").GetProperty("state").GetString());
        });
        Assert.Single(records.Select(r => r.GetProperty("requestId").GetString()).Distinct());
    }

    [Fact]
    public async Task TwoOperatorsAtOnce_TheSecondIsTold_AndNothingIsLost()
    {
        _stores.BeforeConditionalWrite = () => _stores.SaveClientAsync(TheClient with { Purpose = "changed by another" }, Ct).AsTask().Wait();
        var outcome = await Clients.SuspendAsync(Admin, "c", "r", null, Ct);
        Assert.Equal(ChangeProblem.Conflict, outcome.Problem);
        Assert.Equal(("changed by another", ClientState.Active), (_stores.Clients.Single().Purpose, _stores.Clients.Single().State));
        Assert.Equal(["intended", "conflict"], Records().Select(r => r.GetProperty("details").GetProperty("ending").GetString()));

        _stores.BeforeConditionalWrite = () => _stores.SaveGrantAsync(Allow("g", "pay") with { Justification = "changed by another" }, Ct).AsTask().Wait();
        Assert.Equal(ChangeProblem.Conflict, (await Grants.RevokeAsync(Admin, "c", "g", "r", null, Ct)).Problem);
        Assert.Equal("changed by another", _stores.Grants.Single().Justification);

        var read = (await ((IAccessEditor)_stores).ReadGrantsAsync("c", Ct))[0].ETag;
        await _stores.SaveGrantAsync(Allow("g", "pay"), Ct);
        Assert.Equal(ChangeProblem.Conflict, (await Grants.RevokeAsync(Admin, "c", "g", "r", read, Ct)).Problem);
    }

    [Fact]
    public async Task AChangeThatCannotBeRecorded_IsNotMade()
    {
        var ledger = new Ledger(new DeadStore(), Options.Create(new AuditOptions { WaitMilliseconds = 500 }), _time, NullLogger<Ledger>.Instance);
        await ledger.StartAsync(Ct);
        var clients = new ClientAdministration(_stores, _stores, new ChangeRecords(ledger, _time), _time);
        Assert.Equal(ChangeProblem.NotRecorded, (await clients.SuspendAsync(Admin, "c", "r", null, Ct)).Problem);
        Assert.Equal(ClientState.Active, _stores.Clients.Single().State);
        await ledger.StopAsync(new CancellationToken(canceled: true));
        ledger.Dispose();
    }

    [Fact]
    public async Task ADeprovisionedClient_LosesWhatAllows_KeepsWhatDenies_AndDoesNotComeBack()
    {
        await _stores.SaveGrantAsync(Allow("d", "read") with { Effect = GrantEffect.Deny }, Ct);
        Assert.NotNull((await Clients.DeprovisionAsync(Owner, "c", "gone", null, Ct)).Value);
        Assert.Equal("d", Assert.Single(_stores.Grants).GrantId);
        Assert.Equal(ChangeProblem.Invalid, (await Clients.ResumeAsync(Admin, "c", "r", null, Ct)).Problem);
        Assert.Equal("epoch", _stores.Writes[^1]);
    }

    public static TheoryData<string, string, bool> Matrix
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (var (operation, allowed) in new[]
            {
                ("suspend", "admin owner"), ("resume", "admin"), ("deprovision", "admin owner"), ("revoke", "admin owner tools"), ("revoke denial", "admin"), ("revoke mixed", "admin owner"),
                ("request", "admin owner"), ("approve", "admin tools"), ("reject", "admin tools owner"), ("tool off", "admin tools"), ("tool on", "admin"), ("server off", "admin"), ("server on", "admin"),
            })
            {
                foreach (var who in new[] { "admin", "owner", "tools", "nobody" }) data.Add(operation, who, allowed.Split(' ').Contains(who));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task WhoMayDoWhat(string operation, string who, bool allowed)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var actor = who switch { "admin" => Admin, "owner" => Owner, "tools" => Tools, _ => Nobody };
        await _stores.SaveGrantAsync(Allow("denial", "read") with { Effect = GrantEffect.Deny }, Ct);
        await _stores.SaveGrantAsync(Allow("mixed", "*"), Ct);
        if (operation == "resume") await Clients.SuspendAsync(Admin, "c", "r", null, Ct);
        if (operation.EndsWith(" on", StringComparison.Ordinal)) await Switches.OffAsync(Admin, Subject(), "r", Ct);
        var request = operation is "approve" or "reject" ? (await Requests.RequestAsync(Owner, Wish("pay"), Ct)).Value!.RequestId : "";
        var problem = operation switch
        {
            "suspend" => Of(await Clients.SuspendAsync(actor, "c", "r", null, Ct)),
            "resume" => Of(await Clients.ResumeAsync(actor, "c", "r", null, Ct)),
            "deprovision" => Of(await Clients.DeprovisionAsync(actor, "c", "r", null, Ct)),
            "revoke" => Of(await Grants.RevokeAsync(actor, "c", "g", "r", null, Ct)),
            "revoke denial" => Of(await Grants.RevokeAsync(actor, "c", "denial", "r", null, Ct)),
            "revoke mixed" => Of(await Grants.RevokeAsync(actor, "c", "mixed", "r", null, Ct)),
            "request" => Of(await Requests.RequestAsync(actor, Wish("pay"), Ct)),
            "approve" => Of(await Requests.ApproveAsync(actor, request, "r", Ct)),
            "reject" => Of(await Requests.RejectAsync(actor, request, "r", Ct)),
            "tool on" or "server on" => Of(await Switches.OnAsync(actor, Subject(), "r", Ct)),
            _ => Of(await Switches.OffAsync(actor, Subject(), "r", Ct)),
        };
        Assert.Equal(allowed ? null : ChangeProblem.NotAllowed, problem);

        string Subject() => operation.StartsWith("tool", StringComparison.Ordinal) ? KillSwitch.OfTool("u", "pay") : KillSwitch.OfServer("s");

        static ChangeProblem? Of<T>(ChangeOutcome<T> outcome)
            where T : class => outcome.Value is null ? outcome.Problem : null;
    }

    [Fact]
    public async Task WhatIsApproved_IsForTheNamesOfThatMoment_AndEndsByItself()
    {
        var request = (await Requests.RequestAsync(Owner, Wish("pay*") with { Minutes = 15 }, Ct)).Value!;
        _time.Now = _time.Now.AddMinutes(5);
        Assert.Equal(GrantRequestState.Approved, (await Requests.ApproveAsync(Tools, request.RequestId, "fine", Ct)).Value!.State);
        var grant = _stores.Grants.Single(g => g.GrantId == request.GrantId);
        Assert.Equal(["pay", "pay-out"], grant.Tools);
        Assert.Equal((_time.Now.AddMinutes(15), "owner", "tia"), (grant.ExpiresAt, grant.Requester, grant.Approver));
        Assert.Equal(ChangeProblem.Invalid, (await Requests.ApproveAsync(Tools, request.RequestId, "again", Ct)).Problem);
        Assert.Equal(ChangeProblem.Invalid, (await Requests.RejectAsync(Tools, request.RequestId, "again", Ct)).Problem);
    }

    [Theory]
    [InlineData("owner", "owner's own request")]
    [InlineData("backup", "a backup owner's")]
    [InlineData("OWNER", "in other letters")]
    public async Task NobodyApprovesTheirOwn_WhateverTheyAre(string name, string why)
    {
        Assert.NotEmpty(why);
        var request = (await Requests.RequestAsync(Owner, Wish("pay"), Ct)).Value!;
        Assert.Equal(ChangeProblem.NotAllowed, (await Requests.ApproveAsync(new Actor(name, true, ["tools-team"]), request.RequestId, "r", Ct)).Problem);
        var byAdmin = (await Requests.RequestAsync(Admin, Wish("pay"), Ct)).Value!;
        Assert.Equal(ChangeProblem.NotAllowed, (await Requests.ApproveAsync(Admin, byAdmin.RequestId, "r", Ct)).Problem);
        Assert.DoesNotContain(_stores.Grants, g => g.GrantId.StartsWith("jit-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ARequestForToolsOfTwoTeams_IsNotOneTeamsToApprove()
    {
        var request = (await Requests.RequestAsync(Owner, Wish("*"), Ct)).Value!;
        Assert.Equal(ChangeProblem.NotAllowed, (await Requests.ApproveAsync(Tools, request.RequestId, "r", Ct)).Problem);
        Assert.NotNull((await Requests.ApproveAsync(Tools with { Teams = ["tools-team", "read-team"] }, request.RequestId, "r", Ct)).Value);
    }

    [Theory]
    [InlineData("request Approved")]
    [InlineData("grant jit-")]
    [InlineData("epoch")]
    [InlineData("request Approved given")]
    public async Task AnApprovalThatDiesOnItsWay_IsFinishedByApprovingAgain(string write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var request = (await Requests.RequestAsync(Owner, Wish("pay"), Ct)).Value!;
        var dead = true;
        _stores.IsOut = w => dead && (write.EndsWith('-') ? w.StartsWith(write, StringComparison.Ordinal) : w == write);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Requests.ApproveAsync(Tools, request.RequestId, "r", Ct));
        dead = false;
        Assert.NotNull((await Requests.ApproveAsync(Tools, request.RequestId, "r", Ct)).Value);
        Assert.Single(_stores.Grants, g => g.GrantId == request.GrantId);
        Assert.True(_stores.Requests.Single().IsGiven);
        Assert.Contains(Records(), r => r.GetProperty("details").GetProperty("ending").GetString() == "failed");

        // What was taken away afterwards stays away.
        Assert.NotNull((await Grants.RevokeAsync(Admin, "c", request.GrantId, "r", null, Ct)).Value);
        Assert.Equal(ChangeProblem.Invalid, (await Requests.ApproveAsync(Tools, request.RequestId, "r", Ct)).Problem);
        Assert.DoesNotContain(_stores.Grants, g => g.GrantId == request.GrantId);
    }

    [Fact]
    public async Task OfAnApprovalAndARejectionAtOnce_OneWins()
    {
        var request = (await Requests.RequestAsync(Owner, Wish("pay"), Ct)).Value!;
        _stores.BeforeConditionalWrite = () => Requests.RejectAsync(Admin, request.RequestId, "no", Ct).Wait();
        Assert.Equal(ChangeProblem.Conflict, (await Requests.ApproveAsync(Tools, request.RequestId, "r", Ct)).Problem);
        Assert.Equal(GrantRequestState.Rejected, _stores.Requests.Single().State);
        Assert.DoesNotContain(_stores.Grants, g => g.GrantId == request.GrantId);
    }

    [Theory]
    [InlineData("none-such", 10, "j", "names no tool")]
    [InlineData("pay", 0, "j", "from a minute")]
    [InlineData("pay", 525601, "j", "from a minute")]
    [InlineData("pay", 10, " ", "what it is for")]
    public async Task ARequestThatMakesNoSense_IsRefusedWithWhy(string tool, int minutes, string justification, string why)
    {
        var outcome = await Requests.RequestAsync(Owner, Wish(tool) with { Minutes = minutes, Justification = justification }, Ct);
        Assert.Equal(ChangeProblem.Invalid, outcome.Problem);
        Assert.Contains(why, outcome.Message, StringComparison.Ordinal);
        Assert.Empty(_stores.Requests);
    }

    [Fact]
    public async Task ARequestThatWaitedTooLong_HasToBeMadeAnew()
    {
        var request = (await Requests.RequestAsync(Owner, Wish("pay"), Ct)).Value!;
        _time.Now = _time.Now.AddDays(GrantRequests.MaxPendingDays);
        Assert.Equal(ChangeProblem.Invalid, (await Requests.ApproveAsync(Tools, request.RequestId, "r", Ct)).Problem);
    }

    /// <summary>An owner who may do everything that owners may, in any order: what their client can call is never more than before.</summary>
    [Fact]
    public void NoSequenceOfAnOwnersChanges_WidensWhatTheirClientMayDo()
    {
        var steps = Gen.Choose(0, 9).ListOf();
        Prop.ForAll(steps.ToArbitrary(), sequence =>
        {
            var stores = new MemoryStores { Active = Version };
            stores.SaveClientAsync(TheClient, Ct).AsTask().Wait();
            stores.SaveGrantAsync(Allow("g", "*"), Ct).AsTask().Wait();
            stores.SaveGrantAsync(Allow("d", "pay") with { Effect = GrantEffect.Deny }, Ct).AsTask().Wait();
            var records = new ChangeRecords(_ledger, _time);
            var clients = new ClientAdministration(stores, stores, records, _time);
            var grants = new GrantAdministration(stores, stores, stores, records, _time);
            var requests = new GrantRequests(stores, stores, stores, records, _time);
            var switches = new SwitchAdministration(stores, stores, stores, records, _time);
            var allowed = Allowed(stores);
            foreach (var step in sequence)
            {
                var last = stores.Requests.LastOrDefault()?.RequestId ?? "none";
                Task change = step switch
                {
                    0 => clients.SuspendAsync(Owner, "c", "r", null, Ct),
                    1 => clients.ResumeAsync(Owner, "c", "r", null, Ct),
                    2 => clients.DeprovisionAsync(Owner, "c", "r", null, Ct),
                    3 => grants.RevokeAsync(Owner, "c", "g", "r", null, Ct),
                    4 => grants.RevokeAsync(Owner, "c", "d", "r", null, Ct),
                    5 => requests.RequestAsync(Owner, Wish("pay"), Ct),
                    6 => requests.ApproveAsync(Owner, last, "r", Ct),
                    7 => requests.RejectAsync(Owner, last, "r", Ct),
                    8 => switches.OnAsync(Owner, KillSwitch.OfServer("s"), "r", Ct),
                    _ => switches.OffAsync(Owner, KillSwitch.OfTool("u", "pay"), "r", Ct),
                };
                change.Wait();
                var now = Allowed(stores);
                Assert.Subset(allowed, now);
                allowed = now;
            }
        }).QuickCheckThrowOnFailure();

        static HashSet<string> Allowed(MemoryStores stores) => stores.Clients.Single().State != ClientState.Active ? []
            : [.. Version.Tools.Select(t => t.Name).Where(t => Rules(stores, GrantEffect.Allow, t) && !Rules(stores, GrantEffect.Deny, t))];

        static bool Rules(MemoryStores stores, GrantEffect effect, string tool) => stores.Grants.Any(g => g.Effect == effect && g.Tools.Any(p => NamePattern.Matches(p, tool)));
    }

    private ChangeRecords Changes => new(_ledger, _time);

    private ClientAdministration Clients => new(_stores, _stores, Changes, _time);

    private GrantAdministration Grants => new(_stores, _stores, _stores, Changes, _time);

    private GrantRequests Requests => new(_stores, _stores, _stores, Changes, _time);

    private SwitchAdministration Switches => new(_stores, _stores, _stores, Changes, _time);

    private List<JsonElement> Records() => [.. _audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement).Where(r => r.GetProperty("event").GetString() == "administration")];

    private static GrantRequest Wish(string tool) => new() { RequestId = "", ClientId = "c", Server = "s", Tools = [tool], Minutes = 30, Justification = "j", Requester = "someone else", RequestedAt = default };

    private static Grant Allow(string id, string pattern) => new() { GrantId = id, ClientId = "c", Server = "s", Tools = [pattern], ExpiresAt = DateTimeOffset.MaxValue, Justification = "j", Approver = "a" };

    private static readonly Client TheClient = new() { TenantId = "t", ClientId = "c", DisplayName = "d", Owner = "owner", BackupOwner = "backup", Team = "agents-team", Purpose = "p", State = ClientState.Active, ExpiresAt = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero) };

    private static CatalogueVersion Version { get; } = new()
    {
        Number = 1,
        Upstreams = [new Upstream { Name = "u", Url = new Uri("https://u.example.org/mcp") }],
        Tools =
        [
            .. new[] { ("pay", "tools-team"), ("pay-out", "tools-team"), ("read", "read-team") }.Select(t => new ToolContract
            {
                Upstream = "u",
                Name = t.Item1,
                Definition = JsonDocument.Parse($$"""{"name":"{{t.Item1}}","inputSchema":{"type":"object"} }""").RootElement,
                Hash = "h",
                Version = "1",
                Team = t.Item2,
            }),
        ],
        Servers = [new VirtualServer { Name = "s", Tools = [new FeatureSelection { Upstream = "u", Names = ["*"] }] }],
    };

    private sealed class DeadStore : IAuditStore
    {
        public ValueTask AppendAsync(AuditSegment segment, CancellationToken ct) => throw new StoreUnavailableException("down");

        public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) => throw new StoreUnavailableException("down");

        public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) => throw new StoreUnavailableException("down");
    }
}
