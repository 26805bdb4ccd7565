namespace McpServerless.Access;

/// <summary>A client with all of its grants, as read together.</summary>
public sealed record ClientAccess(Client Client, IReadOnlyList<Grant> Grants)
{
    private readonly ILookup<string, Grant> _byServer = Grants.ToLookup(g => g.Server, StringComparer.Ordinal);

    /// <summary>The grants on one virtual server.</summary>
    public IEnumerable<Grant> On(string server) => _byServer[server];
}
