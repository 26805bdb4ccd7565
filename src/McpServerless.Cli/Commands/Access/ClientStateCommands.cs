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
        command.Add(id);
        ChangeAction.Set(
            command,
            context,
            (changes, actor, reason, result, ct) => change(changes, actor, result.GetRequiredValue(id), reason, ct),
            (result, _) => $"Client {result.GetRequiredValue(id)} is {became}.");
        return command;
    }
}
