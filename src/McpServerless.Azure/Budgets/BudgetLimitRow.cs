using System.Text.Json.Serialization;
using McpServerless.Azure.Catalogue;
using McpServerless.Budgets;

namespace McpServerless.Azure.Budgets;

/// <summary>A limit as it is kept within the row of what it is declared on.</summary>
internal sealed class BudgetLimitRow
{
    public required string Name { get; set; }

    [JsonConverter(typeof(EnumText<LimitKind>))]
    public required LimitKind Kind { get; set; }

    [JsonConverter(typeof(EnumText<LimitUnit>))]
    public required LimitUnit Unit { get; set; }

    public required long Amount { get; set; }

    [JsonConverter(typeof(EnumText<LimitPeriod>))]
    public LimitPeriod? Per { get; set; }

    public long? Burst { get; set; }

    public required string TimeZone { get; set; }

    [JsonConverter(typeof(EnumText<LimitSharing>))]
    public required LimitSharing Sharing { get; set; }

    public static BudgetLimitRow From(BudgetLimit limit) => new()
    {
        Name = limit.Name,
        Kind = limit.Kind,
        Unit = limit.Unit,
        Amount = limit.Amount,
        Per = limit.Per,
        Burst = limit.Burst,
        TimeZone = limit.TimeZone,
        Sharing = limit.Sharing,
    };

    public BudgetLimit ToLimit() => new()
    {
        Name = Name,
        Kind = Kind,
        Unit = Unit,
        Amount = Amount,
        Per = Per,
        Burst = Burst,
        TimeZone = TimeZone,
        Sharing = Sharing,
    };
}

/// <summary>What a tool's contract says of budgets, as it is kept.</summary>
internal sealed class ToolBudgetRow
{
    public required IReadOnlyList<BudgetLimitRow> Limits { get; set; }

    public ToolCostRow? Cost { get; set; }

    [JsonConverter(typeof(EnumText<BudgetFailMode>))]
    public required BudgetFailMode FailMode { get; set; }

    public required int OpenCallsPerMinute { get; set; }

    public static ToolBudgetRow? From(ToolBudget? budget) => budget is null ? null : new ToolBudgetRow
    {
        Limits = [.. budget.Limits.Select(BudgetLimitRow.From)],
        Cost = budget.Cost is not { } cost ? null : new ToolCostRow { Fixed = cost.Fixed, Argument = cost.Argument, Result = cost.Result, Reserve = cost.Reserve },
        FailMode = budget.FailMode,
        OpenCallsPerMinute = budget.OpenCallsPerMinute,
    };

    public ToolBudget ToBudget() => new()
    {
        Limits = [.. Limits.Select(l => l.ToLimit())],
        Cost = Cost is not { } cost ? null : new ToolCost { Fixed = cost.Fixed, Argument = cost.Argument, Result = cost.Result, Reserve = cost.Reserve },
        FailMode = FailMode,
        OpenCallsPerMinute = OpenCallsPerMinute,
    };
}

/// <summary>What a call costs, as it is kept.</summary>
internal sealed class ToolCostRow
{
    public required long Fixed { get; set; }

    public string? Argument { get; set; }

    public string? Result { get; set; }

    public required long Reserve { get; set; }
}
