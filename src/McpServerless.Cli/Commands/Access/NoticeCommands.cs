using System.CommandLine;
using System.Globalization;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Notifying;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov notice list|show|replay|drop|enable</c>: what was told to whom, and what did not arrive.</summary>
internal static class NoticeCommands
{
    public static Command Create(CommandContext context) => new("notice", "What the gateway tells people through webhooks, and what did not arrive.")
    {
        List(context), Show(context), Replay(context), Drop(context), Enable(context),
    };

    private static Command List(CommandContext context)
    {
        var command = new Command("list", "Lists dead letters: notices that an endpoint did not take in all that time.");
        var all = new Option<bool>("--all") { Description = "Also those that wait, were delivered or dropped." };
        command.Add(all);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            var notices = (await view.ReadNoticesAsync(result.GetValue(all) ? null : NoticeState.Dead, ct).ToListAsync(ct)).OrderBy(n => n.Notice.Time).ToList();
            if (context.WantsJson(result))
            {
                JsonOutput.Write(context.Out, notices, NoticeJson.Default.IReadOnlyListStoredNotice);
                return ExitCode.Ok;
            }

            TableWriter.Write(context.Out, ["Notice", "State", "Type", "Subject", "At", "Summary"], notices.Select(n => new[]
            {
                n.Notice.NoticeId, n.State.ToString(), n.Notice.Type, n.Notice.Subject, Moments.Minute(n.Notice.Time), n.Notice.Summary,
            }));
            foreach (var gone in await view.ReadGoneAsync(ct)) context.Out.WriteLine($"Endpoint {gone.Name} said {Moments.Minute(gone.Since)} that it is gone. To let it have notices again: mcpgov notice enable {gone.Name} --reason REASON");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        var command = new Command("show", "Shows a notice, and how it stands with each endpoint.");
        var id = Id(command);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            if (await view.FindNoticeAsync(result.GetRequiredValue(id), ct) is not { } found)
            {
                context.Error.WriteLine($"mcpgov: there is no notice {result.GetRequiredValue(id)}");
                return ExitCode.Findings;
            }

            if (context.WantsJson(result))
            {
                JsonOutput.Write(context.Out, found, NoticeJson.Default.StoredNotice);
                return ExitCode.Ok;
            }

            var notice = found.Notice;
            context.Out.WriteLine(TableWriter.Printable($"{notice.Type}, {notice.Subject}, {Moments.Minute(notice.Time)}, {found.State.ToString().ToLowerInvariant()}"));
            context.Out.WriteLine(TableWriter.Printable(notice.Summary));
            context.Out.WriteLine(TableWriter.Printable(notice.ToDo));
            if (notice.Command is { } what) context.Out.WriteLine(TableWriter.Printable(what));
            TableWriter.Write(context.Out, ["Endpoint", "State", "Attempts", "Last", "Next", "Fault"], found.Deliveries.Select(d => new[]
            {
                d.Endpoint, d.State.ToString(), d.Attempts.ToString(CultureInfo.InvariantCulture), d.LastAt is { } last ? Moments.Minute(last) : "", d.State == DeliveryState.Waiting ? Moments.Minute(d.NextAt) : "", d.Fault ?? "",
            }));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Replay(CommandContext context)
    {
        var command = new Command("replay", "Sends a notice again, under its id, to the endpoints that do not have it.");
        var id = Id(command);
        var toAll = new Option<bool>("--to-all") { Description = "Also to those that have it." };
        command.Add(toAll);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post($"{PathOf(result.GetRequiredValue(id))}/replay", ("toAll", result.GetValue(toAll)), ("reason", reason))),
            (changes, actor, reason, result, ct) => changes.Notices.ReplayAsync(actor, result.GetRequiredValue(id), result.GetValue(toAll), reason, ct),
            (result, _) => $"Notice {result.GetRequiredValue(id)} goes out again within two minutes.");
        return command;
    }

    private static Command Drop(CommandContext context)
    {
        var command = new Command("drop", "Gives a notice up.");
        var id = Id(command);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post($"{PathOf(result.GetRequiredValue(id))}/drop", ("reason", reason))),
            (changes, actor, reason, result, ct) => changes.Notices.DropAsync(actor, result.GetRequiredValue(id), reason, ct),
            (result, _) => $"Notice {result.GetRequiredValue(id)} is dropped.");
        return command;
    }

    private static Command Enable(CommandContext context)
    {
        var command = new Command("enable", "Lets an endpoint that answered 410 have notices again.");
        var name = new Argument<string>("ENDPOINT") { Description = "Its name in the settings." };
        command.Add(name);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post($"notice-endpoints/{GatewayCall.Segment(result.GetRequiredValue(name))}/enable", ("reason", reason))),
            (changes, actor, reason, result, ct) => changes.Notices.EnableAsync(actor, result.GetRequiredValue(name), reason, ct),
            (result, _) => $"Endpoint {result.GetRequiredValue(name)} gets notices again. What it missed: mcpgov notice list, mcpgov notice replay NOTICE --reason REASON");
        return command;
    }

    private static string PathOf(string notice) => $"notices/{GatewayCall.Segment(notice)}";

    private static Argument<string> Id(Command command)
    {
        var id = new Argument<string>("NOTICE") { Description = "The notice's id." };
        command.Add(id);
        return id;
    }
}
