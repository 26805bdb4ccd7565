using McpServerless.Budgets;

namespace McpServerless.EndToEnd;

/// <summary>Limits as an agent meets them: which call is refused, in which words and headers, and what is on record.</summary>
[Collection(nameof(Gateway))]
public class BudgetTests(Gateway gateway)
{
    [Fact]
    public async Task PastABudget_TheCallIsRefusedForTheModel_AndNeverForwarded()
    {
        var wire = await ClientAsync("99999999-0000-4000-8000-000000000001", new BudgetLimit { Name = "monthly", Kind = LimitKind.Budget, Amount = 3, Per = LimitPeriod.Month });
        for (var i = 0; i < 3; i++)
        {
            var served = await wire.CallAsync("keeps-contract");
            Assert.Null(served.Refusal);
            Assert.Equal("\"client/monthly\";q=3", served.Headers["RateLimit-Policy"]);
            Assert.StartsWith("\"client/monthly\";r=", served.Headers["RateLimit"], StringComparison.Ordinal);
        }

        var refused = await wire.CallAsync("keeps-contract");
        Assert.Equal(200, refused.Status);
        Assert.Equal("budget_exhausted", refused.Refusal);
        Assert.True(refused.Result.GetProperty("isError").GetBoolean());
        Assert.Contains("client/monthly", refused.Result.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(int.Parse(refused.Headers["Retry-After"], null) > 1);
        Assert.StartsWith("\"client/monthly\";r=0;t=", refused.Headers["RateLimit"], StringComparison.Ordinal);
        var records = await gateway.RecordsAsync(r => r.TryGetProperty("refusalCode", out var code) && code.GetString() == "budget_exhausted", "99999999-0000-4000-8000-000000000001");
        Assert.All(records, r => Assert.Equal("limit client/monthly", r.GetProperty("note").GetString()));
        Assert.NotEmpty(records);
    }

    [Fact]
    public async Task PastARate_TheAnswerSaysWhenToComeBack()
    {
        var wire = await ClientAsync("99999999-0000-4000-8000-000000000002", new BudgetLimit { Name = "slow", Kind = LimitKind.Rate, Amount = 1, Per = LimitPeriod.Hour, Burst = 2 });
        Assert.Null((await wire.CallAsync("echo-raw")).Refusal);
        Assert.Null((await wire.CallAsync("echo-raw")).Refusal);
        var refused = await wire.CallAsync("echo-raw");
        Assert.Equal("rate_limited", refused.Refusal);
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], null), 3000, 3600);
    }

    [Fact]
    public async Task PastABudget_OtherMethodsAreRefusedWithAJsonRpcError()
    {
        var wire = await ClientAsync("99999999-0000-4000-8000-000000000005", new BudgetLimit { Name = "one", Kind = LimitKind.Budget, Amount = 1, Per = LimitPeriod.Month });
        Assert.Null((await wire.CallAsync("echo-raw")).Refusal);
        var refused = await wire.PostAsync(
            $$$$$"""{"jsonrpc":"2.0","id":8,"method":"prompts/get","params":{"name":"briefing","_meta":{{{{{{McpWire.ModernMeta}}}}}}}}""", McpWire.Modern("prompts/get", "briefing"));
        Assert.Equal(200, refused.Status);
        Assert.Equal("budget_exhausted", refused.Refusal);
        Assert.Equal(-32600, refused.ErrorCode);
        Assert.Contains("client/one", refused.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True(int.Parse(refused.Headers["Retry-After"], null) > 1);
    }

    [Fact]
    public async Task WhatWasNeverForwarded_IsNotCharged()
    {
        var wire = await ClientAsync("99999999-0000-4000-8000-000000000003", new BudgetLimit { Name = "two", Kind = LimitKind.Budget, Amount = 2, Per = LimitPeriod.Month });
        for (var i = 0; i < 5; i++) Assert.Equal("arguments_invalid", (await wire.CallAsync("ok", """{"wrong":1}""")).Refusal);
        Assert.Null((await wire.CallAsync("ok", """{"text":"a"}""")).Refusal);
        Assert.Null((await wire.CallAsync("ok", """{"text":"b"}""")).Refusal);
        Assert.Equal("budget_exhausted", (await wire.CallAsync("ok", """{"text":"c"}""")).Refusal);
    }

    [Fact]
    public async Task ProbingClient_HearsNoReasonsAfterItsRefusals_AndIsNotServedEither()
    {
        var wire = await ClientAsync(
            "99999999-0000-4000-8000-000000000004",
            new BudgetLimit { Name = "probing", Kind = LimitKind.Rate, Unit = LimitUnit.Refusals, Amount = 1, Per = LimitPeriod.Hour, Burst = 3 });
        for (var i = 0; i < 3; i++) Assert.Equal("tool_unknown", (await wire.CallAsync($"guess-{i}")).Refusal);
        var limited = await wire.CallAsync("guess-3");
        Assert.Equal(429, limited.Status);
        Assert.Equal("too_many_refusals", limited.Refusal);
        Assert.Equal("30", limited.Headers["Retry-After"]);
        Assert.Equal("too_many_refusals", (await wire.CallAsync("echo-raw")).Refusal);
    }

    private async Task<McpWire> ClientAsync(string clientId, params BudgetLimit[] limits)
    {
        await gateway.Access.SaveClientAsync(Gateway.Client(clientId) with { Budgets = limits }, CancellationToken.None);
        await gateway.Access.SaveGrantAsync(Gateway.Grant("g-budget", ["*"], clientId) with { Prompts = ["*"] }, CancellationToken.None);
        return gateway.Wire(gateway.Issuer.Token(gateway.Issuer.ApplicationClaims(clientId)));
    }
}
