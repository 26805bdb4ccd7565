using System.CommandLine;
using System.Globalization;
using McpServerless.Access.Administration;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Cli.Commands.Access;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov budget</c>: a client's counters, what it was granted beyond its limits, and its pauses.</summary>
internal static class BudgetCommands
{
    public static Command Create(CommandContext context) => new("budget", "Counters of budgets, and pauses of runaways.")
    {
        Show(context),
        Reset(context),
        GrantExtra(context),
        Resume(context),
    };

    private static Command Show(CommandContext context)
    {
        var command = new Command("show", "Shows a client's counters, grants beyond its limits, and pauses.");
        var client = ClientArgument(command);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            if (await view.FindClientAsync(result.GetRequiredValue(client), ct) is not { } found)
            {
                context.Error.WriteLine($"mcpgov: no client {result.GetRequiredValue(client)} is registered");
                return ExitCode.Findings;
            }

            var page = await view.ReadBudgetsAsync(found, ct) ?? new PageView([], [], []);
            if (context.WantsJson(result)) WriteJson(context, page);
            else WriteTable(context, page);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Reset(CommandContext context)
    {
        var command = new Command("reset", "Makes a counter as new: a full burst, an unused window.");
        var client = ClientArgument(command);
        var counter = CounterArgument(command);
        Change(context, command, (reason, result) => GatewayCall.Post(PathOf(result.GetRequiredValue(client), "reset"), ("counter", result.GetRequiredValue(counter)), ("reason", reason)), (budgets, actor, reason, result, ct) => budgets.ResetAsync(actor, result.GetRequiredValue(client), result.GetRequiredValue(counter), reason, ct));
        return command;
    }

    private static Command GrantExtra(CommandContext context)
    {
        var command = new Command("grant-extra", "Grants units beyond a calendar budget, for a time.");
        var client = ClientArgument(command);
        var counter = CounterArgument(command);
        var amount = new Option<long>("--amount") { Description = $"Units of the limit, 1 to {BudgetAdministration.MaxExtra}.", Required = true };
        var hours = new Option<int>("--hours") { Description = $"For how long, 1 to {BudgetAdministration.MaxHours}.", Required = true };
        foreach (var option in new Option[] { amount, hours }) command.Add(option);
        Change(context, command, (reason, result) => GatewayCall.Post(
            PathOf(result.GetRequiredValue(client), "extra"), ("counter", result.GetRequiredValue(counter)), ("amount", result.GetValue(amount)), ("hours", result.GetValue(hours)), ("reason", reason)), (budgets, actor, reason, result, ct) =>
        {
            var (units, length) = (result.GetValue(amount), result.GetValue(hours));
            if (units is < 1 or > BudgetAdministration.MaxExtra) throw new UsageException($"--amount is 1 to {BudgetAdministration.MaxExtra}");
            if (length is < 1 or > BudgetAdministration.MaxHours) throw new UsageException($"--hours is 1 to {BudgetAdministration.MaxHours}");
            return budgets.GrantExtraAsync(actor, result.GetRequiredValue(client), result.GetRequiredValue(counter), units, length, reason, ct);
        });
        return command;
    }

    private static Command Resume(CommandContext context)
    {
        var command = new Command("resume", "Ends the pauses of a client's runaways; instances notice within seconds.");
        var client = ClientArgument(command);
        var tool = new Option<string?>("--tool") { Description = "UPSTREAM/NAME of one tool; without it, all." };
        command.Add(tool);
        Change(context, command, (reason, result) => GatewayCall.Post(PathOf(result.GetRequiredValue(client), "resume"), ("tool", result.GetValue(tool)), ("reason", reason)), (budgets, actor, reason, result, ct) => budgets.ResumeAsync(actor, result.GetRequiredValue(client), result.GetValue(tool), reason, ct));
        return command;
    }

    private static string PathOf(string clientId, string verb) => $"clients/{GatewayCall.Segment(clientId)}/budgets/{verb}";

    /// <summary>A change of one client's counters.</summary>
    private static void Change(
        CommandContext context, Command command, Func<string, ParseResult, GatewayCall> call, Func<BudgetAdministration, Actor, string, ParseResult, CancellationToken, Task<ChangeOutcome<BudgetChange>>> change) => ChangeAction.Set(
        command,
        context,
        (_, reason, result, _) => Task.FromResult(call(reason, result)),
        (changes, actor, reason, result, ct) => reason.Length is 0 or > BudgetAdministration.MaxReason
            ? throw new UsageException($"--reason has 1 to {BudgetAdministration.MaxReason} characters")
            : change(changes.Budgets, actor, reason, result, ct),
        (_, _) => "Changed.");

    private static Argument<string> ClientArgument(Command command)
    {
        var client = new Argument<string>("CLIENT") { Description = "The application (client) id." };
        command.Add(client);
        return client;
    }

    private static Argument<string> CounterArgument(Command command)
    {
        var counter = new Argument<string>("COUNTER") { Description = "The counter, as budget show names it." };
        command.Add(counter);
        return counter;
    }

    private static void WriteTable(CommandContext context, PageView page)
    {
        TableWriter.Write(context.Out, ["Counter", "Kind", "Used", "Until"], page.Counters.Select(c => new[]
        {
            c.Counter,
            c.Kind.ToString().ToLowerInvariant(),
            c.Used.ToString(CultureInfo.InvariantCulture),
            c.Until is { } until ? Moments.Minute(until) : "",
        }));
        if (page.Extras.Count > 0)
        {
            TableWriter.Write(context.Out, ["Beyond the limit", "Units", "Until", "By", "Reason"], page.Extras.Select(e => new[]
            {
                e.Counter,
                e.Extra.Amount.ToString(CultureInfo.InvariantCulture),
                Moments.Minute(e.Extra.Until),
                e.Extra.By,
                e.Extra.Reason,
            }));
        }

        WriteTable(context, page.Pauses);
    }

    public static void WriteTable(CommandContext context, IReadOnlyList<(string Tool, RunawayPause Pause)> pauses)
    {
        if (pauses.Count > 0) TableWriter.Write(context.Out, ["Paused", "Until", "Why"], pauses.Select(p => new[] { p.Tool, Moments.Minute(p.Pause.Until), p.Pause.Reason }));
    }

    public static void WritePauses(System.Text.Json.Utf8JsonWriter writer, IReadOnlyList<(string Tool, RunawayPause Pause)> pauses)
    {
        writer.WriteStartArray("pauses");
        foreach (var (tool, pause) in pauses)
        {
            writer.WriteStartObject();
            writer.WriteString("tool", tool);
            writer.WriteString("until", pause.Until);
            writer.WriteString("reason", pause.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteJson(CommandContext context, PageView page) => JsonOutput.Write(context.Out, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("counters");
        foreach (var counter in page.Counters)
        {
            writer.WriteStartObject();
            writer.WriteString("counter", counter.Counter);
            writer.WriteString("kind", counter.Kind.ToString().ToLowerInvariant());
            writer.WriteNumber("used", counter.Used);
            if (counter.Until is { } until) writer.WriteString("until", until);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("extras");
        foreach (var (counter, extra) in page.Extras)
        {
            writer.WriteStartObject();
            writer.WriteString("counter", counter);
            writer.WriteNumber("amount", extra.Amount);
            writer.WriteString("until", extra.Until);
            writer.WriteString("by", extra.By);
            writer.WriteString("reason", extra.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WritePauses(writer, page.Pauses);
        writer.WriteEndObject();
    });
}
