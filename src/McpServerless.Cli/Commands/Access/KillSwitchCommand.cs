using System.CommandLine;
using McpServerless.Access;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov kill-switch server|tool|client NAME</c>: off for everybody, within seconds; and on again.</summary>
internal static class KillSwitchCommand
{
    public static Command Create(CommandContext context) => new("kill-switch", "Switches a virtual server, a tool or a client off for everybody, within seconds.")
    {
        Switch(context, "server", "A virtual server: nothing of it is listed or served.", "The virtual server's name.", KillSwitch.OfServer),
        Switch(context, "tool", "A tool of an upstream, on every virtual server that exposes it.", "UPSTREAM/TOOL", name => $"tool/{name}"),
        Client(context),
        List(context),
    };

    private static Command Switch(CommandContext context, string name, string description, string argument, Func<string, string> subjectOf)
    {
        var command = new Command(name, description);
        var what = new Argument<string>("NAME") { Description = argument };
        var on = new Option<bool>("--on") { Description = "Switches it on again." };
        command.Add(what);
        command.Add(on);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post(result.GetValue(on) ? "switches/on" : "switches/off", ("subject", Subject(result)), ("reason", reason))),
            (changes, actor, reason, result, ct) => result.GetValue(on)
                ? changes.Switches.OnAsync(actor, Subject(result), reason, ct)
                : changes.Switches.OffAsync(actor, Subject(result), reason, ct),
            (result, _) => result.GetValue(on)
                ? $"{Subject(result)} is on again."
                : $"{Subject(result)} is off. To switch it on again: mcpgov kill-switch {name} {result.GetRequiredValue(what)} --on --reason REASON");
        return command;

        string Subject(ParseResult result) => subjectOf(result.GetRequiredValue(what));
    }

    private static Command Client(CommandContext context)
    {
        var command = new Command("client", "A client: it is suspended, as by client suspend.");
        var id = new Argument<string>("ID") { Description = "The application (client) id." };
        command.Add(id);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post($"clients/{GatewayCall.Segment(result.GetRequiredValue(id))}/suspend", ("reason", reason))),
            (changes, actor, reason, result, ct) => changes.Clients.SuspendAsync(actor, result.GetRequiredValue(id), reason, null, ct),
            (result, _) => $"Client {result.GetRequiredValue(id)} is suspended. To let it go on: mcpgov client resume {result.GetRequiredValue(id)} --reason REASON");
        return command;
    }

    private static Command List(CommandContext context)
    {
        var command = new Command("list", "Lists what is switched off.");
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            var off = await stores.Access.ReadSwitchesAsync(ct);
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, off, GovernanceJson.Default.IReadOnlyListKillSwitch);
            else TableWriter.Write(context.Out, ["Off", "By", "Since", "Reason"], off.Select(s => new[] { s.Subject, s.By, Moments.Minute(s.At), s.Reason }));
            return ExitCode.Ok;
        });
        return command;
    }
}
