using System.CommandLine;
using System.Globalization;
using McpServerless.Access.Administration;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Commands.Access;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;

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
            await using var stores = context.OpenStores(result);
            if (await FindAsync(context, stores, result.GetRequiredValue(client), ct) is not { } key) return ExitCode.Findings;
            var page = await new BudgetOperations(stores.Budgets, context.Time).ShowAsync(key, ct) ?? new PageView([], [], []);
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
        var change = new Change(context, command, client, "budgetReset", "no such counter is in use");
        command.SetAction((result, ct) =>
        {
            var name = result.GetRequiredValue(counter);
            return change.MakeAsync(result, new BudgetChange { Counter = name }, (operations, key, _) => operations.ResetAsync(key, name, ct), ct);
        });
        return command;
    }

    private static Command GrantExtra(CommandContext context)
    {
        var command = new Command("grant-extra", "Grants units beyond a calendar budget, for a time.");
        var client = ClientArgument(command);
        var counter = CounterArgument(command);
        var amount = new Option<long>("--amount") { Description = "Units of the limit, 1 to 1000000000000.", Required = true };
        var hours = new Option<int>("--hours") { Description = "For how long, 1 to 744.", Required = true };
        foreach (var option in new Option[] { amount, hours }) command.Add(option);
        var change = new Change(context, command, client, "budgetExtraGranted", "nothing was granted");
        command.SetAction((result, ct) =>
        {
            var (units, length, name) = (result.GetValue(amount), result.GetValue(hours), result.GetRequiredValue(counter));
            if (units is < 1 or > 1_000_000_000_000) throw new UsageException("--amount is 1 to 1000000000000");
            if (length is < 1 or > 744) throw new UsageException("--hours is 1 to 744");
            var until = context.Time.GetUtcNow().AddHours(length);
            return change.MakeAsync(
                result,
                new BudgetChange { Counter = name, Amount = units, Until = until },
                (operations, key, who) => operations.GrantExtraAsync(key, name, new ExtraGrant(units, until, who.Reason, who.By), ct),
                ct);
        });
        return command;
    }

    private static Command Resume(CommandContext context)
    {
        var command = new Command("resume", "Ends the pauses of a client's runaways; instances notice within seconds.");
        var client = ClientArgument(command);
        var tool = new Option<string?>("--tool") { Description = "UPSTREAM/NAME of one tool; without it, all." };
        command.Add(tool);
        var change = new Change(context, command, client, "runawayResumed", "nothing is paused");
        command.SetAction((result, ct) =>
        {
            var name = result.GetValue(tool);
            return change.MakeAsync(result, new BudgetChange { Tool = name }, (operations, key, _) => operations.ResumeAsync(key, name, ct), ct);
        });
        return command;
    }

    /// <summary>A change of one client's counters, between its two records in the ledger.</summary>
    private sealed class Change
    {
        private const int MaxReason = 500;

        private readonly CommandContext _context;
        private readonly Operator _operator;
        private readonly Option<string> _reason = Operator.Reason();
        private readonly Argument<string> _client;
        private readonly string _happening;
        private readonly string _nothing;

        /// <param name="happening">As the records name it.</param>
        /// <param name="nothing">What is said where there was nothing to change.</param>
        public Change(CommandContext context, Command command, Argument<string> client, string happening, string nothing)
        {
            (_context, _operator, _client, _happening, _nothing) = (context, new Operator(context), client, happening, nothing);
            command.Add(_reason);
            _operator.AddTo(command);
        }

        public async Task<int> MakeAsync(
            ParseResult result, BudgetChange after, Func<BudgetOperations, BudgetPageKey, (string By, string Reason), ValueTask<bool>> change, CancellationToken ct)
        {
            var reason = result.GetRequiredValue(_reason);
            if (reason.Length is 0 or > MaxReason) throw new UsageException($"--reason has 1 to {MaxReason} characters");
            var actor = _operator.Of(result);
            await using var stores = _context.OpenStores(result);
            if (await FindAsync(_context, stores, result.GetRequiredValue(_client), ct) is not { } key) return ExitCode.Findings;
            if (!actor.IsAdmin)
            {
                _context.Error.WriteLine("mcpgov: only administrators change counters and end pauses");
                return ExitCode.Findings;
            }

            var met = false;
            await using var session = await ChangeSession.OpenAsync(stores, _context.Time, ct);
            var problem = await session.Records.AroundAsync(
                new ChangeSubject(_happening, actor.Name, reason) { ClientId = key.Owner },
                null,
                after,
                GovernanceJson.Default.BudgetChange,
                async _ =>
                {
                    met = await change(new BudgetOperations(stores.Budgets, _context.Time), key, (actor.Name, reason));
                    return true;
                },
                ct);
            if (problem is { } unrecorded)
            {
                _context.Error.WriteLine($"mcpgov: {unrecorded.Message}");
                return ExitCode.UsageOrOutage;
            }

            if (met) return ExitCode.Ok;
            _context.Error.WriteLine($"mcpgov: {_nothing}");
            return ExitCode.Findings;
        }
    }

    private static async ValueTask<BudgetPageKey?> FindAsync(CommandContext context, GovernanceStores stores, string clientId, CancellationToken ct)
    {
        await foreach (var client in stores.Clients.ReadClientsAsync(ct))
        {
            if (string.Equals(client.ClientId, clientId, StringComparison.OrdinalIgnoreCase)) return new BudgetPageKey(client.TenantId, client.ClientId);
        }

        context.Error.WriteLine($"mcpgov: no client {clientId} is registered");
        return null;
    }

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
