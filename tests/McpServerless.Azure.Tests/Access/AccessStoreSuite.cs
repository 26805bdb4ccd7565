using System.Text.Json;
using McpServerless.Access;
using McpServerless.Catalogue.Publishing;

namespace McpServerless.Azure.Tests.Access;

/// <summary>What every access store does.</summary>
public abstract class AccessStoreSuite
{
    protected const string Tenant = "3d9c1b7e-0000-4000-8000-000000000001";

    protected static CancellationToken Ct => CancellationToken.None;

    protected static Client Full { get; } = new()
    {
        TenantId = Tenant,
        ClientId = "client-1",
        DisplayName = "Bestellungen „Süd“ 注文 🚚",
        Owner = "o'hara@example.org",
        BackupOwner = "second@example.org",
        Team = "Aufträge",
        Purpose = "Reads orders,\nanswers <customers> & \"partners\".",
        ModelId = "model-7",
        DeploymentContext = "cluster-7",
        DataClassification = DataClassification.Confidential,
        AgentBlueprintId = "44444444-4444-4444-4444-444444444444",
        History = [new ClientStateChange(ClientState.Active, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "o'hara@example.org", "„Los“"), new ClientStateChange(ClientState.Suspended, new DateTimeOffset(2026, 2, 2, 3, 4, 5, TimeSpan.Zero), "x", "y")],
        State = ClientState.Suspended,
        ExpiresAt = new DateTimeOffset(2027, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1234567),
    };

