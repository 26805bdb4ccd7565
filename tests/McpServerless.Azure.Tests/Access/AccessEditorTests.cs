using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Azure.Access;
using McpServerless.Azure.Tests.Storage;

namespace McpServerless.Azure.Tests.Access;

/// <summary>Two operators at once: whoever writes second is told, and nothing is lost.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class AccessEditorTests(AzuriteFixture azurite)
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private static readonly Client Client = new()
    {
        TenantId = "t",
        ClientId = "3d9c1b7e-0000-4000-8000-000000000001",
        DisplayName = "d",
        Owner = "o",
        Purpose = "p",
        State = ClientState.Active,
        ExpiresAt = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero),
    };

    private static readonly Grant Grant = new() { GrantId = "g", ClientId = "c", Server = "s", Tools = ["a"], ExpiresAt = Client.ExpiresAt, Justification = "j", Approver = "a" };

    private readonly Account _account = azurite.NewAccount();

    private TableAccessStore Store => new(_account.Open(), TimeProvider.System);

    [Fact]
    public async Task OfTwoChangesOfAClient_TheSecondIsTold()
    {
        var store = Store;
        await store.SaveClientAsync(Client, Ct);
        var one = await store.FindClientAsync(Client.ClientId.ToUpperInvariant(), Ct);
        var two = await Store.FindClientAsync(Client.ClientId, Ct);

        Assert.True(await store.ReplaceClientAsync(one!.Value with { Purpose = "first" }, one.ETag, Ct));
        Assert.False(await Store.ReplaceClientAsync(two!.Value with { Purpose = "second" }, two.ETag, Ct));
        Assert.Equal("first", (await store.FindClientAsync(Client.ClientId, Ct))!.Value.Purpose);
        Assert.Null(await store.FindClientAsync("another", Ct));
    }

    [Fact]
    public async Task AGrantIsAddedOnce_ChangedByWhoeverReadItLast_AndTakenAwayOnce()
    {
        IAccessEditor store = Store;
        Assert.True(await store.AddGrantAsync(Grant, Ct));
        Assert.False(await store.AddGrantAsync(Grant with { Justification = "another" }, Ct));
        var read = Assert.Single(await store.ReadGrantsAsync("c", Ct));
        Assert.Equal(read.ETag, (await store.FindGrantAsync("c", "s", "g", Ct))!.ETag);
        Assert.True(await store.ReplaceGrantAsync(Grant with { Justification = "first" }, read.ETag, Ct));
        Assert.False(await store.ReplaceGrantAsync(Grant with { Justification = "second" }, read.ETag, Ct));
        Assert.False(await store.RemoveGrantAsync(Grant, read.ETag, Ct));

        var now = await store.FindGrantAsync("c", "s", "g", Ct);
        Assert.Equal("first", now!.Value.Justification);
        Assert.True(await store.RemoveGrantAsync(Grant, now.ETag, Ct));
        Assert.False(await store.RemoveGrantAsync(Grant, now.ETag, Ct));
        Assert.Empty(await store.ReadGrantsAsync("c", Ct));
    }

    [Fact]
    public async Task RequestsComeBackAsTheyWere_TheOldestFirst()
    {
        var store = Store;
        var request = new GrantRequest { RequestId = "b", ClientId = "c", Server = "s", Tools = ["x*"], Minutes = 30, Justification = "„j“", Ticket = "t", Requester = "r", RequestedAt = Client.ExpiresAt, Constraints = [new ArgumentConstraint(["x"], System.Text.Json.JsonDocument.Parse("{}").RootElement)] };
        Assert.Null(await store.FindRequestAsync("b", Ct));
        Assert.True(await store.AddRequestAsync(request, Ct));
        Assert.False(await store.AddRequestAsync(request, Ct));
        Assert.True(await store.AddRequestAsync(request with { RequestId = "a" }, Ct));
        Assert.Equal(["a", "b"], await store.ReadRequestsAsync(Ct).Select(r => r.Value.RequestId).ToListAsync());
        var read = await store.FindRequestAsync("b", Ct);
        Assert.Equal((30, "„j“", "r", "jit-b", "x*", "x"), (read!.Value.Minutes, read.Value.Justification, read.Value.Requester, read.Value.GrantId, read.Value.Tools[0], read.Value.Constraints[0].Tools[0]));
        Assert.True(await store.ReplaceRequestAsync(read.Value with { State = GrantRequestState.Approved, IsGiven = true }, read.ETag, Ct));
        Assert.False(await store.ReplaceRequestAsync(read.Value with { State = GrantRequestState.Rejected }, read.ETag, Ct));
        Assert.True((await store.FindRequestAsync("b", Ct))!.Value is { State: GrantRequestState.Approved, IsGiven: true });
    }

    [Fact]
    public async Task WhatEnded_IsFoundByItsDate_InWholeTables()
    {
        var store = Store;
        Assert.Empty(await store.ReadEndedClientsAsync(Client.ExpiresAt, Ct).ToListAsync());
        foreach (var (id, seconds) in new[] { ("a", -1), ("b", 0), ("c", 1) })
        {
            await store.SaveClientAsync(Client with { ClientId = id, ExpiresAt = Client.ExpiresAt.AddSeconds(seconds) }, Ct);
            await store.SaveGrantAsync(Grant with { ClientId = id, ExpiresAt = Client.ExpiresAt.AddSeconds(seconds) }, Ct);
        }

        Assert.Equal(["a", "b"], await store.ReadEndedClientsAsync(Client.ExpiresAt.ToOffset(TimeSpan.FromHours(2)), Ct).Select(c => c.Value.ClientId).ToListAsync());
        var grants = await store.ReadEndedGrantsAsync(Client.ExpiresAt, Ct).ToListAsync();
        Assert.Equal(["a", "b"], grants.Select(g => g.Value.ClientId));
        Assert.True(await ((IAccessEditor)store).ReplaceGrantAsync(grants[0].Value with { EndRecorded = true }, grants[0].ETag, Ct));
        Assert.True((await store.FindGrantAsync("a", "s", "g", Ct))!.Value.EndRecorded);

        var request = new GrantRequest { RequestId = "r", ClientId = "c", Server = "s", Tools = ["x"], Minutes = 1, Justification = "j", Requester = "r", RequestedAt = Client.ExpiresAt };
        Assert.True(await store.AddRequestAsync(request, Ct));
        var read = await store.FindRequestAsync("r", Ct);
        Assert.True(await store.RemoveRequestAsync(request, read!.ETag, Ct));
        Assert.False(await store.RemoveRequestAsync(request, read.ETag, Ct));
    }

    [Fact]
    public async Task WhatIsOff_StaysOffByWhoeverDidItFirst_UntilItIsOn()
    {
        var store = Store;
        Assert.Empty(await store.ReadSwitchesAsync(Ct));
        await store.BumpEpochAsync(Ct);
        Assert.True(await store.SwitchOffAsync(new KillSwitch("tool/u/a b?", "first", Client.ExpiresAt, "r"), Ct));
        Assert.False(await store.SwitchOffAsync(new KillSwitch("tool/u/a b?", "second", Client.ExpiresAt, "r"), Ct));
        Assert.Equal(new KillSwitch("tool/u/a b?", "first", Client.ExpiresAt, "r"), Assert.Single(await store.ReadSwitchesAsync(Ct)));
        await store.SwitchOnAsync("tool/u/a b?", Ct);
        await store.SwitchOnAsync("tool/u/a b?", Ct);
        Assert.Empty(await store.ReadSwitchesAsync(Ct));
        Assert.NotEqual("", await store.ReadEpochAsync(Ct));
    }
}
