using Azure.Data.Tables;

namespace McpServerless.Azure.Storage;

/// <summary>The tables of one deployment.</summary>
internal sealed class TableSet(TableServiceClient service, string prefix)
{
    /// <summary>tenantId / clientId.</summary>
    public Table Clients { get; } = new(service.GetTableClient(prefix + "Clients"));

    /// <summary>clientId / server|grantId.</summary>
    public Table Grants { get; } = new(service.GetTableClient(prefix + "Grants"));

    /// <summary>requests / request id: just-in-time requests for grants.</summary>
    public Table Requests { get; } = new(service.GetTableClient(prefix + "Requests"));

    /// <summary>teams / name: who speaks for which team.</summary>
    public Table Teams { get; } = new(service.GetTableClient(prefix + "Teams"));

    /// <summary>caller / key: answers of the management API under their <c>Idempotency-Key</c>.</summary>
    public Table Idempotency { get; } = new(service.GetTableClient(prefix + "Idempotency"));

    /// <summary>notice / id for notices, open / id for what is left to do with them, and gone / endpoint.</summary>
    public Table Notices { get; } = new(service.GetTableClient(prefix + "Notices"));

    /// <summary>campaigns / campaign, and campaign|name / clientId|server|grantId for its reviews.</summary>
    public Table Reviews { get; } = new(service.GetTableClient(prefix + "Reviews"));

    /// <summary>tenant|tenantId / clientId: when clients were looked at; and progress / progress.</summary>
    public Table Credentials { get; } = new(service.GetTableClient(prefix + "Credentials"));

    /// <summary>epoch / epoch, and switches / subject for what is switched off.</summary>
    public Table Epoch { get; } = new(service.GetTableClient(prefix + "Epoch"));

    /// <summary>number-publication / kind|name, and active / active.</summary>
    public Table Catalogue { get; } = new(service.GetTableClient(prefix + "Catalogue"));

    /// <summary>tenantId|clientId / counters, and the same for what all clients share.</summary>
    public Table Budgets { get; } = new(service.GetTableClient(prefix + "Budgets"));

    /// <summary>tenantId|clientId / baseline.</summary>
    public Table Demand { get; } = new(service.GetTableClient(prefix + "Demand"));

    /// <summary>yyyyMMdd|clientId / writer|sequence.</summary>
    public Table Audit { get; } = new(service.GetTableClient(prefix + "Audit"));

    /// <summary>yyyyMMdd / clientId: which partitions of the ledger there are.</summary>
    public Table AuditClients { get; } = new(service.GetTableClient(prefix + "AuditClients"));

    /// <summary>held / upstream|tool, drift|upstream / tool, and looked / upstream.</summary>
    public Table ContractWatch { get; } = new(service.GetTableClient(prefix + "ContractWatch"));

    /// <summary>yyyyMMdd|kind / bucket|writer|part, and yyyyMMdd|writers / writer: where to look in the ledger.</summary>
    public Table AuditIndex { get; } = new(service.GetTableClient(prefix + "AuditIndex"));

    /// <summary>holds / hold, and progress / class: what is purged and what is not.</summary>
    public Table AuditRetention { get; } = new(service.GetTableClient(prefix + "AuditRetention"));

    /// <summary>keys / period: halves of the keys of hashes.</summary>
    public Table AuditKeys { get; } = new(service.GetTableClient(prefix + "AuditKeys"));

    /// <summary>sink / lease and state, and sink|yyyyMMdd / writer: how far records were sent elsewhere.</summary>
    public Table AuditOutbox { get; } = new(service.GetTableClient(prefix + "AuditOutbox"));

    /// <summary>keys / name of the key.</summary>
    public Table SealingKeys { get; } = new(service.GetTableClient(prefix + "SealingKeys"));
}
