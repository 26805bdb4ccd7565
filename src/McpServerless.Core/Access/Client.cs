using McpServerless.Budgets;

namespace McpServerless.Access;

public enum ClientState
{
    /// <summary>Registered and not let in yet.</summary>
    Pending,
    Active,

    /// <summary>Stopped by a person; can be resumed.</summary>
    Suspended,

    /// <summary>Past its end.</summary>
    Expired,

    /// <summary>Ended for good.</summary>
    Deprovisioned,
}

/// <summary>The most sensitive data that a client is registered for, from the least to the most.</summary>
public enum DataClassification
{
    Public,
    Internal,
    Confidential,
    Restricted,
}

/// <summary>Who changed a client's state, when and why.</summary>
/// <param name="State">What it became.</param>
/// <param name="At">When.</param>
/// <param name="By">A person, or the name of a timer.</param>
/// <param name="Reason">Why.</param>
public sealed record ClientStateChange(ClientState State, DateTimeOffset At, string By, string Reason);

/// <summary>A registered agent: an Entra application with people behind it.</summary>
public sealed record Client
{
    /// <summary>The longest registration, in days.</summary>
    public const int MaxDays = 365;

    /// <summary>The most changes of state that a client keeps; the ledger keeps all.</summary>
    public const int MaxHistory = 50;

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

    /// <summary>Where the agent runs: a cluster, a product, a subscription.</summary>
    public string? DeploymentContext { get; init; }

    /// <summary>The most sensitive data that it may be given; null where nobody said.</summary>
    public DataClassification? DataClassification { get; init; }

    /// <summary>The agent identity blueprint that the application was made from (Entra Agent ID); null for an ordinary application.</summary>
    public string? AgentBlueprintId { get; init; }

    public required ClientState State { get; init; }

    /// <summary>Changes of <see cref="State"/>, the oldest first, at most <see cref="MaxHistory"/>.</summary>
    public IReadOnlyList<ClientStateChange> History { get; init; } = [];

    /// <summary>From this moment on the client is refused with <c>client_expired</c>.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Limits on all calls of this client; none by default.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];

    /// <summary>In another state, with who, when and why.</summary>
    public Client In(ClientState state, DateTimeOffset at, string by, string reason) =>
        this with { State = state, History = [.. History.TakeLast(MaxHistory - 1), new ClientStateChange(state, at, by, reason)] };
}
