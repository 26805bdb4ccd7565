using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpServerless.Core.Tests.Budgets.Runaway;

/// <summary>Demand against what was learned of a client over weeks.</summary>
public sealed class DemandWatchTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly BudgetPageKey Key = new("tenant", "client");
    private static readonly CallEnding Served = new("orders/update", "a", "r", null, null);
    private static readonly CallEnding Limited = new("orders/update", "a", null, null, "rate_limited");

    [Fact]
    public void AnHourOfTheWeek_IsKnownFromItsSecondWeekOn_AndFollowsWhatChanges()
    {
        var baseline = new DemandBaseline();
        var first = DemandBaseline.HourOf(Monday);
        for (var week = 0; week < 3; week++)
        {
            for (var hour = 0; hour < 168; hour++) baseline.Add(first + (week * 168) + hour, hour == 9 ? 1000 : 10);
        }

        Assert.Equal(1000, baseline.Expected(first + 9 + (3 * 168)));
        Assert.Equal(10, baseline.Expected(first + 10 + (3 * 168)));
        for (var week = 3; week < 12; week++) baseline.Add(first + (week * 168) + 9, 100);
        Assert.InRange(baseline.Expected(first + 9)!.Value, 100, 160);
    }

    [Fact]
    public void OfALittleKnownClient_NothingIsExpected_AndOfADay_ItsMean()
    {
        var baseline = new DemandBaseline();
        var first = DemandBaseline.HourOf(Monday);
        for (var hour = 0; hour < 24; hour++)
        {
            Assert.Null(baseline.Expected(first + hour));
            baseline.Add(first + hour, 24);
        }

        baseline.Add(first + 24, 5);
        Assert.Equal(24, baseline.Expected(first + 100));
    }

    [Fact]
    public void QuietHours_AreLearnedAsQuiet_AndAMonthOfThemOnce()
    {
        var baseline = new DemandBaseline();
        var first = DemandBaseline.HourOf(Monday);
        baseline.Add(first, 100);
        baseline.Add(first + (24 * 30), 7);
        Assert.All(baseline.Weeks, weeks => Assert.InRange(weeks, 1, 2));
        Assert.Equal(0, baseline.Means[(int)((first + 5) % 168)]);
        Assert.InRange(baseline.Means[(int)(first % 168)], 50, 100);
    }

    [Fact]
    public void CallsOfAnHour_ThatInstancesReportLate_AreNotLost()
    {
        var baseline = new DemandBaseline();
        var first = DemandBaseline.HourOf(Monday);
        baseline.Add(first, 100);
        baseline.Add(first, 50);
        baseline.Add(first + 1, 1);
        baseline.Add(first, 30);
        Assert.Equal(180, baseline.Means[(int)(first % 168)]);
    }

    [Theory]
    [InlineData(60, 9, null)] // At its limits for a while.
    [InlineData(60, 12, 10)]
    [InlineData(600, 60, null)] // A nightly batch of this size is usual.
    public async Task SaturationThatDoesNotEnd_IsARunaway_UnlessTheClientIsKnownForIt(int usualPerHour, int minutes, int? foundAfter)
    {
        var time = new ManualTimeProvider(Monday);
        var store = new DemandMemory { Baseline = Usual(usualPerHour) };
        using var watch = NewWatch(store, time);
        Assert.Null(watch.Add(Key, Served));
        await watch.ReportAsync(all: false, CancellationToken.None);
        RunawayEvidence? evidence = null;
        var minute = 0;
        for (; minute <= minutes && evidence is null; minute++)
        {
            for (var i = 0; i < 100 && evidence is null; i++) evidence = watch.Add(Key, i % 4 == 0 ? Served : Limited);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        if (foundAfter is null)
        {
            Assert.Null(evidence);
            return;
        }

        Assert.Equal(RunawayKind.Saturation, evidence!.Kind);
        Assert.Equal("orders/update", evidence.Tool);
        Assert.InRange(minute - 1, foundAfter.Value, foundAfter.Value + 1);
        Assert.Equal(100, evidence.Period);
    }

    [Fact]
    public async Task SaturationWithBreaks_IsNone()
    {
        var time = new ManualTimeProvider(Monday);
        using var watch = NewWatch(new DemandMemory { Baseline = Usual(60) }, time);
        Assert.Null(watch.Add(Key, Served));
        await watch.ReportAsync(all: false, CancellationToken.None);
        for (var minute = 0; minute < 60; minute++)
        {
            for (var i = 0; i < 100; i++) Assert.Null(watch.Add(Key, minute % 8 == 7 || i % 4 == 0 ? Served : Limited));
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Instances_AddUp_AndWhatCouldNotBeTold_IsToldLater()
    {
        var time = new ManualTimeProvider(Monday);
        var store = new DemandMemory();
        using DemandWatch one = NewWatch(store, time), other = NewWatch(store, time);
        for (var i = 0; i < 30; i++)
        {
            one.Add(Key, Served);
            other.Add(Key, Served);
        }

        time.Advance(TimeSpan.FromHours(1));
        store.Away = true;
        await one.ReportAsync(all: false, CancellationToken.None);
        store.Away = false;
        store.Conflicts = 2;
        await one.ReportAsync(all: false, CancellationToken.None);
        await other.StopAsync(CancellationToken.None);
        Assert.Equal(60, store.Baseline!.Calls);
    }

    private static DemandWatch NewWatch(DemandMemory store, ManualTimeProvider time) =>
        new(store, Microsoft.Extensions.Options.Options.Create(new RunawayOptions()), time, NullLogger<DemandWatch>.Instance);

    private static DemandBaseline Usual(int perHour)
    {
        var baseline = new DemandBaseline();
        var last = DemandBaseline.HourOf(Monday);
        for (var hour = last - (3 * 168); hour <= last; hour++) baseline.Add(hour, perHour);
        return baseline;
    }

    /// <summary>One row, with the faults of a store.</summary>
    private sealed class DemandMemory : IDemandStore
    {
        private int _tag;

        public DemandBaseline? Baseline { get; set; }

        public bool Away { get; set; }

        public int Conflicts { get; set; }

        public ValueTask<StoredBaseline?> ReadAsync(BudgetPageKey key, CancellationToken ct) =>
            Away ? throw new StoreUnavailableException("away")
            : ValueTask.FromResult(Baseline is { } b ? new StoredBaseline(DemandBaseline.Of(b.Hour, b.Calls, [.. b.Means], [.. b.Weeks]), $"{_tag}") : null);

        public ValueTask<bool> WriteAsync(BudgetPageKey key, DemandBaseline baseline, string? tag, CancellationToken ct)
        {
            if (Conflicts-- > 0 || tag != (Baseline is null ? null : $"{_tag}")) return ValueTask.FromResult(false);
            (Baseline, _tag) = (baseline, _tag + 1);
            return ValueTask.FromResult(true);
        }

        public ValueTask<int> PurgeAsync(long beforeHour, CancellationToken ct) => ValueTask.FromResult(0);
    }
}
