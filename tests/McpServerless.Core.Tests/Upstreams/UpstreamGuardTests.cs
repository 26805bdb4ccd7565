using McpServerless.Catalogue;
using McpServerless.Testing;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;

namespace McpServerless.Core.Tests.Upstreams;

public class UpstreamGuardTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task UpstreamThatFailsAgainAndAgain_IsSpared_AndTriedAgainAfterThePause()
    {
        var guard = Guard();
        for (var i = 0; i < 20; i++) Assert.Equal("upstream_unavailable", await RunAsync(guard, Unavailable));
        var asked = 0;
        var refusal = await RefusalAsync(guard, () => { asked++; return Unavailable; });
        Assert.Equal(RefusalCode.UpstreamUnavailable, refusal!.Code);
        Assert.InRange(refusal.RetryAfterSeconds!.Value, 1, 5);
        Assert.Equal(0, asked);

        // After the pause one call finds out whether it is back; while it is away the pause begins again.
        _time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Null((await RefusalAsync(guard, () => { asked++; return Unavailable; }))!.RetryAfterSeconds);
        Assert.NotNull((await RefusalAsync(guard, () => { asked++; return Unavailable; }))!.RetryAfterSeconds);
        Assert.Equal(1, asked);

        _time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Equal("result_too_large", await RunAsync(guard, Answered));
        Assert.Equal("result_too_large", await RunAsync(guard, Answered));
    }

    [Fact]
    public async Task Timeouts_CountAsFailing()
    {
        var guard = Guard();
        for (var i = 0; i < 20; i++) await RunAsync(guard, UpstreamFault.Timeout(5));
        Assert.NotNull((await RefusalAsync(guard, () => Answered))!.RetryAfterSeconds);
    }

    [Fact]
    public async Task WhatItAnswers_DoesNotCount()
    {
        var guard = Guard();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("upstream_protocol_error", await RunAsync(guard, UpstreamFault.Protocol("bad")));
            Assert.Equal("result_too_large", await RunAsync(guard, Answered));
        }
    }

    [Fact]
    public async Task FewFailures_OrFewerThanHalf_SpareNothing()
    {
        var guard = Guard();
        for (var i = 0; i < 19; i++) await RunAsync(guard, Unavailable);
        Assert.Equal("result_too_large", await RunAsync(guard, Answered));

        var mixed = Guard();
        for (var i = 0; i < 100; i++) await RunAsync(mixed, i % 5 == 0 ? Unavailable : Answered);
        Assert.Equal("result_too_large", await RunAsync(mixed, Answered));
    }

    [Fact]
    public async Task OldFailures_AreForgotten()
    {
        var guard = Guard();
        for (var i = 0; i < 19; i++) await RunAsync(guard, Unavailable);
        _time.Advance(TimeSpan.FromSeconds(31));
        for (var i = 0; i < 5; i++) await RunAsync(guard, Unavailable);
        Assert.Equal("result_too_large", await RunAsync(guard, Answered));
    }

    [Fact]
    public async Task CallsBeyondTheBound_Wait_AndBeyondTheWaitingOnes_AreRefusedAtOnce()
    {
        var guard = Guard(atOnce: 2);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (running, most) = (0, 0);
        var calls = Enumerable.Range(0, 4).Select(_ => HoldAsync().AsTask()).ToArray();
        Assert.Equal(2, Volatile.Read(ref running));

        var refusal = await RefusalAsync(guard, () => Answered);
        Assert.Equal((RefusalCode.UpstreamUnavailable, 1), (refusal!.Code, refusal.RetryAfterSeconds));
        release.SetResult();
        foreach (var outcome in await Task.WhenAll(calls)) Assert.False(outcome.Succeeded(out _, out var own) || own.RetryAfterSeconds is not null);
        Assert.Equal(2, most);
        Assert.Equal("result_too_large", await RunAsync(guard, Answered));

        ValueTask<Outcome<UpstreamAnswer>> HoldAsync() => guard.RunAsync(this, release.Task, async (_, held, _) =>
        {
            lock (release) most = Math.Max(most, ++running);
            await held;
            lock (release) running--;
            return (Outcome<UpstreamAnswer>)Answered;
        }, CancellationToken.None);
    }

    [Fact]
    public async Task CallerThatGoesAwayWhileItWaits_LeavesItsPlace()
    {
        var guard = Guard(atOnce: 1);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = guard.RunAsync(this, release.Task, async (_, wait, _) =>
        {
            await wait;
            return (Outcome<UpstreamAnswer>)Answered;
        }, CancellationToken.None).AsTask();
        using var gone = new CancellationTokenSource();
        var waiting = guard.RunAsync(this, 0, (_, _, _) => ValueTask.FromResult<Outcome<UpstreamAnswer>>(Answered), gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var next = guard.RunAsync(this, 0, (_, _, _) => ValueTask.FromResult<Outcome<UpstreamAnswer>>(Answered), CancellationToken.None).AsTask();
        release.SetResult();
        foreach (var outcome in await Task.WhenAll(held, next)) Assert.False(outcome.Succeeded(out _, out var own) || own.RetryAfterSeconds is not null);
    }

    [Fact]
    public async Task OneUpstreamsTrouble_IsNotAnothers()
    {
        var (broken, whole) = (Guard(), Guard());
        for (var i = 0; i < 20; i++) await RunAsync(broken, Unavailable);
        Assert.NotNull((await RefusalAsync(broken, () => Answered))!.RetryAfterSeconds);
        Assert.Equal("result_too_large", await RunAsync(whole, Answered));
    }

    /// <summary>An ending that is no failure of the upstream's; which one does not matter here.</summary>
    private static Refusal Answered { get; } = UpstreamFault.TooLarge(1);

    private static Refusal Unavailable { get; } = UpstreamFault.Unavailable("down");

    private UpstreamGuard Guard(int atOnce = 500) =>
        new(new Upstream { Name = "u", Url = new Uri("https://u.example/mcp"), MaxConcurrentCalls = atOnce }, _time);

    private static async Task<string?> RunAsync(UpstreamGuard guard, Refusal ending) => (await RefusalAsync(guard, () => ending))?.Code.Name;

    private static async Task<Refusal?> RefusalAsync(UpstreamGuard guard, Func<Refusal> ending)
    {
        var outcome = await guard.RunAsync(0, ending, (_, work, _) => ValueTask.FromResult<Outcome<UpstreamAnswer>>(work()), CancellationToken.None);
        return outcome.Succeeded(out _, out var refusal) ? null : refusal;
    }
}
