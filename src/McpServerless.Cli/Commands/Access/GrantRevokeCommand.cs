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
        var reason = Operator.Reason();
        var by = new Operator(context);
        command.Add(client);
        command.Add(grant);
        command.Add(etag);
        command.Add(reason);
        by.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            await using var changes = await ChangeSession.OpenAsync(stores, context.Time, ct);
            var (clientId, grantId) = (result.GetRequiredValue(client).ToLowerInvariant(), result.GetRequiredValue(grant));
            var outcome = await changes.Grants.RevokeAsync(by.Of(result), clientId, grantId, result.GetRequiredValue(reason), result.GetValue(etag), ct);
            return by.Report(outcome, $"Grant {grantId} of client {clientId} is revoked. Where a file describes it, take it out there too, or the next apply gives it again.");
        });
        return command;
    }
}