    protected static Client Sparse { get; } = new()
    {
        TenantId = Tenant,
        ClientId = "client-1",
        DisplayName = "",
        Owner = "o@example.org",
        Purpose = "p",
        State = ClientState.Pending,
        ExpiresAt = new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero),
    };

    protected static Grant Grant(string client = "client-1", string server = "orders", string id = "g1") => new()
    {
        GrantId = id,
        ClientId = client,
        Server = server,
        Tools = ["orders_*", "ünïcode?", "a\"b\\c"],
        Prompts = ["Zusammenfassung *"],
        Resources = ["orders://order/*", "orders://all"],
        Effect = GrantEffect.Deny,
        Constraints = [new ArgumentConstraint(["orders_*"], JsonDocument.Parse("""{"properties":{"amount":{"maximum":100.50}}}""").RootElement)],
        Context = new GrantContext
        {
            Networks = ["10.0.0.0/8"],
            Hours = [new GrantHours([DayOfWeek.Monday], new TimeOnly(8, 0), new TimeOnly(18, 30), "Europe/Berlin")],
            MaxTokenAgeMinutes = 10,
            AuthContexts = ["c1"],
            AuthMethods = ["mfa"],
            Callers = [GrantCaller.AgentForUser],
            Environments = ["production"],
        },
        RequiredRole = "Order.App",
        RequiredScope = "Order.Read",
        ModelIds = ["model-*"],
        Ticket = "4711",
        Requester = "asker@example.org",
        BroadReason = "because",
        EndRecorded = true,
        RequiredUserRole = "Order.Read",
        ExpiresAt = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Justification = "Ticket 4711 – begründet",
        Approver = "boss@example.org",
        NextReview = new DateTimeOffset(2026, 12, 24, 18, 0, 0, TimeSpan.Zero),
    };

    protected abstract IAccessStore NewStore();

    [Fact]
    public async Task BeforeAnythingWasSaved_NothingIsKnown()
    {
        var store = NewStore();
        Assert.Equal("", await store.ReadEpochAsync(Ct));
        Assert.Null(await store.FindClientAsync(Tenant, "client-1", Ct));
        Assert.Empty(await store.ReadGrantsAsync("client-1", Ct));
        await store.DeleteGrantAsync(Grant(), Ct);
    }

    [Fact]
    public async Task AClient_ComesBackAsItWasSaved()
    {
        var store = NewStore();
        await store.SaveClientAsync(Full, Ct);
        var found = await store.FindClientAsync(Full.TenantId, Full.ClientId, Ct);
        Assert.Equal(Full, found! with { History = Full.History });
        Assert.Equal(Full.History, found.History);
        Assert.Null(await store.FindClientAsync("another-tenant", Full.ClientId, Ct));
        Assert.Null(await store.FindClientAsync(Full.TenantId, "CLIENT-1", Ct));
    }

    [Fact]
    public async Task SavingAClientAgain_LeavesNothingOfTheOldOne()
    {
        var store = NewStore();
        await store.SaveClientAsync(Full, Ct);
        await store.SaveClientAsync(Sparse, Ct);
        Assert.Equal(Sparse, await store.FindClientAsync(Tenant, "client-1", Ct));
    }

    [Theory]
    [InlineData(ClientState.Pending)]
    [InlineData(ClientState.Active)]
    [InlineData(ClientState.Suspended)]
    [InlineData(ClientState.Expired)]
    [InlineData(ClientState.Deprovisioned)]
    public async Task EveryState_ComesBack(ClientState state)
    {
        var store = NewStore();
        await store.SaveClientAsync(Full with { State = state }, Ct);
        Assert.Equal(state, (await store.FindClientAsync(Tenant, "client-1", Ct))?.State);
    }

    [Fact]
    public async Task Grants_ComeBackAsTheyWereSaved_InTheOrderOfTheirKeys()
    {
        var store = NewStore();
        Grant[] saved =
        [
            Grant(server: "billing", id: "z"),
            Grant(server: "orders", id: "a") with
            {
                Tools = [],
                Prompts = [],
                Resources = [],
                Effect = GrantEffect.Allow,
                Constraints = [],
                Context = null,
                RequiredRole = null,
                RequiredScope = null,
                ModelIds = [],
                Ticket = null,
                Requester = null,
                BroadReason = null,
                EndRecorded = false,
                RequiredUserRole = null,
                NextReview = null,
            },
            Grant(server: "orders", id: "b") with { Tools = [.. Enumerable.Range(0, 500).Select(i => $"tool_number_{i}")] },
            Grant(server: "orders", id: "long") with
            {
                // Longer than one property holds.
                Tools = [.. Enumerable.Range(0, 500).Select(i => new string('t', 188) + $"_{i:D3}")],
                Prompts = [.. Enumerable.Range(0, 500).Select(i => new string('p', 188) + $"_{i:D3}")],
                Resources = [.. Enumerable.Range(0, 90).Select(i => $"orders://{new string('r', 2000)}/{i:D3}")],
            },
        ];
        foreach (var grant in saved.Reverse()) await store.SaveGrantAsync(grant, Ct);

        var read = await store.ReadGrantsAsync("client-1", Ct);
        Assert.Equal(saved.Select(Text), read.Select(Text));

        static string Text(Grant grant) => JsonSerializer.Serialize(grant, GovernanceJson.Default.Grant);
    }

    [Fact]
    public async Task Grants_AreThoseOfOneClient()
    {
        var store = NewStore();
        await store.SaveGrantAsync(Grant("client-1"), Ct);
        await store.SaveGrantAsync(Grant("client-10"), Ct);
        await store.SaveGrantAsync(Grant("client"), Ct);
        Assert.Equal("client-1", Assert.Single(await store.ReadGrantsAsync("client-1", Ct)).ClientId);
    }

    [Fact]
    public async Task AGrantThatWasDeleted_IsGone_AndItsNeighboursStay()
    {
        var store = NewStore();
        await store.SaveGrantAsync(Grant(id: "g1"), Ct);
        await store.SaveGrantAsync(Grant(id: "g2"), Ct);
        await store.DeleteGrantAsync(Grant(id: "g1"), Ct);
        await store.DeleteGrantAsync(Grant(id: "g1"), Ct);
        Assert.Equal("g2", Assert.Single(await store.ReadGrantsAsync("client-1", Ct)).GrantId);
    }

    [Theory]
    [InlineData("a/b\\c#d?e")]
    [InlineData("it's 100% | ~ \u0085 \t")]
    [InlineData("ключ 🔑")]
    public async Task Names_MayHoldAnyCharacter(string name)
    {
        var store = NewStore();
        await store.SaveClientAsync(Full with { TenantId = name, ClientId = name }, Ct);
        await store.SaveGrantAsync(Grant(name, name, name), Ct);
        await store.SaveGrantAsync(Grant(name, name + "|", name), Ct);
        await store.DeleteGrantAsync(Grant(name, name + "|", name), Ct);

        Assert.Equal(name, (await store.FindClientAsync(name, name, Ct))?.ClientId);
        var grant = Assert.Single(await store.ReadGrantsAsync(name, Ct));
        Assert.Equal((name, name, name), (grant.ClientId, grant.Server, grant.GrantId));
    }

    [Fact]
    public async Task EveryBump_GivesAnEpochThatWasNotThereBefore()
    {
        var store = NewStore();
        var seen = new HashSet<string> { await store.ReadEpochAsync(Ct) };
        for (var i = 0; i < 20; i++)
        {
            await store.BumpEpochAsync(Ct);
            Assert.True(seen.Add(await store.ReadEpochAsync(Ct)));
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.BumpEpochAsync(Ct).AsTask()));
        Assert.True(seen.Add(await store.ReadEpochAsync(Ct)));
        Assert.Equal(await store.ReadEpochAsync(Ct), await store.ReadEpochAsync(Ct));
    }

    [Fact]
    public async Task CancellationByTheCaller_PassesAsItIs()
    {
        var store = NewStore();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadEpochAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.BumpEpochAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.FindClientAsync(Tenant, "client-1", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadGrantsAsync("client-1", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.SaveGrantAsync(Grant(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.DeleteGrantAsync(Grant(), cancelled));
    }
}
