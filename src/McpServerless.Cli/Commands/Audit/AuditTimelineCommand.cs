using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using McpServerless.Audit.Queries;
using McpServerless.Cli.Gateway;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit timeline</c>: what an agent did, in order, with decisions.</summary>
internal static class AuditTimelineCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("timeline", "Shows in order what was asked in a session, a trace or a request, and how it was decided. Reads what the index names, from the day on that the id of a session or request tells, or in the days that are given.");
        var days = new DayRange();
        var id = new Argument<string>("id") { Description = "A session id or its digest, a trace id, or a request id." };
        var client = new Option<string?>("--client") { Description = "Only this application (client) id, which reads far less." };
        command.Add(id);
        days.AddTo(command);
        command.Add(client);
        command.SetAction(async (result, ct) =>
        {
            var wanted = result.GetValue(id)!.ToLowerInvariant();
            var (from, to) = days.Of(result, context.Time, FirstDayOf(wanted));
            using var gateway = context.Gateway.Open(result);
            if (gateway is not null)
            {
                var parameters = new List<KeyValuePair<string, string>> { new("from", RecordFilter.StartOf(from).ToString("O")), new("until", RecordFilter.StartOf(to.AddDays(1)).ToString("O")) };
                if (result.GetValue(client) is { } one) parameters.Add(new("client", one));
                return Show(context, await GatewayPages.ReadAsync(gateway, $"audit/timeline/{Uri.EscapeDataString(wanted)}", parameters, page: null, ct).ToListAsync(ct));
            }

            await using var stores = context.OpenStores(result);
            var query = new AuditQuery { From = RecordFilter.StartOf(from), Until = RecordFilter.StartOf(to.AddDays(1)), ClientId = result.GetValue(client)?.ToLowerInvariant(), WithIntents = true };
            var records = await stores.Search.TimelineAsync(wanted, query, int.MaxValue, ct);
            return Show(context, [.. records.Select(r => r.Root)]);
        });
        return command;
    }

    private static int Show(CommandContext context, List<JsonElement> records)
    {
        if (records.Count == 0)
        {
            context.Error.WriteLine("mcpgov: nothing with this id is on record in these days");
            return ExitCode.Findings;
        }

        Write(context.Out, records);
        return ExitCode.Ok;
    }

    /// <summary>The ids of sessions and requests say when they were made (UUIDv7, RFC 9562, section 5.7).</summary>
    private static DateOnly? FirstDayOf(string id) => Guid.TryParseExact(id, "D", out var uuid) && uuid.Version == 7
        ? DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(uuid.ToString("N")[..12], 16)).UtcDateTime)
        : null;

    private static void Write(TextWriter output, List<JsonElement> records)
    {
        var requests = records.GroupBy(r => AuditQueryCommand.Text(r, "requestId")).OrderBy(g => g.Min(Time), StringComparer.Ordinal).ToList();
        var first = requests[0].First();
        output.WriteLine(Printable($"client {AuditQueryCommand.Text(first, "clientId")} user {AuditQueryCommand.Text(first, "userId")} server {AuditQueryCommand.Text(first, "server")}"));
        foreach (var request in requests)
        {
            var steps = request.OrderBy(Time, StringComparer.Ordinal).ThenBy(r => AuditQueryCommand.Text(r, "event") == "intent" ? 0 : 1).ToList();
            output.WriteLine(Printable($"├─ {Time(steps[0])} {AuditQueryCommand.Text(steps[0], "method")} {AuditQueryCommand.Subject(steps[0])}"));
            foreach (var step in steps) output.WriteLine(Printable($"│  └─ {Describe(step)}"));
            if (steps.All(s => AuditQueryCommand.Text(s, "event") == "intent")) output.WriteLine("│  └─ how it ended is not on record");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{requests.Count} request(s), {records.Count(r => AuditQueryCommand.Text(r, "decision") == "refused")} refused"));
    }

    private static string Describe(JsonElement record)
    {
        if (AuditQueryCommand.Text(record, "event") == "intent") return $"intent recorded, arguments {AuditQueryCommand.Text(record, "arguments")}";
        var text = new StringBuilder(AuditQueryCommand.Text(record, "decision"));
        foreach (var (name, label) in new[] { ("refusalCode", ""), ("note", ""), ("upstreamStatus", "upstream "), ("resultBytes", "bytes "), ("resultDigest", "result "), ("outputVerdict", "result is ") })
        {
            if (AuditQueryCommand.Text(record, name) is { Length: > 0 } value) text.Append(null, $", {label}{value}");
        }

        if (record.TryGetProperty("durationMicroseconds", out var duration)) text.Append(CultureInfo.InvariantCulture, $", {duration.GetInt64() / 1000.0:0.0} ms");
        return text.ToString();
    }

    private static string Time(JsonElement record) => AuditQueryCommand.Text(record, "time");

    /// <summary>What agents named themselves could hold sequences that a terminal obeys.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
