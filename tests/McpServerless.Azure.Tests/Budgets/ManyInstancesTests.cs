using System.Collections.Concurrent;
using McpServerless.Azure.Budgets;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Budgets;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace McpServerless.Azure.Tests.Budgets;

/// <summary>Four engines with 64 callers each on one emulator: what is let through is counted where the upstream would be.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ManyInstancesTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private const int Instances = 4;
    private const int Callers = 64;

    private readonly Account _account = azurite.NewAccount();

    [Fact]
    public async Task ABudget_IsUsedUpToTheLastCall_AndNotPassed()
    {
        var limit = new BudgetLimit { Name = "monthly", Kind = LimitKind.Budget, Amount = 20_000, Per = LimitPeriod.Month };
        var calls = await RunAsync(limit, until: decision => decision.Reached is not null);
        Assert.Equal(20_000, calls.Count);
    }

    [Fact]
    public async Task ARate_IsNotPassedInAnyStretchOfTime()
    {
        var limit = new BudgetLimit { Name = "rate", Kind = LimitKind.Rate, Amount = 400, Per = LimitPeriod.Second };
        var served = 0;
        var calls = await RunAsync(limit, until: _ => Interlocked.Increment(ref served) > 20_000);
        double level = 800, at = calls[0];
        foreach (var time in calls)
        {
            level = Math.Min(800, level + ((time - at) * 400)) - 1;
            at = time;
            Assert.True(level >= -1e-6, $"{level} units at {time} s");
        }
    }

    [Fact]
    public async Task Concurrency_IsNotPassed_AndUsed()
    {
        var limit = new BudgetLimit { Name = "parallel", Kind = LimitKind.Concurrency, Amount = 10 };
        var (inFlight, most, served) = (0, 0, 0);
        await RunAsync(limit, until: _ => Volatile.Read(ref served) > 2_000, call: async () =>
        {
            var now = Interlocked.Increment(ref inFlight);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref inFlight);
            Interlocked.Increment(ref served);
        });
        Assert.InRange(most, 2, 10);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; seen < value; seen = target)
        {
            if (Interlocked.CompareExchange(ref target, value, seen) == seen) return;
        }
    }

    /// <summary>When each call was let through, in seconds.</summary>
    private async Task<List<double>> RunAsync(BudgetLimit limit, Func<BudgetDecision, bool> until, Func<Task>? call = null)
    {
        var served = new ConcurrentBag<long>();
        var operations = new Counted(r => r.Uri.ToUri().AbsolutePath.Contains("Budgets", StringComparison.Ordinal));
        var time = TimeProvider.System;
        await Task.WhenAll(Enumerable.Range(0, Instances).Select(async _ =>
        {
            var engine = new BudgetEngine(
                new TableBudgetStore(_account.Open(operations)),
                Microsoft.Extensions.Options.Options.Create(new BudgetOptions { WaitMilliseconds = 10_000 }),
                time,
                NullLogger<BudgetEngine>.Instance);
            await engine.StartAsync(CancellationToken.None);
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(engine)));
            await engine.StopAsync(CancellationToken.None);
        }));
        output.WriteLine($"{served.Count} calls, {operations.Met} operations, {(double)operations.Met / served.Count:F4} a call");
        return [.. served.Order().Select(t => time.GetElapsedTime(0, t).TotalSeconds)];

        async Task CallAsync(BudgetEngine engine)
        {
            await Task.Yield();
            var request = Subjects.Request(limit);
            while (true)
            {
                var decision = await engine.ReserveAsync(request, CancellationToken.None);
                if (decision.Lease is { } lease)
                {
                    served.Add(time.GetTimestamp());
                    if (call is not null) await call();
                    engine.Settle(lease, null, null);
                }

                if (until(decision)) return;
                if (decision.Lease is null) await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
            }
        }
    }
}
