namespace McpServerless.Access.Administration;

/// <summary>Who speaks for a team, by what tokens prove.</summary>
/// <param name="Name">As contracts and clients name it.</param>
/// <param name="Members">Object ids of users and service principals (claim <c>oid</c>).</param>
/// <param name="Groups">Object ids of groups (claim <c>groups</c>).</param>
public sealed record Team(string Name, IReadOnlyList<string> Members, IReadOnlyList<string> Groups)
{
    public bool Has(string objectId, IReadOnlyList<string> groups) =>
        Members.Contains(objectId, StringComparer.OrdinalIgnoreCase) || Groups.Any(g => groups.Contains(g, StringComparer.OrdinalIgnoreCase));
}

/// <summary>Where it is written down who speaks for which team.</summary>
public interface ITeamStore
{
    /// <summary>All teams, by name.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<Versioned<Team>>> ReadTeamsAsync(CancellationToken ct);

    /// <summary>A team; null for none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<Versioned<Team>?> FindTeamAsync(string name, CancellationToken ct);

    /// <summary>Adds a team, or replaces the one that was read.</summary>
    /// <param name="read">Null to add one.</param>
    /// <returns>False when it is no longer the one that was read, or there is one already.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> SaveTeamAsync(Team team, string? read, CancellationToken ct);

    /// <summary>False when it is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> RemoveTeamAsync(string name, string read, CancellationToken ct);
}
