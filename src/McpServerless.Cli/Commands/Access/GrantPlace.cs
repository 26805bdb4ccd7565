using McpServerless.Cli.Gateway;

namespace McpServerless.Cli.Commands.Access;

/// <summary>Finds a client's grant at the gateway by its id alone.</summary>
internal static class GrantPlace
{
    /// <exception cref="UsageException">There is none, or one on each of several servers.</exception>
    public static async Task<string> ServerAsync(GatewayClient gateway, string clientId, string grantId, CancellationToken ct)
    {
        var grants = GatewayPages.ReadAsync(gateway, $"clients/{GatewayCall.Segment(clientId)}/grants", [], page: 200, ct);
        var servers = await grants.Where(g => JsonMembers.Text(g, "grantId") == grantId).Select(g => JsonMembers.Text(g, "server") ?? "").ToListAsync(ct);
        return servers is [var one] ? one
            : throw new UsageException(servers.Count == 0 ? $"client {clientId} has no grant {grantId}" : $"client {clientId} has a grant {grantId} on each of {string.Join(", ", servers)}: say which with --server");
    }
}
