using System.CommandLine;
using McpServerless.Access;
using McpServerless.Access.Administration;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov client suspend|resume|deprovision ID</c>.</summary>
internal static class ClientStateCommands
{
    public static IEnumerable<Command> Create(CommandContext context) =>
    [
        Create(context, "suspend", "Stops a client until it is resumed. Within seconds, on every instance.", "suspended", (changes, actor, id, reason, ct) => changes.Clients.SuspendAsync(actor, id, reason, null, ct)),
        Create(context, "resume", "Lets a suspended or pending client go on.", "active", (changes, actor, id, reason, ct) => changes.Clients.ResumeAsync(actor, id, reason, null, ct)),
        Create(context, "deprovision", "Ends a client for good, and takes its grants away.", "deprovisioned", (changes, actor, id, reason, ct) => changes.Clients.DeprovisionAsync(actor, id, reason, null, ct)),
    ];

    private static Command Create(
        CommandContext context, string name, string description, string became, Func<ChangeSession, Actor, string, string, CancellationToken, Task<ChangeOutcome<Client>>> change)
    {
        var command = new Command(name, description);
        var id = new Argument<string>("ID") { Description = "The application (client) id." };
        var reason = Operator.Reason();
        var by = new Operator(context);
        command.Add(id);
        command.Add(reason);
        by.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            await using var changes = await ChangeSession.OpenAsync(stores, context.Time, ct);
            var clientId = result.GetRequiredValue(id);
            return by.Report(await change(changes, by.Of(result), clientId, result.GetRequiredValue(reason), ct), $"Client {clientId} is {became}.");
        });
        return command;
    }
}
