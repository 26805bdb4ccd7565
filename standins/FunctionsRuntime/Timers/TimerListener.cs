using FunctionsRuntime.Invocation;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FunctionsRuntime.Timers;

/// <summary>Runs one timer function, one run after the other: while one is running, the occurrences that pass count as one.</summary>
internal sealed partial class TimerListener(
    TimerSchedule schedule, TimerStatusFile file, InvocationPipeline pipeline, IServiceScopeFactory scopes, TimeProvider time, ILogger logger)
{
    /// <summary>Below the longest wait that a timer of .NET can do.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(24);

    private readonly string name = schedule.Function.Name;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    public async Task RunAsync(CancellationToken stopping)
    {
        var status = Begin(out var isPastDue);
        if (isPastDue || schedule.Function.Timer is { RunOnStartup: true })
        {
            await Task.Yield(); // Not while the app is starting.
            status = await InvokeAsync(status, isPastDue, isScheduled: false, stopping);
        }
        while (!stopping.IsCancellationRequested)
        {
            await WaitUntilAsync(status.Next, stopping);
            status = await InvokeAsync(status, isPastDue: false, isScheduled: true, stopping);
        }
    }

    /// <summary>Where the timer stands: what was remembered, unless the schedule has changed since.</summary>
    private ScheduleStatus Begin(out bool isPastDue)
    {
        var now = Now;
        var status = schedule.IsMonitored ? file.Read(name) : null;
        if (status is not null && status.Next == schedule.Next(status.Last != default ? status.Last : status.LastUpdated))
        {
            isPastDue = now > status.Next;
            return status;
        }
        isPastDue = false;
        return Remember(new ScheduleStatus { Next = schedule.Next(now), LastUpdated = now });
    }

    private async Task<ScheduleStatus> InvokeAsync(ScheduleStatus status, bool isPastDue, bool isScheduled, CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        var started = Now;
        // A timer may fire a little early; counted from then, the same occurrence would come twice.
        var counted = isScheduled && status.Next > started ? status.Next : started;
        var timer = new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = schedule.IsMonitored ? status : null };
        await using (var scope = scopes.CreateAsyncScope())
        {
            try
            {
                await pipeline.RunAsync(new InvocationContext(schedule.Function, timer, scope.ServiceProvider, stopping));
            }
            catch (Exception) when (!stopping.IsCancellationRequested)
            {
                // Logged by the pipeline; the next occurrence runs all the same.
            }
        }
        return Remember(new ScheduleStatus { Last = counted, Next = schedule.Next(counted), LastUpdated = counted });
    }

    private ScheduleStatus Remember(ScheduleStatus status)
    {
        try
        {
            if (schedule.IsMonitored) file.Write(name, status);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotRemembered(logger, e, name);
        }
        return status;
    }

    private async Task WaitUntilAsync(DateTime next, CancellationToken stopping)
    {
        for (var rest = next - Now; rest > TimeSpan.Zero; rest = next - Now)
            await Task.Delay(rest < LongestWait ? rest : LongestWait, time, stopping);
    }

    [LoggerMessage(10, LogLevel.Warning, "Timer '{Function}': its status could not be kept; a run missed while the app is down will go unnoticed.")]
    private static partial void NotRemembered(ILogger logger, Exception exception, string function);
}
