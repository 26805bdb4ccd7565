using System.CommandLine;
using McpServerless.Cli.Gateway;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov grant revoke CLIENT GRANT</c>: takes a grant away, within seconds and on every instance.</summary>
internal static class GrantRevokeCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("revoke", "Takes a grant away. Within seconds, on every instance; other grants of the client go on.");
        var client = new Argument<string>("CLIENT") { Description = "The application (client) id." };
        var grant = new Argument<string>("GRANT") { Description = "The grant's id." };
        var server = new Option<string?>("--server") { Description = "The virtual server, where the client has a grant of that id on several." };
        var etag = ChangeAction.IfMatch();
        command.Add(client);
        command.Add(grant);
        command.Add(server);
        command.Add(etag);
        ChangeAction.Set(
            command,
            context,
            async (gateway, reason, result, ct) =>
            {
                var (of, id) = (ClientOf(result), result.GetRequiredValue(grant));
                var on = result.GetValue(server) ?? await GrantPlace.ServerAsync(gateway, of, id, ct);
                return GatewayCall.Post($"clients/{of}/grants/{GatewayCall.Segment(on)}/{GatewayCall.Segment(id)}/revoke", ("reason", reason)) with { IfMatch = result.GetValue(etag) ?? "*" };
            },
            (changes, actor, reason, result, ct) => changes.Grants.RevokeAsync(actor, ClientOf(result), result.GetValue(server), result.GetRequiredValue(grant), reason, result.GetValue(etag), ct),
            (result, _) => $"Grant {result.GetRequiredValue(grant)} of client {ClientOf(result)} is revoked. Where a file describes it, take it out there too, or the next apply gives it again.");
        return command;

        string ClientOf(ParseResult result) => result.GetRequiredValue(client).ToLowerInvariant();
    }
}
