using Azure.Core;
using McpServerless.Audit;
using McpServerless.Budgets;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Stores;
using McpServerless.Core.Tests.Access;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Audit.Indexing;
using McpServerless.Core.Tests.Audit.Sinks;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Core.Tests.Contracts;
using McpServerless.Core.Tests.Notifying;

namespace McpServerless.Cli.Tests;

/// <summary>Runs the command line in this process, on stores in memory.</summary>
internal sealed class CommandRun
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public MemoryStores Stores { get; } = new();

    public MemoryAudit Audit { get; } = new();

    public MemoryBudgets Budgets { get; } = new();

    public MemoryDrifts Drifts { get; } = new();

    public MemoryNotices Notices { get; } = new();

    public MemoryReviews Reviews { get; } = new();

    /// <summary>Takes the place of <see cref="Audit"/> where a test brings a whole ledger.</summary>
    public IAuditStore? Ledger { get; init; }

    public FixedTime Time { get; } = FixedTime.June2026;

    public IndexShelf Index { get; init; } = new();

    public OutboxShelf Outboxes { get; } = new();

    public RetentionShelf Retention { get; } = new();

    public HashKeyShelf HashKeys { get; } = new();

    public Dictionary<string, string> Environment { get; } = new() { ["MCPGOV_CONNECTION_STRING"] = "UseDevelopmentStorage=true", ["MCPGOV_OPERATOR"] = "operator@contoso.example" };

    /// <summary>The sign-in of whoever runs the command; none where the test needs none.</summary>
    public Func<string?, TokenCredential>? Credential { get; init; }

    public StoreAddress? Opened { get; private set; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public async Task<int> RunAsync(params string[] args)
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        var mcpgov = new Mcpgov(Open, Time, _output, _error, name => Environment.GetValueOrDefault(name), Credential);
        return await mcpgov.RunAsync(args);
    }

    /// <summary>What commands are made with, for tests that only parse.</summary>
    public CommandContext NewContext() => new(
        new ConnectionOptions(Open, name => Environment.GetValueOrDefault(name)),
        new GatewayOptions(_ => throw new InvalidOperationException("Nobody signs in here."), name => Environment.GetValueOrDefault(name)),
        name => Environment.GetValueOrDefault(name),
        FixedTime.June2026,
        _output,
        _error);

    private GovernanceStores Open(StoreAddress address)
    {
        Opened = address;
        return new GovernanceStores(Stores, Stores, Stores, Stores, Stores, Ledger ?? Audit, Budgets, Drifts, Notices, Reviews, Stores, Owner: null, Index, Outboxes, Retention, HashKeys);
    }
}

internal sealed class MemoryBudgets : IBudgetStore
{
    public Dictionary<BudgetPageKey, StoredPage> Pages { get; } = [];

    public ValueTask<StoredPage?> ReadAsync(BudgetPageKey key, CancellationToken ct) =>
        new(Pages.TryGetValue(key, out var stored) ? stored with { Page = BudgetPageJson.Read(BudgetPageJson.Write(stored.Page)) } : null);

    public ValueTask<bool> WriteAsync(BudgetPageKey key, BudgetPage page, string? tag, CancellationToken ct)
    {
        if (Pages.GetValueOrDefault(key)?.Tag != tag) return new(false);
        Pages[key] = new StoredPage(page, $"{page.Version}", FixedTime.June2026.GetUtcNow());
        return new(true);
    }

    public IAsyncEnumerable<(BudgetPageKey Key, StoredPage Stored)> ReadAllAsync(CancellationToken ct) => Pages.Select(p => (p.Key, p.Value)).ToAsyncEnumerable();

    public ValueTask<bool> DeleteAsync(BudgetPageKey key, string tag, CancellationToken ct) => new(Pages.GetValueOrDefault(key)?.Tag == tag && Pages.Remove(key));
}

internal sealed class MemoryAudit : IAuditStore
{
    public List<AuditSegment> Segments { get; } = [];

    public bool IsOut { get; set; }

    public ValueTask AppendAsync(AuditSegment segment, CancellationToken ct)
    {
        if (IsOut) throw new StoreUnavailableException("Table Audit could not be written: 503.");
        Segments.Add(segment);
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) =>
        Segments.Where(s => s.Day == day && s.ClientId == clientId).ToAsyncEnumerable();

    public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) => IsOut
        ? throw new StoreUnavailableException("Table Audit could not be read: 503.", new HttpRequestException("no route\nsecond line"))
        : Segments.Where(s => s.Day == day).Select(s => s.ClientId).Distinct().ToAsyncEnumerable();
}
