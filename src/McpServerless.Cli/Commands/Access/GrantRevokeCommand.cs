using System.CommandLine;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov grant revoke CLIENT GRANT</c>: takes a grant away, within seconds and on every instance.</summary>
internal static class GrantRevokeCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("revoke", "Takes a grant away. Within seconds, on every instance; other grants of the client go on.");
        var client = new Argument<string>("CLIENT") { Description = "The application (client) id." };
        var grant = new Argument<string>("GRANT") { Description = "The grant's id." };
        var etag = new Option<string?>("--if-match") { Description = "The ETag that grant show gave: nothing is done when the grant was changed since." };
        command.Add(client);
        command.Add(grant);
        command.Add(etag);
        ChangeAction.Set(
            command,
            context,
            (changes, actor, reason, result, ct) => changes.Grants.RevokeAsync(actor, ClientOf(result), result.GetRequiredValue(grant), reason, result.GetValue(etag), ct),
            (result, _) => $"Grant {result.GetRequiredValue(grant)} of client {ClientOf(result)} is revoked. Where a file describes it, take it out there too, or the next apply gives it again.");
        return command;

        string ClientOf(ParseResult result) => result.GetRequiredValue(client).ToLowerInvariant();
    }
}
