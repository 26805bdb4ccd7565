using System.Threading.Channels;
using FunctionsRuntime.Http;
using FunctionsRuntime.Startup;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FunctionsRuntime.Tests;

public sealed class ThrottleTests
{
    [Fact]
    public async Task RequestAboveTheOutstandingOnes_IsAnswered429_AndServedOnceThereIsRoom()
    {
        var gate = new Gate();
        await using var app = await StartAsync(gate, new HostJson { RoutePrefix = "", MaxConcurrentRequests = 1, MaxOutstandingRequests = 1 });
        var running = app.GetAsync("/held");
        await gate.Started.Reader.ReadAsync();
        Assert.Equal("429", await app.GetAsync("/held"));
        gate.GoOn.SetResult();
        Assert.Equal("200 done", await running);
        Assert.Equal("200 done", await app.GetAsync("/held"));
    }

    [Fact]
    public async Task RequestAboveTheConcurrentOnes_WaitsForItsTurn()
    {
        using var throttle = Throttle(new HostJson { MaxConcurrentRequests = 1, MaxOutstandingRequests = 2 });
        Assert.True(throttle.TryAccept());
        Assert.True(throttle.WaitForTurnAsync(new DefaultHttpContext()).IsCompletedSuccessfully);
        Assert.True(throttle.TryAccept());
        var second = throttle.WaitForTurnAsync(new DefaultHttpContext());
        Assert.False(second.IsCompleted);
        Assert.False(throttle.TryAccept());

        throttle.EndTurn();
        throttle.Leave();
        await second;
        Assert.True(throttle.TryAccept());
    }

    [Fact]
    public async Task ClientThatHangsUp_GivesUpItsPlaceInTheQueue()
    {
        using var throttle = Throttle(new HostJson { MaxConcurrentRequests = 1 });
        await throttle.WaitForTurnAsync(new DefaultHttpContext());
        using var hangUp = new CancellationTokenSource();
        var waiting = throttle.WaitForTurnAsync(new DefaultHttpContext { RequestAborted = hangUp.Token });
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        throttle.EndTurn();
        Assert.True(throttle.WaitForTurnAsync(new DefaultHttpContext()).IsCompletedSuccessfully);
    }

    [Fact]
    public void NoLimitInHostJson_MeansNoQueue() => Assert.Null(HttpThrottle.For(new HostJson()));

    private static HttpThrottle Throttle(HostJson limits) =>
        HttpThrottle.For(limits) ?? throw new InvalidOperationException("There are limits.");

    private static Task<RunningApp> StartAsync(Gate gate, HostJson limits)
    {
        var builder = RunningApp.Builder(typeof(Held));
        builder.HostJson = limits;
        builder.Services.AddSingleton(gate);
        builder.ConfigureFunctionsWebApplication();
        return RunningApp.StartAsync(builder);
    }

    private sealed class Gate
    {
        public Channel<bool> Started { get; } = Channel.CreateUnbounded<bool>();

        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Held(Gate gate)
    {
        [Function("held")]
        public async Task<string> Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            gate.Started.Writer.TryWrite(true);
            await gate.GoOn.Task;
            return "done";
        }
    }
}
