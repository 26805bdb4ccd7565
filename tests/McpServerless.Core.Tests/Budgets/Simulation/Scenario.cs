using McpServerless.Budgets;
using McpServerless.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpServerless.Core.Tests.Budgets.Simulation;

/// <summary>One run: so many instances with calls of their own, in some weather.</summary>
internal sealed record Scenario
{
    public required int Seed { get; init; }

    public required int Instances { get; init; }

    public required IReadOnlyList<BudgetLimit> Limits { get; init; }

    /// <summary>Calls per second that arrive at all instances together; evenly, or by chance.</summary>
    public required double Demand { get; init; }

    public bool Even { get; init; }

    /// <summary>How much of the demand the first instance has, beyond its equal part.</summary>
    public double Hot { get; init; }

    public double Seconds { get; init; } = 10;

    public int Crashes { get; init; }

    public long MostClockOffset { get; init; } = 2_000_000;

    public Weather Weather { get; init; } = new();

    public long LongestCall { get; init; } = 2_000_000;

    public DateTimeOffset Start { get; init; } = new(2026, 11, 24, 10, 59, 55, TimeSpan.Zero);

    public Run Execute()
    {
        var world = new SimulatedWorld(Seed, Start);
        var store = new SimulatedStore(world, Weather);
        var run = new Run(this, world, store);
        for (var i = 0; i < Instances; i++) run.AddInstance(i);
        for (var i = 0; i < Crashes; i++)
        {
            var victim = world.Random.Next(Instances);
            world.At(world.Now + world.Random.NextInt64((long)(Seconds * 1e6)), () => run.Crash(victim));
        }

        world.RunUntil(world.Now + (long)(Seconds * 1e6));
        return run;
    }
}

/// <summary>A run under way, and what came of it.</summary>
internal sealed class Run(Scenario scenario, SimulatedWorld world, SimulatedStore store)
{
    private readonly List<(SimulatedInstance Instance, BudgetEngine Engine)> _instances = [];
    private readonly IReadOnlyList<AppliedLimit> _limits = Subject.Apply(
        [.. scenario.Limits.Where((_, i) => i % 4 == 0)],
        [.. scenario.Limits.Where((_, i) => i % 4 == 1)],
        [.. scenario.Limits.Where((_, i) => i % 4 == 2)],
        [.. scenario.Limits.Where((_, i) => i % 4 == 3)]);

    /// <summary>When calls were let through, with how long they took.</summary>
    public List<(long Time, long Length, int Instance)> Served { get; } = [];

    public int Refused { get; private set; }

    public int Unavailable { get; private set; }

    public int Operations => store.Operations;

    public long Start { get; } = world.Now;

    private static BudgetSubject Subject { get; } = new()
    {
        TenantId = "tenant",
        ClientId = "client",
        Server = "server",
        GrantId = "grant",
        Upstream = "upstream",
        Name = "tool",
        Kind = SubjectKind.Tool,
    };

    public void AddInstance(int number)
    {
        var instance = new SimulatedInstance(world, world.Random.NextInt64(-scenario.MostClockOffset, scenario.MostClockOffset + 1)).Start();
        var seed = world.Random.Next();
        instance.Run(() =>
        {
            var engine = new BudgetEngine(store, new BudgetOptions(), instance.Time, NullLogger<BudgetEngine>.Instance, seed);
            _ = engine.StartAsync(CancellationToken.None);
            _instances.Add((instance, engine));
        });
        var share = ((1 - scenario.Hot) / scenario.Instances) + (number == 0 ? scenario.Hot : 0);
        Arrive(number, 1e6 / (scenario.Demand * share), first: true);
    }

    public void Crash(int number) => _instances[number].Instance.Dead = true;

    private void Arrive(int number, double gap, bool first)
    {
        var wait = scenario.Even ? (first ? gap * world.Random.NextDouble() : gap) : -Math.Log(1 - world.Random.NextDouble()) * gap;
        world.At(world.Now + (long)wait, () =>
        {
            if (_instances[number].Instance.Dead) return;
            _instances[number].Instance.Run(() => _ = CallAsync(number));
            Arrive(number, gap, first: false);
        });
    }

    private async Task CallAsync(int number)
    {
        var engine = _instances[number].Engine;
        var decision = await engine.ReserveAsync(
            new BudgetRequest { Subject = Subject, Limits = _limits, Longest = TimeSpan.FromMicroseconds(scenario.LongestCall) }, CancellationToken.None);
        if (decision.Reached is not null) Refused++;
        else if (decision.Unavailable) Unavailable++;
        if (decision.Lease is not { } lease) return;

        var length = world.Random.NextInt64(1_000, scenario.LongestCall);
        Served.Add((world.Now, length, number));
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.At(world.Now + length, over.SetResult);
        await over.Task;
        engine.Settle(lease, null, null);
    }
}
