using McpServerless.Budgets;
using McpServerless.Core.Tests.Budgets.Simulation;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Budgets;

/// <summary>The engine itself under a simulated network, service and clocks: what is said in docs/budgets.md, held against thousands of runs.</summary>
public sealed class BudgetModelTests(ITestOutputHelper output)
{
    private static readonly int[] Sizes = [1, 1, 2, 3, 5, 8, 20, 50, 200];

    [Theory]
    [InlineData(0, 700)]
    [InlineData(1, 700)]
    [InlineData(2, 700)]
    [InlineData(3, 700)]
    public void NoLimitIsPassedByASingleCall_WhateverHappensToInstancesClocksAndMessages(int series, int runs)
    {
        var (served, refused, unavailable, operations) = (0L, 0L, 0L, 0L);
        for (var i = 0; i < runs; i++)
        {
            var scenario = Chance((series * 1_000_003) + i);
            var run = scenario.Execute();
            var excess = Verdict.FindExcess(scenario, run);
            if (excess is not null) Assert.Fail($"seed {scenario.Seed}: {excess}\n{scenario}\n{string.Join('\n', scenario.Limits)}");
            served += run.Served.Count;
            refused += run.Refused;
            unavailable += run.Unavailable;
            operations += run.Operations;
        }

        output.WriteLine($"{runs} runs: {served} calls served, {refused} refused, {unavailable} without the store, {operations} operations");
        // A model in which nothing is served or nothing refused would show nothing.
        Assert.True(served > runs * 20 && refused > runs * 20);
    }

    [Theory]
    [InlineData(1, 0.99)]
    [InlineData(5, 0.99)]
    [InlineData(50, 0.97)]
    public void ARate_CanBeUsedUpBySteadyDemand(int instances, double part)
    {
        foreach (var (amount, per) in new[] { (20L, LimitPeriod.Second), (100L, LimitPeriod.Second), (1000L, LimitPeriod.Second), (3000L, LimitPeriod.Minute) })
        {
            var limit = new BudgetLimit { Name = "rate", Kind = LimitKind.Rate, Amount = amount, Per = per };
            var seconds = amount >= 1000 && per == LimitPeriod.Second ? 150 : 200;
            var rate = amount * 1e6 / limit.PeriodMicroseconds;
            var scenario = new Scenario { Seed = 11, Instances = instances, Limits = [limit], Demand = rate * 1.5, Seconds = seconds };

            // What was saved at first is left out, and with it what is left at the end.
            Report(scenario, rate * (seconds - 10), part, after: 10);
        }
    }

    [Theory]
    [InlineData(1, 0.99)]
    [InlineData(5, 0.99)]
    [InlineData(50, 0.97)]
    public void ABudget_CanBeUsedUpBySteadyDemand(int instances, double part)
    {
        foreach (var amount in new[] { 200L, 1000L, 20_000L })
        {
            var limit = new BudgetLimit { Name = "hourly", Kind = LimitKind.Budget, Amount = amount, Per = LimitPeriod.Hour };
            var scenario = new Scenario
            {
                Seed = 12,
                Instances = instances,
                Limits = [limit],
                Demand = amount / 10.0,
                Seconds = 25,
                Start = new DateTimeOffset(2026, 11, 24, 11, 5, 0, TimeSpan.Zero),
            };
            Report(scenario, amount, part, after: 0);
        }
    }

    [Fact]
    public void SeveralLimitsTogether_CanBeUsedUpToTheTightest()
    {
        BudgetLimit[] limits =
        [
            new() { Name = "rate", Kind = LimitKind.Rate, Amount = 450, Per = LimitPeriod.Second },
            new() { Name = "wider", Kind = LimitKind.Rate, Amount = 600, Per = LimitPeriod.Second },
            new() { Name = "daily", Kind = LimitKind.Budget, Amount = 1_000_000, Per = LimitPeriod.Day },
            new() { Name = "parallel", Kind = LimitKind.Concurrency, Amount = 300 },
        ];
        Report(new Scenario { Seed = 13, Instances = 4, Limits = limits, Demand = 500, Even = true, Seconds = 60, LongestCall = 100_000 }, 450 * 50, 0.97, after: 10);
    }

