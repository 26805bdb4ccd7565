using System.CommandLine;
using McpServerless.Access;
using McpServerless.Catalogue.Publishing;
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
        var reason = Operator.Reason();
        var by = new Operator(context);
        command.Add(what);
        command.Add(on);
        command.Add(reason);
        by.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            await using var changes = await ChangeSession.OpenAsync(stores, context.Time, ct);
            var (subject, why, actor) = (subjectOf(result.GetRequiredValue(what)), result.GetRequiredValue(reason), by.Of(result));
            return result.GetValue(on)
                ? by.Report(await changes.Switches.OnAsync(actor, subject, why, ct), $"{subject} is on again.")
                : by.Report(await changes.Switches.OffAsync(actor, subject, why, ct), $"{subject} is off. To switch it on again: mcpgov kill-switch {name} {result.GetRequiredValue(what)} --on --reason REASON");
        });
        return command;
    }

    private static Command Client(CommandContext context)
    {
        var command = new Command("client", "A client: it is suspended, as by client suspend.");
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
            return by.Report(await changes.Clients.SuspendAsync(by.Of(result), clientId, result.GetRequiredValue(reason), null, ct), $"Client {clientId} is suspended. To let it go on: mcpgov client resume {clientId} --reason REASON");
        });
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
