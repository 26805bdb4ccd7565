using System.Text.Json;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Expiring;
using McpServerless.Audit;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Access;

/// <summary>What ended is put on record once, whatever dies on the way, and is taken away a month later.</summary>
public sealed class AccessExpiryTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly FixedTime _time = FixedTime.June2026;
    private readonly MemoryStores _stores = new();
    private readonly SegmentShelf _audit = new();
    private Ledger _ledger = null!;

    public async Task InitializeAsync()
    {
        _ledger = new Ledger(_audit, Options.Create(new AuditOptions { HoldMilliseconds = 0 }), _time, NullLogger<Ledger>.Instance);
        await _ledger.StartAsync(Ct);
        for (var i = 0; i < 6; i++)
        {
            await _stores.SaveClientAsync(Client($"c{i}", i - 3), Ct);
            await _stores.SaveGrantAsync(Grant($"c{i}", $"g{i}", i - 3), Ct);
        }
    }

    public async Task DisposeAsync()
    {
        await _ledger.StopAsync(Ct);
        _ledger.Dispose();
    }

    [Fact]
    public async Task WhatIsPastItsEnd_IsMarkedOnce_AndTheRestIsLeft()
    {
        Assert.Equal(new ExpiryRun(8, true), await Expiry().ExpireAsync(Ct));
        Assert.Equal(["c0", "c1", "c2", "c3"], _stores.Clients.Where(c => c.State == ClientState.Expired).Select(c => c.ClientId).Order(StringComparer.Ordinal));
        Assert.Equal(["g0", "g1", "g2", "g3"], _stores.Grants.Where(g => g.EndRecorded).Select(g => g.GrantId).Order(StringComparer.Ordinal));
        Assert.Equal(4, Done("clientExpired").Count);
        Assert.Equal(4, Done("grantExpired").Count);
        Assert.All(Done("grantExpired"), r => Assert.Equal("timer", r.GetProperty("event").GetString()));
        Assert.Equal("epoch", _stores.Writes[^1]);
        Assert.Equal(new ExpiryRun(0, true), await Expiry().ExpireAsync(Ct));

        _time.Now = _time.Now.AddHours(1);
        Assert.Equal(new ExpiryRun(2, true), await Expiry().ExpireAsync(Ct));
    }

    [Fact]
    public async Task ADenialPastItsDate_IsOnRecordOnce_AndIsNeverTakenAway()
    {
        await _stores.SaveGrantAsync(Grant("c5", "no", -1) with { Effect = GrantEffect.Deny }, Ct);
        await Expiry().ExpireAsync(Ct);
        await Expiry().ExpireAsync(Ct);
        Assert.Equal("no", Assert.Single(Done("denialDue")).GetProperty("grantId").GetString());
        _time.Now = _time.Now.AddDays(100);
        await Expiry().ExpireAsync(Ct);
        await Expiry().PurgeAsync(Ct);
        Assert.Equal("no", Assert.Single(_stores.Grants).GrantId);
    }

    [Fact]
    public async Task ARunDoesNoMoreThanItsBound_AndTheNextGoesOn()
    {
        Assert.Equal(new ExpiryRun(3, false), await Expiry(most: 3).ExpireAsync(Ct));
        Assert.Equal(new ExpiryRun(3, false), await Expiry(most: 3).ExpireAsync(Ct));
        Assert.Equal(new ExpiryRun(2, true), await Expiry(most: 3).ExpireAsync(Ct));
        Assert.Equal(8, Done("clientExpired").Count + Done("grantExpired").Count);
    }

    /// <summary>Cut between any two writes, and run again.</summary>
    [Fact]
    public async Task ARunThatDiesBetweenAnyTwoWrites_IsGoneOnWith()
    {
        for (var survive = 0; survive < 10; survive++)
        {
            var stores = new MemoryStores();
            for (var i = 0; i < 4; i++)
            {
                await stores.SaveClientAsync(Client($"c{i}", -1), Ct);
                await stores.SaveGrantAsync(Grant($"c{i}", $"g{i}", -1), Ct);
            }

            var left = survive;
            stores.IsOut = _ => left-- <= 0;
            if (survive < 9) await Assert.ThrowsAsync<StoreUnavailableException>(() => Expiry(stores: stores).ExpireAsync(Ct));
            stores.IsOut = _ => false;
            await Expiry(stores: stores).ExpireAsync(Ct);
            Assert.All(stores.Clients, c => Assert.Equal((ClientState.Expired, 1), (c.State, c.History.Count)));
            Assert.All(stores.Grants, g => Assert.True(g.EndRecorded));
        }
    }

    [Fact]
    public async Task WhatSomebodyRenewsMeanwhile_IsNotMarked()
    {
        _stores.BeforeConditionalWrite = () => _stores.SaveClientAsync(Client("c0", 24 * 30), Ct).AsTask().Wait();
        await Expiry().ExpireAsync(Ct);
        Assert.Equal(ClientState.Active, _stores.Clients.Single(c => c.ClientId == "c0").State);
    }

    [Fact]
    public async Task WhatEndedLongAgo_IsTakenAway_AndNotBeforeItWasRecorded()
    {
        var request = new GrantRequest { RequestId = "r", ClientId = "c0", Server = "s", Tools = ["t"], Minutes = 5, Justification = "j", Requester = "o", RequestedAt = _time.Now };
        await _stores.AddRequestAsync(request, Ct);
        _time.Now = _time.Now.AddDays(30);
        Assert.Equal(0, (await Expiry().PurgeAsync(Ct)).Changed);
        await Expiry().ExpireAsync(Ct);
        Assert.Equal(3 + 1, (await Expiry().PurgeAsync(Ct)).Changed);
        Assert.Equal(["g4", "g5"], _stores.Grants.Select(g => g.GrantId).Order(StringComparer.Ordinal));
        Assert.Single(_stores.Requests);
        _time.Now = _time.Now.AddDays(8);
        Assert.Equal(3, (await Expiry().PurgeAsync(Ct)).Changed);
        Assert.Empty(_stores.Grants);
        Assert.Empty(_stores.Requests);
        Assert.Equal(6, _stores.Clients.Count());
        Assert.Equal(6, Done("grantPurged").Count);
    }

    private AccessExpiry Expiry(int most = 500, MemoryStores? stores = null) => new(
        stores ?? _stores, stores ?? _stores, stores ?? _stores, stores ?? _stores, new ChangeRecords(_ledger, _time), Options.Create(new AccessOptions { MaxExpiriesPerRun = most }), _time, NullLogger<AccessExpiry>.Instance);

    private List<JsonElement> Done(string happening) =>
    [
        .. _audit.Segments.SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement)
            .Where(r => r.TryGetProperty("details", out var d) && d.TryGetProperty("happening", out var h) && h.GetString() == happening && d.GetProperty("ending").GetString() == "done"),
    ];

    private Client Client(string id, int hours) => new() { TenantId = "t", ClientId = id, DisplayName = id, Owner = "o", Purpose = "p", State = ClientState.Active, ExpiresAt = _time.Now.AddHours(hours) };

    private Grant Grant(string client, string id, int hours) => new() { GrantId = id, ClientId = client, Server = "s", Tools = ["t"], ExpiresAt = _time.Now.AddHours(hours), Justification = "j", Approver = "a" };
}
