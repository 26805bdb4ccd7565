using McpServerless.Budgets;

namespace McpServerless.Benchmarks.Setup;

/// <summary>A client whose calls are counted.</summary>
/// <param name="Name">For the table.</param>
/// <param name="ClientId">Its own, so that its counters are.</param>
/// <param name="OfClient">Limits on the client.</param>
/// <param name="OfGrant">Limits on its grant.</param>
internal sealed record LimitedClient(string Name, string ClientId, IReadOnlyList<BudgetLimit> OfClient, IReadOnlyList<BudgetLimit> OfGrant)
{
    /// <summary>Four limits that nothing here reaches: what is measured is their price.</summary>
    public const string Ample = "four limits, never reached";

    public static IReadOnlyList<LimitedClient> All { get; } =
    [
        new(Ample, Id(0), [Rate(1_000_000), Budget(1_000_000_000_000, LimitPeriod.Month)], [Rate(900_000), InFlight(1000)]),
        new("rate 100/s", Id(1), [Rate(100)], []),
        new("rate 450/s", Id(2), [Rate(450)], []),
        new("rate 1,000/s", Id(3), [Rate(1000)], []),
        new("budget 5,000 a month", Id(4), [Budget(5_000, LimitPeriod.Month)], []),
        new("rate 450/s, budgets of day and month, rate of the grant, 300 in flight", Id(5), [Rate(450), Budget(1_000_000, LimitPeriod.Day)], [Rate(600), Budget(10_000_000, LimitPeriod.Month), InFlight(300)]),
    ];

    /// <summary>The most calls that its limits allow in so many seconds, from a full burst on.</summary>
    public double Most(double seconds) => OfClient.Concat(OfGrant).Min(limit => limit.Kind switch
    {
        LimitKind.Rate => limit.BurstInForce + (limit.Amount * seconds),
        LimitKind.Budget => limit.Amount,
        _ => double.PositiveInfinity,
    });

    /// <summary>Calls a second that its rates allow for ever; null where it has none.</summary>
    public double? YieldPerSecond => OfClient.Concat(OfGrant).Where(l => l.Kind == LimitKind.Rate).Min(l => (double?)l.Amount);

    private static string Id(int number) => $"44444444-4444-4444-4444-{number:D12}";

    private static BudgetLimit Rate(long amount) => new() { Name = $"rate-{amount}", Kind = LimitKind.Rate, Amount = amount, Per = LimitPeriod.Second };

    private static BudgetLimit Budget(long amount, LimitPeriod per) => new() { Name = $"budget-{amount}", Kind = LimitKind.Budget, Amount = amount, Per = per };

    private static BudgetLimit InFlight(long amount) => new() { Name = "in-flight", Kind = LimitKind.Concurrency, Amount = amount };
}
