using System.CommandLine;
using System.Globalization;
using McpServerless.Access.Administration;
using McpServerless.Audit.Sinks;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit sinks</c>: how far the places are that get every record as well.</summary>
internal static class AuditSinksCommand
{
    /// <summary>The gateway empties its outboxes every minute, whether or not the last try failed.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    public static Command Create(CommandContext context)
    {
        var command = new Command("sinks", "Shows how far the places are that get every record as well: what waits, since when and why, and the next try.") { Resend(context) };
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            var sinks = await Survey(stores).ReadAsync(context.Time.GetUtcNow(), ct);
            if (context.WantsJson(result)) WriteJson(context, sinks);
            else WriteTable(context, sinks);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Resend(CommandContext context)
    {
        var command = new Command("resend", "Sends everything of a place's outbox again from a day on, with the next runs: where the receiver lost records, or refused them and was repaired. It gets each record once more.");
        var sink = new Argument<string>("SINK") { Description = "The place, as audit sinks names it." };
        var from = new Option<DateOnly>("--from") { Description = "The first UTC day, yyyy-MM-dd.", HelpName = "yyyy-MM-dd", Required = true };
        command.Add(sink);
        command.Add(from);
        Access.ChangeAction.Set(
            command,
            context,
            async (changes, actor, reason, result, ct) =>
            {
                var (stores, name, day, now) = (changes.Stores, result.GetRequiredValue(sink), result.GetRequiredValue(from), context.Time.GetUtcNow());
                ChangeOutcome<SinkChange> No(ChangeProblem problem, string message) => (problem, message);
                if (!actor.IsAdmin) return No(ChangeProblem.NotAllowed, "Only administrators have records sent again.");
                if (day > DateOnly.FromDateTime(now.UtcDateTime)) return No(ChangeProblem.Invalid, "--from is in the future.");
                if (stores.Outboxes is null || await stores.Outboxes.ReadStateAsync(name, ct) is null) return No(ChangeProblem.NotFound, $"No place {name} was ever sent anything.");
                var change = new SinkChange(name, day);
                var problem = await changes.Records.AroundAsync(new ChangeSubject("sinkResent", actor.Name, reason), null, change, GovernanceJson.Default.SinkChange, token => Survey(stores).BeginAgainAsync(name, day, now, token), ct);
                return problem is var (why, message) ? No(why, why == ChangeProblem.Conflict ? "An instance is sending to it; try again in some minutes." : message) : change;
            },
            (result, _) => $"{result.GetRequiredValue(sink)} gets every record from {result.GetRequiredValue(from):yyyy-MM-dd} on again, beginning within a minute.");
        return command;
    }

    private static OutboxSurvey Survey(GovernanceStores stores) =>
        stores is { Outboxes: { } outboxes, AuditIndex: { } index } ? new OutboxSurvey(outboxes, stores.Audit, index) : throw new UsageException("this store has no outboxes");

    private static void WriteTable(CommandContext context, IReadOnlyList<SinkLag> sinks)
    {
        if (sinks.Count == 0)
        {
            context.Out.WriteLine("No place was ever sent anything (settings under Sinks).");
            return;
        }

        var now = context.Time.GetUtcNow();
        TableWriter.Write(context.Out, ["Place", "Waiting", "Behind", "Last try", "Next try", "Fault"], sinks.Select(s => new[]
        {
            s.Sink, Number(s.Waiting), Behind(s.WaitingSince, now), Moments.Minute(s.State.LastRun), NextTry(s.State.LastRun, now), s.State.Fault ?? "",
        }));
        var writers = sinks.SelectMany(s => s.Writers.Select(w => new[] { s.Sink, w.Day, w.Writer, Number(w.Taken), Number(w.Waiting), Behind(w.WaitingSince, now) })).ToList();
        if (writers.Count > 0) TableWriter.Write(context.Out, ["Place", "Day", "Instance", "Sent", "Waiting", "Behind"], writers);
    }

    private static void WriteJson(CommandContext context, IReadOnlyList<SinkLag> sinks) => JsonOutput.Write(context.Out, json =>
    {
        var now = context.Time.GetUtcNow();
        json.WriteStartArray();
        foreach (var sink in sinks)
        {
            json.WriteStartObject();
            json.WriteString("sink"u8, sink.Sink);
            json.WriteNumber("waiting"u8, sink.Waiting);
            if (sink.WaitingSince is { } since) json.WriteNumber("behindSeconds"u8, (long)(now - since).TotalSeconds);
            json.WriteString("lastRun"u8, sink.State.LastRun);
            json.WriteString("nextRun"u8, sink.State.LastRun + Period);
            if (sink.State.Fault is { } fault) json.WriteString("fault"u8, fault);
            json.WriteStartArray("writers"u8);
            foreach (var writer in sink.Writers)
            {
                json.WriteStartObject();
                json.WriteString("day"u8, writer.Day);
                json.WriteString("writer"u8, writer.Writer);
                json.WriteNumber("sent"u8, writer.Taken);
                json.WriteNumber("waiting"u8, writer.Waiting);
                if (writer.WaitingSince is { } oldest) json.WriteNumber("behindSeconds"u8, (long)(now - oldest).TotalSeconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>A run that is long due means that no instance runs the timer.</summary>
    private static string NextTry(DateTimeOffset last, DateTimeOffset now) =>
        now - last > 5 * Period ? string.Create(CultureInfo.InvariantCulture, $"overdue for {(long)(now - last - Period).TotalMinutes} min") : Moments.Minute(last + Period);

    private static string Behind(DateTimeOffset? since, DateTimeOffset now) => since is { } oldest ? string.Create(CultureInfo.InvariantCulture, $"{(long)(now - oldest).TotalSeconds} s") : "";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
