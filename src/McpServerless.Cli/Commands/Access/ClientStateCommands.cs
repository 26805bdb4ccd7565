using System.CommandLine;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Cli.Gateway;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov client suspend|resume|deprovision ID</c>.</summary>
internal static class ClientStateCommands
{
    public static IEnumerable<Command> Create(CommandContext context) =>
    [
        Create(context, "suspend", "Stops a client until it is resumed. Within seconds, on every instance.", "suspended", (changes, actor, id, reason, read, ct) => changes.Clients.SuspendAsync(actor, id, reason, read, ct)),
        Create(context, "resume", "Lets a suspended or pending client go on.", "active", (changes, actor, id, reason, read, ct) => changes.Clients.ResumeAsync(actor, id, reason, read, ct)),
        Create(context, "deprovision", "Ends a client for good, and takes its grants away.", "deprovisioned", (changes, actor, id, reason, read, ct) => changes.Clients.DeprovisionAsync(actor, id, reason, read, ct)),
    ];

    private static Command Create(
        CommandContext context, string name, string description, string became, Func<ChangeSession, Actor, string, string, string?, CancellationToken, Task<ChangeOutcome<Client>>> change)
    {
        var command = new Command(name, description);
        var id = new Argument<string>("ID") { Description = "The application (client) id." };
        var tag = ChangeAction.IfMatch();
        command.Add(id);
        command.Add(tag);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post($"clients/{GatewayCall.Segment(result.GetRequiredValue(id))}/{name}", ("reason", reason)) with { IfMatch = result.GetValue(tag) ?? "*" }),
            (changes, actor, reason, result, ct) => change(changes, actor, result.GetRequiredValue(id), reason, result.GetValue(tag), ct),
            (result, _) => $"Client {result.GetRequiredValue(id)} is {became}.");
        return command;
    }
}
