using McpServerless.Budgets;

namespace McpServerless.Access;

public enum ClientState
{
    Pending,
    Active,
    Suspended,
    Expired,
    Deprovisioned,
}

/// <summary>A registered agent: an Entra application with people behind it.</summary>
public sealed record Client
{
    public required string TenantId { get; init; }

    /// <summary>The application (client) id in Entra.</summary>
    public required string ClientId { get; init; }

    public required string DisplayName { get; init; }

    /// <summary>The person who answers for this client.</summary>
    public required string Owner { get; init; }

    public string? BackupOwner { get; init; }

    public string? Team { get; init; }

    public required string Purpose { get; init; }

    /// <summary>The language model that was registered for this client, recorded with every call.</summary>
    public string? ModelId { get; init; }

    public required ClientState State { get; init; }

    /// <summary>From this moment on the client is refused with <c>client_expired</c>.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Limits on all calls of this client; none by default.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];
}
