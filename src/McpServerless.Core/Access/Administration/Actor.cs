namespace McpServerless.Access.Administration;

/// <summary>Who changes something.</summary>
/// <param name="Name">As in the records: a user name or an object id.</param>
/// <param name="IsAdmin">May do everything but decide on its own requests.</param>
/// <param name="Teams">The teams that it speaks for.</param>
public sealed record Actor(string Name, bool IsAdmin, IReadOnlyList<string> Teams)
{
    /// <summary>A name that its token claims beside the object id. Nothing is allowed for it; what is forbidden to that name is forbidden to its bearer too.</summary>
    public string? ClaimedName { get; init; }

    /// <summary>The application through which it acts (claim <c>azp</c>); null for a command line at the storage account, which proves nobody.</summary>
    public string? Application { get; init; }

    /// <summary>Names the token that proved it (claim <c>uti</c>); null where there is none.</summary>
    public string? TokenId { get; init; }

    /// <summary>Whether it may see everything, such as an auditor.</summary>
    public bool IsReader { get; init; }

    /// <summary>Whether it may answer any review, as somebody whom the organisation appointed to that.</summary>
    public bool IsReviewer { get; init; }

    public bool Is(string? name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a name can be its own, by what is proven or by what is claimed: for what nobody may do to what is theirs.</summary>
    public bool MayBe(string? name) => Is(name) || (ClaimedName is { } claimed && string.Equals(claimed, name, StringComparison.OrdinalIgnoreCase));

    public bool SpeaksFor(string? team) => team is not null && Teams.Contains(team, StringComparer.Ordinal);

    /// <summary>Whether it answers for the client: its owner, its backup owner, or somebody of its team.</summary>
    public bool Owns(Client client) => Is(client.Owner) || Is(client.BackupOwner) || SpeaksFor(client.Team);

    /// <summary>Whether more access of the client could be for its own good: then somebody else decides on it.</summary>
    public bool GainsFrom(Client client) => MayBe(client.Owner) || MayBe(client.BackupOwner) || (!IsAdmin && SpeaksFor(client.Team));

    /// <summary>Whether it may know of the client.</summary>
    public bool Sees(Client client) => IsAdmin || IsReader || Owns(client);

    /// <summary>Whether it may know of what belongs to a team.</summary>
    public bool Sees(string? team) => IsAdmin || IsReader || SpeaksFor(team);
}
