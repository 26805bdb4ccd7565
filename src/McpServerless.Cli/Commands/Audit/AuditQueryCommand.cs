using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit query</c>: the records that answer a question, as they are read.</summary>
internal static class AuditQueryCommand
{
    private static readonly string[] Columns =
        ["time", "clientId", "userId", "server", "method", "tool", "prompt", "resource", "decision", "refusalCode", "durationMicroseconds", "requestId", "traceId", "recordId"];

    public static Command Create(CommandContext context)
    {
        var command = new Command("query", "Finds records. With --client one partition is read for each day. As JSON, one record a line, as it was written.");
        var days = new DayRange();
        var filter = new RecordFilter();
        var client = new Option<string?>("--client") { Description = "Only this application (client) id; anonymous for callers without a valid token, gateway for what the gateway says of itself." };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values (RFC 4180) instead of a table." };
        var limit = new Option<int>("--limit") { Description = "At most so many records.", DefaultValueFactory = _ => 1000 };
        var intents = new Option<bool>("--intents") { Description = "Also the intents, which strict tools record before a call is forwarded." };
        limit.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && int.TryParse(token.Value, out var number) && number < 1) option.AddError("--limit: write a number from 1 on.");
        });
        days.AddTo(command);
        command.Add(client);
        filter.AddTo(command);
        command.Add(csv);
        command.Add(limit);
        command.Add(intents);
        command.SetAction(async (result, ct) =>
        {
            var (from, to) = days.Of(result, context.Time);
            await using var stores = context.OpenStores(result);
            var wanted = filter.Of(result);
            var most = result.GetValue(limit);
            var records = FindAsync(stores.Audit, from, to, result.GetValue(client)?.ToLowerInvariant(), wanted, result.GetValue(intents), context.Progress("query"), ct);
            var shown = await WriteAsync(context, records, most, context.WantsJson(result), result.GetValue(csv), ct);
            if (shown == most) await context.Error.WriteLineAsync($"query: the first {most} records; there may be more (--limit)");
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Day by day and client by client, without holding more than a segment.</summary>
    public static async IAsyncEnumerable<JsonElement> FindAsync(
        IAuditReader audit,
        DateOnly from,
        DateOnly to,
        string? client,
        Func<JsonElement, bool> wanted,
        bool withIntents,
        IProgress<string> progress,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var read = 0L;
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            var name = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
            var clients = client is not null ? [client] : await audit.ReadClientsAsync(name, ct).Where(c => c != AuditRecord.Gateway).ToListAsync(ct);
            foreach (var id in clients)
            {
                await foreach (var segment in audit.ReadAsync(name, id, ct))
                {
                    foreach (var json in segment.Records)
                    {
                        if (++read % 50_000 == 0) progress.Report(string.Create(CultureInfo.InvariantCulture, $"read {read} records"));
                        using var document = JsonDocument.Parse(json);
                        if ((withIntents || !document.RootElement.GetProperty("event").ValueEquals("intent")) && wanted(document.RootElement)) yield return document.RootElement.Clone();
                    }
                }
            }
        }
    }

    public static string Text(JsonElement record, string name) =>
        !record.TryGetProperty(name, out var value) ? "" : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static async Task<int> WriteAsync(CommandContext context, IAsyncEnumerable<JsonElement> records, int most, bool asJson, bool asCsv, CancellationToken ct)
    {
        var shown = 0;
        var rows = new List<string[]>();
        if (asCsv) await context.Out.WriteLineAsync(string.Join(',', Columns));
        await foreach (var record in records.Take(most).WithCancellation(ct))
        {
            shown++;
            if (asJson) await context.Out.WriteLineAsync(record.GetRawText());
            else if (asCsv) await context.Out.WriteLineAsync(string.Join(',', Columns.Select(c => Csv(Text(record, c)))));
            else rows.Add(Row(record));
        }

        if (!asJson && !asCsv) TableWriter.Write(context.Out, ["Time", "Client", "User", "Server", "Subject", "Decision", "Refusal", "Request"], rows);
        return shown;
    }

    private static string[] Row(JsonElement record) =>
    [
        Text(record, "time"),
        Text(record, "clientId") is { Length: > 0 } id ? id : "(no valid token)",
        Text(record, "userId"),
        Text(record, "server"),
        Subject(record),
        Text(record, "event") == "intent" ? "intent" : Text(record, "decision"),
        Text(record, "refusalCode"),
        Text(record, "requestId"),
    ];

    /// <summary>What was asked for.</summary>
    public static string Subject(JsonElement record)
    {
        foreach (var name in (ReadOnlySpan<string>)["tool", "prompt", "resource"])
        {
            if (Text(record, name) is { Length: > 0 } subject) return subject;
        }

        return Text(record, "method") is { Length: > 0 } method ? $"({method})" : $"({Text(record, "event")})";
    }

    /// <summary>Quoted where it has to be; a leading sign that a spreadsheet would take for a formula is made harmless.</summary>
    private static string Csv(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
