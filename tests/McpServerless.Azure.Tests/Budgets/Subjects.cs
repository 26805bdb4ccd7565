using McpServerless.Budgets;
using McpServerless.Catalogue;

namespace McpServerless.Azure.Tests.Budgets;

internal static class Subjects
{
    /// <summary>One client with one tool.</summary>
    public static BudgetSubject Tool { get; } = new()
    {
        TenantId = "tenant",
        ClientId = "client",
        Server = "server",
        GrantId = "grant",
        Upstream = "upstream",
        Name = "tool",
        Kind = SubjectKind.Tool,
    };

    /// <summary>A call of it under limits on the client.</summary>
    public static BudgetRequest Request(params BudgetLimit[] limits) => new() { Subject = Tool, Limits = Tool.Apply(limits, [], [], []), Longest = TimeSpan.FromSeconds(5) };
}
