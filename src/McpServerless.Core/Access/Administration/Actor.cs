namespace McpServerless.Access.Administration;

/// <summary>Who changes something.</summary>
/// <param name="Name">As in the records: a user name or an object id.</param>
/// <param name="IsAdmin">May do everything but decide on its own requests.</param>
/// <param name="Teams">The teams that it speaks for.</param>
public sealed record Actor(string Name, bool IsAdmin, IReadOnlyList<string> Teams)
{
    public bool Is(string? name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    public bool SpeaksFor(string? team) => team is not null && Teams.Contains(team, StringComparer.Ordinal);

    /// <summary>Whether it answers for the client: its owner, its backup owner, or somebody of its team.</summary>
    public bool Owns(Client client) => Is(client.Owner) || Is(client.BackupOwner) || SpeaksFor(client.Team);
}
