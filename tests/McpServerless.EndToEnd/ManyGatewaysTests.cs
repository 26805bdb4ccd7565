using McpServerless.Budgets;
using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>Four instances of the gateway with 64 connections each on one store: what counts is what arrives at the upstream.</summary>
[Collection(nameof(Gateway))]
public sealed class ManyGatewaysTests(Gateway gateway)
{
    private const int Instances = 4;
    private const int Connections = 64;

    [Fact]
    public async Task ABudgetIsUsedToItsLastCall_ByFourInstances_AndNotPassed()
    {
        const int Amount = 3_000;
        var (served, arrived) = await RunAsync(
            "99999999-0000-4000-8000-000000000010", new BudgetLimit { Name = "monthly", Kind = LimitKind.Budget, Amount = Amount, Per = LimitPeriod.Month }, "budget_exhausted", served => served < Amount);
        Assert.Equal(Amount, arrived);
        Assert.Equal(Amount, served);
    }

    [Fact]
    public async Task ARateIsNotPassed_ByFourInstances_AndUsed()
    {
        const int Amount = 100, Burst = 200;
        var start = TimeProvider.System.GetTimestamp();
        var (served, arrived) = await RunAsync(
            "99999999-0000-4000-8000-000000000011", new BudgetLimit { Name = "rate", Kind = LimitKind.Rate, Amount = Amount, Per = LimitPeriod.Second, Burst = Burst }, "rate_limited", served => served < 1_000);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Assert.Equal(served, arrived);
        Assert.InRange(arrived, 1_000, Burst + (int)(Amount * seconds));
    }

    /// <summary>Every connection calls again at once, until all of them are refused for good or so many were served.</summary>
    private async Task<(int Served, int Arrived)> RunAsync(string clientId, BudgetLimit limit, string refusal, Func<int, bool> goOn)
    {
        await gateway.Access.SaveClientAsync(Gateway.Client(clientId) with { Budgets = [limit] }, CancellationToken.None);
        await gateway.Access.SaveGrantAsync(Gateway.Grant("g-many", ["*"], clientId), CancellationToken.None);
        var token = gateway.Issuer.Token(gateway.Issuer.ApplicationClaims(clientId));
        var before = gateway.Upstream.CallsOf("echo-raw");
        var served = 0;
        // On a busy machine the store can take longer to answer than a call waits by default; what is shown here is what is let through.
        var patient = new Dictionary<string, string> { ["Budgets__WaitMilliseconds"] = "10000", ["Runaway__Pause"] = "false" };
        await using var first = await gateway.StartAppAsync(patient);
        await using var second = await gateway.StartAppAsync(patient);
        await using var third = await gateway.StartAppAsync(patient);
        await using var fourth = await gateway.StartAppAsync(patient);
        FunctionApp[] apps = [first, second, third, fourth];
        Assert.Equal(Instances, apps.Length);
        await Task.WhenAll(apps.SelectMany(app => Enumerable.Range(0, Connections).Select(_ => CallAsync(app))));
        return (served, gateway.Upstream.CallsOf("echo-raw") - before);

        async Task CallAsync(FunctionApp app)
        {
            var wire = new McpWire(app.Endpoint(Gateway.Server), token);
            for (var refused = 0; goOn(Volatile.Read(ref served)) && refused < 1_000;)
            {
                var answer = await wire.CallAsync("echo-raw");
                if (answer.Refusal is null)
                {
                    Interlocked.Increment(ref served);
                    continue;
                }

                Assert.Equal(refusal, answer.Refusal);
                refused++;
                await Task.Delay(50);
            }
        }
    }
}
