namespace McpServerless.Authentication;

/// <summary>Whether an application calls for itself or for a signed-in user.</summary>
public enum CallerKind
{
    /// <summary>Client credentials or a managed identity: <c>roles</c> are the application's own.</summary>
    Application,

    /// <summary>A user is behind it: <c>scp</c> is what the user let the application do, <c>roles</c> are the user's.</summary>
    Delegated,
}

/// <summary>Which kind of agent stands behind a token (Entra Agent ID).</summary>
public enum AgentActor
{
    /// <summary>None that the token speaks of.</summary>
    None,

    /// <summary>An agent identity, for itself.</summary>
    Identity,

    /// <summary>An agent identity, for a signed-in user.</summary>
    ForUser,

    /// <summary>An agent's own user account.</summary>
    OwnUser,
}

/// <summary>What a verified access token proves.</summary>
public sealed record Caller
{
    /// <summary>Claim <c>tid</c>.</summary>
    public required string TenantId { get; init; }

    /// <summary>Claim <c>azp</c>: the calling application.</summary>
    public required string ClientId { get; init; }

    /// <summary>Claim <c>oid</c>: the service principal, or the user of a delegated token.</summary>
    public required string ObjectId { get; init; }

    public required CallerKind Kind { get; init; }

    /// <summary>Claim <c>scp</c>, split; empty for an application.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Claim <c>roles</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Claim <c>uti</c> or <c>jti</c>, for the record; null when the token has neither.</summary>
    public string? TokenId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Claim <c>iat</c>; null when the token has none.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>Claim <c>acrs</c>: the authentication contexts of Conditional Access that the token satisfies.</summary>
    public IReadOnlyList<string> AuthContexts { get; init; } = [];

    /// <summary>Claim <c>amr</c>: how the user signed in (RFC 8176).</summary>
    public IReadOnlyList<string> AuthMethods { get; init; } = [];

    /// <summary>Claims <c>xms_act_fct</c> and <c>xms_sub_fct</c>.</summary>
    public AgentActor Agent { get; init; }

    /// <summary>Claim <c>xms_par_app_azp</c>: the blueprint of an agent identity. To be shown, not to be decided on.</summary>
    public string? AgentBlueprintId { get; init; }

    /// <summary>Claim <c>groups</c>: object ids of groups, where the app registration asks for them.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Whether the user is in more groups than a token holds, so that <see cref="Groups"/> is empty (claim <c>_claim_names</c>).</summary>
    public bool HasMoreGroups { get; init; }

    /// <summary>Claim <c>preferred_username</c> or <c>upn</c>: for people to read. It can be changed, and nothing is allowed for it.</summary>
    public string? ClaimedName { get; init; }

    /// <summary>The user of a delegated token; null for an application.</summary>
    public string? UserId => Kind == CallerKind.Delegated ? ObjectId : null;

    /// <summary>What upstream sessions are kept apart by: nothing of one principal is ever shared with another.</summary>
    public string Principal => $"{TenantId}|{ClientId}|{ObjectId}";
}
