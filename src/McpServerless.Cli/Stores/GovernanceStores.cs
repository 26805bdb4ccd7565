using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Queries;
using McpServerless.Audit.Retention;
using McpServerless.Audit.Sinks;
using McpServerless.Budgets;
using McpServerless.Catalogue;
using McpServerless.Contracts.Sanitising;
using McpServerless.Contracts.Watching;
using McpServerless.Notifying;

namespace McpServerless.Cli.Stores;

/// <summary>The stores of one deployment.</summary>
/// <param name="Owner">What has to be disposed of at the end; null for nothing.</param>
internal sealed record GovernanceStores(
    ICatalogueStore Catalogues,
    ICatalogueHistory History,
    IAccessStore Access,
    IClientDirectory Clients,
    IAccessEditor Editor,
    IAuditStore Audit,
    IBudgetStore Budgets,
    IContractWatchStore Drifts,
    INoticeStore Notices,
    IReviewStore Reviews,
    IReviewableGrants Reviewable,
    IAsyncDisposable? Owner,
    IAuditIndex? AuditIndex = null,
    IOutboxStore? Outboxes = null,
    IRetentionStore? Retention = null,
    IHashKeyStore? HashKeys = null) : IAsyncDisposable
{
    /// <summary>Answers questions about the ledger.</summary>
    public AuditSearch Search => new(Audit, AuditIndex);

    public ValueTask DisposeAsync() => Owner?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Which storage account to use.</summary>
/// <param name="ConnectionString">Null when the address is used with the credentials of the surroundings.</param>
/// <param name="TablePrefix">Put before the name of each table; empty for none.</param>
internal sealed record StoreAddress(string? ConnectionString, Uri? TableServiceUri, string TablePrefix)
{
    /// <summary>A connection string holds a key.</summary>
    public override string ToString() => TableServiceUri?.ToString() ?? "[redacted]";
}
