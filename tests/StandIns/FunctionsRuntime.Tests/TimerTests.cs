using System.Globalization;
using System.Threading.Channels;
using FunctionsRuntime.Timers;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace FunctionsRuntime.Tests;

public sealed class TimerTests : IDisposable
{
    private readonly ManualTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 10, 0, 30, TimeSpan.Zero));
    private readonly Runs runs = new();
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Timer_RunsAtEachOccurrence_InUtc()
    {
        await using var app = await StartAsync(typeof(EveryFiveMinutes));
        await TickAsync(TimeSpan.FromSeconds(269));
        Assert.False(runs.Began.Reader.TryRead(out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("10:05:00", await runs.NextAsync());
        await TickAsync(TimeSpan.FromMinutes(5));
        Assert.Equal("10:10:00", await runs.NextAsync());
    }

    [Fact]
    public async Task Schedule_MayComeFromASetting()
    {
        await using var app = await StartAsync(typeof(FromSetting), ("NIGHTLY", "0 0 2 * * *"));
        await TickAsync(TimeSpan.FromHours(16));
        Assert.Equal("02:00:30", await runs.NextAsync());
    }

    [Fact]
    public async Task Schedule_MayBeATimeSpan()
    {
        await using var app = await StartAsync(typeof(FromSetting), ("NIGHTLY", "00:10:00"));
        await TickAsync(TimeSpan.FromMinutes(10));
        Assert.Equal("10:10:30", await runs.NextAsync());
    }

    [Fact]
    public async Task LongWait_IsDoneInPieces()
    {
        await using var app = await StartAsync(typeof(FromSetting), ("NIGHTLY", "0 0 0 1 6 *"));
        for (var day = 0; day < 72; day += 24) await TickAsync(TimeSpan.FromDays(24));
        Assert.False(runs.Began.Reader.TryRead(out _));
        await TickAsync(TimeSpan.FromDays(24));
        Assert.Equal("10:00:30", await runs.NextAsync());
    }

    [Fact]
    public async Task OccurrencesDuringARun_CountAsOne_AndNeverOverlapIt()
    {
        runs.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await StartAsync(typeof(EveryFiveMinutes));
        await TickAsync(TimeSpan.FromSeconds(270));
        Assert.Equal("10:05:00", await runs.NextAsync());
        time.Advance(TimeSpan.FromMinutes(12));
        Assert.False(runs.Began.Reader.TryRead(out _));
        runs.Hold.SetResult();
        Assert.Equal("10:17:00", await runs.NextAsync());
        await TickAsync(TimeSpan.FromMinutes(3));
        Assert.Equal("10:20:00", await runs.NextAsync());
        Assert.Equal(1, runs.MostAtOnce);
    }

    [Fact]
    public async Task FailedRun_IsLogged_AndTheNextOccurrenceRuns()
    {
        runs.Failure = new InvalidOperationException("no luck");
        await using var app = await StartAsync(typeof(EveryFiveMinutes));
        await TickAsync(TimeSpan.FromSeconds(270));
        Assert.Equal("10:05:00", await runs.NextAsync());
        await TickAsync(TimeSpan.FromMinutes(5));
        Assert.Equal("10:10:00", await runs.NextAsync());
        Assert.Contains(app.Log.Lines, l => l.StartsWith("Error Function:", StringComparison.Ordinal) && l.Contains("no luck"));
    }

    [Fact]
    public async Task RunMissedWhileTheAppWasDown_IsMadeUpForOnce_AsPastDue()
    {
        await using (await StartAsync(typeof(EveryFiveMinutes))) await time.SomebodyWaitsAsync();
        time.Advance(TimeSpan.FromMinutes(20));
        await using var app = await StartAsync(typeof(EveryFiveMinutes));
        Assert.Equal("10:20:30 past due, was for 10:05:00", await runs.NextAsync());
        await TickAsync(TimeSpan.FromSeconds(270));
        Assert.Equal("10:25:00", await runs.NextAsync());
    }

    [Fact]
    public async Task NothingMissed_IsNotPastDue()
    {
        await using (await StartAsync(typeof(EveryFiveMinutes))) await time.SomebodyWaitsAsync();
        time.Advance(TimeSpan.FromMinutes(4));
        await using var app = await StartAsync(typeof(EveryFiveMinutes));
        await TickAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("10:05:00", await runs.NextAsync());
    }

    [Fact]
    public async Task ChangedSchedule_IsNotPastDue()
    {
        await using (await StartAsync(typeof(FromSetting), ("NIGHTLY", "0 */5 * * * *"))) await time.SomebodyWaitsAsync();
        time.Advance(TimeSpan.FromMinutes(20));
        await using var app = await StartAsync(typeof(FromSetting), ("NIGHTLY", "0 */7 * * * *"));
        await TickAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("10:21:00", await runs.NextAsync());
    }

    [Theory]
    [InlineData(typeof(Unmonitored))]
    [InlineData(typeof(EveryTenSeconds))]
    public async Task TimerWithoutMonitor_IsNeverPastDue_AndHasNoStatus(Type functions)
    {
        await using (await StartAsync(functions)) await time.SomebodyWaitsAsync();
        Assert.Empty(Directory.GetFiles(folder));
        time.Advance(TimeSpan.FromMinutes(20));
        await using var app = await StartAsync(functions);
        await time.SomebodyWaitsAsync();
        Assert.False(runs.Began.Reader.TryRead(out _));
    }

    [Fact]
    public async Task RunOnStartup_RunsAtOnce_ThenAtItsOccurrences()
    {
        await using var app = await StartAsync(typeof(AtStart));
        Assert.Equal("10:00:30", await runs.NextAsync());
        await TickAsync(TimeSpan.FromSeconds(270));
        Assert.Equal("10:05:00", await runs.NextAsync());
    }

    [Fact]
    public async Task Stop_CancelsARunAndWaitsForIt()
    {
        runs.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var app = await StartAsync(typeof(EveryFiveMinutes));
        await TickAsync(TimeSpan.FromSeconds(270));
        await runs.NextAsync();
        await app.DisposeAsync();
        Assert.True(runs.Canceled);
    }

    private async Task<RunningApp> StartAsync(Type functions, params (string Name, string Value)[] settings)
    {
        var builder = RunningApp.Builder(functions);
        builder.Configuration[TimerStatusFile.FolderSetting] = folder;
        foreach (var (name, value) in settings) builder.Configuration[name] = value;
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(runs);
        return await RunningApp.StartAsync(builder);
    }

    /// <summary>Waits until the timer waits, then lets that much time pass.</summary>
    private async Task TickAsync(TimeSpan by)
    {
        await time.SomebodyWaitsAsync();
        time.Advance(by);
    }

    private sealed class Runs
    {
        private int atOnce;

        public Channel<string> Began { get; } = Channel.CreateUnbounded<string>();

        public TaskCompletionSource? Hold { get; set; }

        public Exception? Failure { get; set; }

        public int MostAtOnce { get; private set; }

        public bool Canceled { get; private set; }

        public async Task<string> NextAsync() => await Began.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public async Task RunAsync(TimerInfo timer, TimeProvider time, CancellationToken ct)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref atOnce));
            try
            {
                var began = time.GetUtcNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
                Began.Writer.TryWrite(timer.IsPastDue ? $"{began} past due, was for {timer.ScheduleStatus?.Next:HH:mm:ss}" : began);
                if (Hold is { } hold) await hold.Task.WaitAsync(ct);
                if (Failure is { } failure) throw failure;
            }
            catch (OperationCanceledException)
            {
                Canceled = true;
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref atOnce);
            }
        }
    }

    private sealed class EveryFiveMinutes(Runs runs, TimeProvider time)
    {
        [Function("timer")]
        public Task Run([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken ct) => runs.RunAsync(timer, time, ct);
    }

    private sealed class FromSetting(Runs runs, TimeProvider time)
    {
        [Function("timer")]
        public Task Run([TimerTrigger("%NIGHTLY%")] TimerInfo timer, CancellationToken ct) => runs.RunAsync(timer, time, ct);
    }

    private sealed class Unmonitored(Runs runs, TimeProvider time)
    {
        [Function("timer")]
        public Task Run([TimerTrigger("0 */5 * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken ct) => runs.RunAsync(timer, time, ct);
    }

    private sealed class EveryTenSeconds(Runs runs, TimeProvider time)
    {
        [Function("timer")]
        public Task Run([TimerTrigger("*/10 * * * * *")] TimerInfo timer, CancellationToken ct) => runs.RunAsync(timer, time, ct);
    }

    private sealed class AtStart(Runs runs, TimeProvider time)
    {
        [Function("timer")]
        public Task Run([TimerTrigger("0 */5 * * * *", RunOnStartup = true)] TimerInfo timer, CancellationToken ct) => runs.RunAsync(timer, time, ct);
    }
}
