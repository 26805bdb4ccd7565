using System.Text;
using McpServerless.Audit;
using McpServerless.Contracts.Sanitising;
using McpServerless.Core.Tests.Audit;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Contracts;

public sealed class HashKeysTests
{
    private static readonly string Root = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('k', 32)));

    private readonly ManualTimeProvider _time = new();
    private readonly HashKeyShelf _store = new();
    private readonly SegmentShelf _segments = new();

    private static CancellationToken Ct => CancellationToken.None;

    [Fact]
    public async Task InstancesShareAPeriodsKey_AndAnotherPeriodHasAnother()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        Assert.Equal(one.Current!.HashText("a"), other.Current!.HashText("a"));
        var before = one.Current.HashText("a");
        _time.Advance(TimeSpan.FromDays(92));
        await one.RefreshAsync(Ct);
        await other.RefreshAsync(Ct);
        Assert.NotEqual(before, one.Current.HashText("a"));
        Assert.Equal(one.Current.HashText("a"), other.Current.HashText("a"));
        Assert.Equal(["2026-10.01", "2027-01.01"], await _store.ReadAsync(Ct).Select(p => p.Name).ToListAsync(Ct));
    }

    [Fact]
    public async Task WhatTheStoreHas_IsOfNoUseWithoutTheSetting()
    {
        await OpenAsync();
        var half = (await _store.ReadAsync(Ct).SingleAsync(Ct)).Secret!;
        var with = await OpenAsync();
        Assert.NotEqual(new HashKey(half).HashText("a"), with.Current!.HashText("a"));
        Assert.NotEqual((await OpenAsync(Convert.ToBase64String(new byte[32]))).Current!.HashText("a"), with.Current.HashText("a"));
    }

    [Fact]
    public async Task ADestroyedKey_IsNoLongerUsed_AndNeverMadeAnew()
    {
        var keys = await OpenAsync();
        var before = keys.Current!.HashText("a");
        Assert.True(await _store.DestroyAsync("2026-10.01", _time.GetUtcNow(), Ct));
        await keys.RefreshAsync(Ct);
        Assert.NotEqual(before, keys.Current.HashText("a"));
        var periods = await _store.ReadAsync(Ct).ToListAsync(Ct);
        Assert.Equal(["2026-10.01", "2026-10.02"], periods.Select(p => p.Name));
        Assert.Null(periods[0].Secret);
        Assert.NotEqual(before, (await OpenAsync()).Current!.HashText("a"));
        Assert.False(await _store.AddAsync(periods[0] with { Secret = new byte[32] }, Ct));
    }

    [Fact]
    public async Task WhileTheStoreIsDown_TheLastKnownKeyIsUsed_AndWithoutOneValuesAreMasked()
    {
        _store.IsDown = true;
        var keys = await OpenAsync();
        Assert.Null(keys.Current);
        _store.IsDown = false;
        await keys.RefreshAsync(Ct);
        var known = keys.Current!.HashText("a");
        _store.IsDown = true;
        await keys.RefreshAsync(Ct);
        Assert.Equal(known, keys.Current.HashText("a"));
    }

    [Fact]
    public async Task WithoutTheSetting_ThereIsNoKey_AndNoneIsMade()
    {
        Assert.Null((await OpenAsync(root: null)).Current);
        Assert.Empty(await _store.ReadAsync(Ct).ToListAsync(Ct));
    }

    private Task<HashKeys> OpenAsync() => OpenAsync(Root);

    private async Task<HashKeys> OpenAsync(string? root)
    {
        var options = Options.Create(new AuditOptions { HashKey = root });
        var keys = new HashKeys(_store, options, new Ledger(_segments, options, _time, NullLogger<Ledger>.Instance), _time, NullLogger<HashKeys>.Instance);
        await keys.RefreshAsync(Ct);
        return keys;
    }
}