    /// <summary>What a crash costs is what the instance held: at most its block.</summary>
    [Fact]
    public void ACrash_WastesNoMoreThanTheBlockThatWasHeld()
    {
        var limit = new BudgetLimit { Name = "hourly", Kind = LimitKind.Budget, Amount = 2000, Per = LimitPeriod.Hour };
        foreach (var seed in Enumerable.Range(0, 50))
        {
            var scenario = new Scenario
            {
                Seed = seed,
                Instances = 10,
                Crashes = 4,
                Limits = [limit],
                Demand = 200,
                Seconds = 40,
                Start = new DateTimeOffset(2026, 11, 24, 11, 5, 0, TimeSpan.Zero),
            };
            var run = scenario.Execute();
            Assert.Null(Verdict.FindExcess(scenario, run));
            // A block is at most two and a half seconds of an instance's demand here.
            Assert.True(run.Served.Count >= limit.Amount - (4 * 2 * 2.5 * 200 / 10), $"seed {seed}: {run.Served.Count}");
        }
    }

    [Fact]
    public void OneHotInstance_LeavesTheOthersTheirPartOfASmallRate()
    {
        var limit = new BudgetLimit { Name = "rate", Kind = LimitKind.Rate, Amount = 20, Per = LimitPeriod.Second };
        var scenario = new Scenario { Seed = 5, Instances = 5, Hot = 0.9, Limits = [limit], Demand = 400, Seconds = 30 };
        var run = scenario.Execute();
        Assert.Null(Verdict.FindExcess(scenario, run));
        var byInstance = run.Served.CountBy(s => s.Instance).OrderBy(c => c.Key).Select(c => c.Value).ToArray();
        output.WriteLine(string.Join(", ", byInstance));
        // Each of the others asks for 8 a second; an equal part is 4.
        Assert.All(byInstance[1..], count => Assert.True(count >= 30 * 4 / 2, $"{count}"));
    }

    private void Report(Scenario scenario, double allowed, double part, double after)
    {
        var run = scenario.Execute();
        Assert.Null(Verdict.FindExcess(scenario, run));
        var used = run.Served.Count(s => s.Time >= run.Start + (long)(after * 1e6));
        output.WriteLine($"{scenario.Instances} instances, {scenario.Limits[0].Amount} per {scenario.Limits[0].Per}: {used} of {allowed:F0} used ({used / allowed:P2}), "
            + $"{(double)run.Operations / run.Served.Count:F3} operations a call");
        if (used < allowed * part) Assert.Fail($"{scenario.Instances} instances used {used} of {allowed:F0} of {scenario.Limits[0]}");
    }

    private static Scenario Chance(int seed)
    {
        var random = new Random(seed);
        var instances = Sizes[random.Next(Sizes.Length)];
        var bad = random.Next(3);
        return new Scenario
        {
            Seed = seed,
            Instances = instances,
            Limits = [.. Enumerable.Range(0, random.Next(1, 5)).Select(i => ChanceLimit(random, i))],
            Demand = Math.Pow(10, random.NextDouble() * 2) * (instances > 20 ? 2 : 1),
            Even = random.Next(2) == 0,
            Hot = random.Next(3) == 0 ? random.NextDouble() : 0,
            Seconds = 12,
            Crashes = random.Next(3) == 0 ? random.Next(1, Math.Max(2, instances / 3)) : 0,
            Weather = new Weather
            {
                Latency = random.Next(4) == 0 ? random.Next(20_000, 400_000) : random.Next(500, 20_000),
                LostRequests = bad * 0.03 * random.NextDouble(),
                LostAnswers = bad * 0.05 * random.NextDouble(),
                LateWrites = bad * 0.05 * random.NextDouble(),
                RepeatedWrites = bad * 0.05 * random.NextDouble(),
            },
            LongestCall = random.Next(5_000, 3_000_000),
        };
    }

    private static BudgetLimit ChanceLimit(Random random, int number) => random.Next(5) switch
    {
        0 or 1 => new BudgetLimit
        {
            Name = $"rate{number}",
            Kind = LimitKind.Rate,
            Amount = random.Next(1, 120),
            Per = random.Next(3) == 0 ? LimitPeriod.Minute : LimitPeriod.Second,
            Burst = random.Next(2) == 0 ? null : random.Next(1, 100),
            Sharing = number >= 2 && random.Next(2) == 0 ? LimitSharing.Everyone : LimitSharing.Client,
        },
        2 or 3 => new BudgetLimit
        {
            Name = $"budget{number}",
            Kind = LimitKind.Budget,
            Amount = random.Next(1, 600),
            Per = LimitPeriod.Hour,
            Sharing = number >= 2 && random.Next(2) == 0 ? LimitSharing.Everyone : LimitSharing.Client,
        },
        _ => new BudgetLimit { Name = $"parallel{number}", Kind = LimitKind.Concurrency, Amount = random.Next(1, 30) },
    };
}
