using System.Text.Json;
using McpServerless.Budgets;

namespace McpServerless.EndToEnd;

/// <summary>What an agent may ask the gateway itself, and what it hears about its own runaway.</summary>
[Collection(nameof(Gateway))]
public sealed class GatewayToolTests(Gateway gateway)
{
    private static int _clients;

    [Fact]
    public async Task Budget_SaysWhatIsLeft_AlsoWhenNothingIs_AndIsNotChargedItself()
    {
        var wire = await ClientAsync(
            ["*"],
            new BudgetLimit { Name = "monthly", Kind = LimitKind.Budget, Amount = 3, Per = LimitPeriod.Month },
            new BudgetLimit { Name = "slow", Kind = LimitKind.Rate, Amount = 60, Per = LimitPeriod.Hour, Burst = 10 });
        Assert.Equal(3, (await AskAsync(wire)).GetProperty("limits")[0].GetProperty("left").GetInt32());
        for (var i = 0; i < 3; i++) Assert.Null((await wire.CallAsync("echo-raw", $$"""{"n":{{i}}}""")).Refusal);
        Assert.Equal("budget_exhausted", (await wire.CallAsync("echo-raw")).Refusal);

        var limits = (await AskAsync(wire)).GetProperty("limits");
        Assert.Equal(2, limits.GetArrayLength());
        Assert.Equal("client/monthly", limits[0].GetProperty("limit").GetString());
        Assert.Equal(0, limits[0].GetProperty("left").GetInt32());
        Assert.InRange(limits[0].GetProperty("renewsInSeconds").GetInt32(), 0, 31 * 86_400);
        Assert.False(limits[0].TryGetProperty("tools", out _));
        Assert.Equal("client/slow", limits[1].GetProperty("limit").GetString());
        Assert.InRange(limits[1].GetProperty("left").GetInt32(), 0, 7);
        Assert.InRange(limits[1].GetProperty("renewsInSeconds").GetInt32(), 100, 600);
    }

    [Fact]
    public async Task Budget_OfAToolThatIsNotGranted_IsRefusedLikeACallOfIt()
    {
        var wire = await ClientAsync(["ok", "gateway.budget"], new BudgetLimit { Name = "monthly", Kind = LimitKind.Budget, Amount = 3, Per = LimitPeriod.Month });
        Assert.Equal("tool_unknown", (await wire.CallAsync("gateway.budget", """{"tool":"echo-raw"}""")).Refusal);
        Assert.Equal("tool_unknown", (await wire.CallAsync("gateway.budget", """{"tool":"made-up"}""")).Refusal);
        Assert.Equal("arguments_invalid", (await wire.CallAsync("gateway.budget", """{"tool":7}""")).Refusal);
        Assert.Single((await AskAsync(wire, """{"tool":"ok"}""")).GetProperty("limits").EnumerateArray());
    }

    [Fact]
    public async Task Budget_WithoutAGrantForIt_IsUnknown() =>
        Assert.Equal("tool_unknown", (await (await ClientAsync(["echo-raw"])).CallAsync("gateway.budget")).Refusal);

    [Fact]
    public async Task Runaway_IsPaused_ToldWhy_VisibleToItself_AndServedAgainAfterAPersonResumedIt()
    {
        var clientId = NextClient();
        await RegisterAsync(clientId, ["*"]);
        await using var app = await gateway.StartAppAsync(new Dictionary<string, string> { ["Runaway__SlowMilliseconds"] = "0" });
        var wire = new McpWire(app.Endpoint(Gateway.Server), gateway.Issuer.Token(gateway.Issuer.ApplicationClaims(clientId)));

        var calls = 1;
        WireAnswer answer;
        for (answer = await wire.CallAsync("echo-raw"); answer.Refusal is null && calls <= 40; calls++) answer = await wire.CallAsync("echo-raw");
        Assert.Equal("runaway_paused", answer.Refusal);
        Assert.InRange(calls, 8, 30);
        Assert.Contains("the same call with the same arguments gave the same result", answer.Result.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], null), 1, 15);

        // Only that tool is paused.
        Assert.Null((await wire.CallAsync("keeps-contract")).Refusal);
        var paused = Assert.Single((await AskAsync(wire)).GetProperty("paused").EnumerateArray());
        Assert.Equal("echo-raw", paused.GetProperty("tool").GetString());
        var records = await gateway.RecordsAsync(r => r.TryGetProperty("note", out var note) && note.GetString()!.StartsWith("runaway: ", StringComparison.Ordinal), clientId);
        Assert.Single(records, r => r.GetProperty("event").GetString() == "outcome");

        Assert.True(await new BudgetOperations(gateway.Budgets, TimeProvider.System).ResumeAsync(new BudgetPageKey(Testing.TestIssuer.TenantId, clientId), null, CancellationToken.None));
        for (var attempt = 0; (answer = await wire.CallAsync("echo-raw", $$"""{"n":{{attempt}}}""")).Refusal is not null && attempt < 100; attempt++) await Task.Delay(100);
        Assert.Null(answer.Refusal);
    }

    [Fact]
    public async Task SpikeOfDifferentCalls_IsServedUntouched()
    {
        var clientId = NextClient();
        await RegisterAsync(clientId, ["*"]);
        await using var app = await gateway.StartAppAsync(new Dictionary<string, string>());
        var wire = new McpWire(app.Endpoint(Gateway.Server), gateway.Issuer.Token(gateway.Issuer.ApplicationClaims(clientId)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => wire.CallAsync("echo-raw", $$"""{"n":{{i}}}""")));
        Assert.All(answers, a => Assert.Null(a.Refusal));
    }

    private static string NextClient() => $"99999999-0000-4000-8000-0000000001{Interlocked.Increment(ref _clients):D2}";

    private static async Task<JsonElement> AskAsync(McpWire wire, string arguments = "{}")
    {
        var answer = await wire.CallAsync("gateway.budget", arguments);
        Assert.Null(answer.Refusal);
        var structured = answer.Result.GetProperty("structuredContent");
        Assert.Equal(structured.GetRawText(), answer.Result.GetProperty("content")[0].GetProperty("text").GetString());
        return structured;
    }

    private async Task<McpWire> ClientAsync(IReadOnlyList<string> tools, params BudgetLimit[] limits)
    {
        var clientId = NextClient();
        await RegisterAsync(clientId, tools, limits);
        return gateway.Wire(gateway.Issuer.Token(gateway.Issuer.ApplicationClaims(clientId)));
    }

    private async Task RegisterAsync(string clientId, IReadOnlyList<string> tools, params BudgetLimit[] limits)
    {
        await gateway.Access.SaveClientAsync(Gateway.Client(clientId) with { Budgets = limits }, CancellationToken.None);
        await gateway.Access.SaveGrantAsync(Gateway.Grant("g-tool", tools, clientId), CancellationToken.None);
    }
}
