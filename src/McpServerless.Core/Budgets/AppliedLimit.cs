using McpServerless.Catalogue;

namespace McpServerless.Budgets;

/// <summary>Where a limit was declared.</summary>
public enum LimitHolder
{
    Client,
    Grant,
    Server,
    Tool,
}

/// <summary>A limit together with the counter that it uses for one subject.</summary>
/// <param name="Page">The page that the counter is on: all counters of one client, or one that all clients share.</param>
/// <param name="Counter">The counter's name on its page.</param>
/// <param name="Holder">Where the limit was declared.</param>
/// <param name="Limit">The limit.</param>
public sealed record AppliedLimit(BudgetPageKey Page, string Counter, LimitHolder Holder, BudgetLimit Limit)
{
    /// <summary>What a caller is told, such as <c>grant/daily</c>. It names nothing that the caller may not know.</summary>
    public string PublicName { get; } = $"{Name(Holder)}/{Limit.Name}";

    private static string Name(LimitHolder holder) => holder switch
    {
        LimitHolder.Client => "client",
        LimitHolder.Grant => "grant",
        LimitHolder.Server => "server",
        _ => "tool",
    };
}

/// <summary>Which page: the partition of the store that one conditional write changes.</summary>
/// <param name="Tenant">The client's tenant; empty for a page that all clients share.</param>
/// <param name="Owner">The client id, or <c>server:NAME</c> or <c>tool:UPSTREAM/NAME</c> for a shared one.</param>
public readonly record struct BudgetPageKey(string Tenant, string Owner)
{
    public override string ToString() => $"{Tenant}/{Owner}";
}

/// <summary>Who calls what, as far as limits are concerned.</summary>
public sealed record BudgetSubject
{
    public required string TenantId { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Name of the virtual server.</summary>
    public required string Server { get; init; }

    public required string GrantId { get; init; }

    public required string Upstream { get; init; }

    /// <summary>The upstream's own name of the tool, resource or prompt.</summary>
    public required string Name { get; init; }

    /// <summary>What it is. All requests about one tool, also those about its tasks, share its counters.</summary>
    public required SubjectKind Kind { get; init; }

    /// <summary>The limits of everything that the subject touches, each with its counter.</summary>
    public IReadOnlyList<AppliedLimit> Apply(
        IReadOnlyList<BudgetLimit> client, IReadOnlyList<BudgetLimit> grant, IReadOnlyList<BudgetLimit> server, IReadOnlyList<BudgetLimit> tool)
    {
        var own = new BudgetPageKey(TenantId, ClientId);
        var subject = Kind == SubjectKind.Tool ? Name : $"{(Kind == SubjectKind.Prompt ? "prompt" : "resource")}:{Name}";
        return
        [
            .. client.Where(l => l.Unit != LimitUnit.Refusals).Select(l => new AppliedLimit(own, $"client/{l.Name}", LimitHolder.Client, l)),
            .. grant.Select(l => new AppliedLimit(own, $"grant/{Server}/{GrantId}/{l.Name}", LimitHolder.Grant, l)),
            .. server.Select(l => l.Sharing == LimitSharing.Client
                ? new AppliedLimit(own, $"server/{Server}/{l.Name}", LimitHolder.Server, l)
                : new AppliedLimit(new BudgetPageKey("", $"server:{Server}"), l.Name, LimitHolder.Server, l)),
            .. tool.Select(l => l.Sharing == LimitSharing.Client
                ? new AppliedLimit(own, $"tool/{Upstream}/{subject}/{l.Name}", LimitHolder.Tool, l)
                : new AppliedLimit(new BudgetPageKey("", $"tool:{Upstream}/{subject}"), l.Name, LimitHolder.Tool, l)),
        ];
    }
}
