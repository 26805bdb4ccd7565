using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov audit list</c>: what happened on a day, oldest first.</summary>
internal static class AuditListCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("list", "Lists the records of a day, oldest first. As JSON, the records as they were written.");
        var day = new Option<string?>("--day") { Description = "The UTC day, yyyy-MM-dd. Today by default.", HelpName = "yyyy-MM-dd" };
        var client = new Option<string?>("--client") { Description = "Only this application (client) id; anonymous for callers without a valid token, gateway for what the gateway says of itself." };
        var last = new Option<int?>("--last") { Description = "Only the last N." };
        var intents = new Option<bool>("--intents") { Description = "Also the intents, which strict tools record before a call is forwarded." };
        day.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && !TryDay(token.Value, out _)) option.AddError($"--day {token.Value}: write a day as yyyy-MM-dd.");
        });
        last.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && int.TryParse(token.Value, out var number) && number < 1) option.AddError("--last: write a number from 1 on.");
        });
        command.Add(day);
        command.Add(client);
        command.Add(last);
        command.Add(intents);
        command.SetAction(async (result, ct) =>
        {
            var date = TryDay(result.GetValue(day), out var given) ? given : DateOnly.FromDateTime(context.Time.GetUtcNow().UtcDateTime);
            await using var stores = context.OpenStores(result);
            var records = await ReadAsync(stores, date, result.GetValue(client)?.ToLowerInvariant(), result.GetValue(intents), context, ct);
            var shown = result.GetValue(last) is { } count ? records.TakeLast(count).ToList() : records;
            if (context.WantsJson(result)) WriteJson(context.Out, shown);
            else WriteTable(context.Out, shown);
            return ExitCode.Ok;
        });
        return command;
    }

    private static bool TryDay(string? text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    private static async Task<List<JsonElement>> ReadAsync(
        GovernanceStores stores,
        DateOnly date,
        string? client,
        bool withIntents,
        CommandContext context,
        CancellationToken ct)
    {
        var day = date.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        // What the gateway says of itself is asked for by its name.
        var clients = client is not null ? [client] : await stores.Audit.ReadClientsAsync(day, ct).Where(c => c != AuditRecord.Gateway).ToListAsync(ct);
        var progress = context.Progress("audit");
        var records = new List<JsonElement>();
        foreach (var id in clients)
        {
            await foreach (var segment in stores.Audit.ReadAsync(day, id, ct))
            {
                foreach (var (_, json, _) in segment.Lines.Where(l => l.IsRecord))
                {
                    using var document = JsonDocument.Parse(json);
                    if (!withIntents && Text(document.RootElement, "event") == "intent") continue;
                    records.Add(document.RootElement.Clone());
                    if (records.Count % 10_000 == 0) progress.Report($"Read {records.Count} records");
                }
            }
        }

        // The text of a time sorts as the time does; one writer's records keep their order.
        return [.. records.OrderBy(r => Text(r, "time"), StringComparer.Ordinal).ThenBy(r => Text(r, "writer"), StringComparer.Ordinal).ThenBy(r => Number(r, "sequence"))];
    }

    private static void WriteJson(TextWriter output, List<JsonElement> records) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartArray();
        foreach (var record in records) record.WriteTo(writer);
        writer.WriteEndArray();
    });

    private static void WriteTable(TextWriter output, List<JsonElement> records) =>
        TableWriter.Write(output, ["Time", "Client", "Server", "Tool", "Decision", "Refusal", "Duration"], records.Select(r => new[]
        {
            Time(r),
            Text(r, "clientId") ?? "(no valid token)",
            Text(r, "server") ?? "",
            Text(r, "tool") ?? (Text(r, "method") is { } method ? $"({method})" : ""),
            Text(r, "event") == "intent" ? "intent" : Text(r, "decision") ?? "",
            Text(r, "refusalCode") ?? "",
            Number(r, "durationMicroseconds") is { } duration ? string.Create(CultureInfo.InvariantCulture, $"{duration / 1000.0:0.0} ms") : "",
        }));

    /// <summary>To the millisecond, without the date, which the command named.</summary>
    private static string Time(JsonElement record) => Text(record, "time") is { Length: > 23 } time ? time[11..23] : "";

    private static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;
}
