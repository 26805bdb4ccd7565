using FunctionsRuntime.Invocation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FunctionsRuntime.Timers;

/// <summary>Starts a listener for each timer function, and on stop waits for the runs that are under way.</summary>
internal sealed class TimerService(
    IReadOnlyList<TimerSchedule> schedules,
    InvocationPipeline pipeline,
    IServiceProvider services,
    IConfiguration settings,
    IHostEnvironment app) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Host.Timers");
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        var file = TimerStatusFile.For(settings, app.ApplicationName);
        running = Task.WhenAll(schedules.Select(s => new TimerListener(s, file, pipeline, scopes, time, logger).RunAsync(stopping.Token)).ToList());
        return Task.CompletedTask;
    }

    /// <remarks>As the host does: a running timer function is told at once, and waited for until the shutdown timeout.</remarks>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        try
        {
            await running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Either the listeners ended by their own token, or the time to wait for them is over.
        }
    }

    public void Dispose() => stopping.Dispose();
}
