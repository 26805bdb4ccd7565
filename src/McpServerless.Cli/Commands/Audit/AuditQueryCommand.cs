using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit query</c>: the records that answer a question, as they are read.</summary>
internal static class AuditQueryCommand
{
    private static readonly string[] Columns =
        ["time", "clientId", "userId", "server", "method", "tool", "prompt", "resource", "decision", "refusalCode", "durationMicroseconds", "requestId", "traceId", "recordId"];

    public static Command Create(CommandContext context)
    {
        var command = new Command("query", "Finds records. With --client one partition is read for each day; with --tool, --session, --trace or --request what the index names. As JSON, one record a line, as it was written.");
        var days = new DayRange();
        var filter = new RecordFilter();
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values (RFC 4180) instead of a table." };
        var limit = new Option<int>("--limit") { Description = "At most so many records.", DefaultValueFactory = _ => 1000 };
        var intents = new Option<bool>("--intents") { Description = "Also the intents, which strict tools record before a call is forwarded." };
        limit.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && int.TryParse(token.Value, out var number) && number < 1) option.AddError("--limit: write a number from 1 on.");
        });
        days.AddTo(command);
        filter.AddTo(command);
        command.Add(csv);
        command.Add(limit);
        command.Add(intents);
        command.SetAction(async (result, ct) =>
        {
            var (from, to) = days.Of(result, context.Time);
            var most = result.GetValue(limit);
            using var gateway = context.Gateway.Open(result);
            await using var stores = gateway is null ? context.OpenStores(result) : null;
            var records = gateway is not null
                ? GatewayPages.ReadAsync(gateway, "audit/records", filter.Parameters(result, from, to).Append(new("intents", result.GetValue(intents) ? "true" : "false")), Math.Min(most, 200), ct)
                : stores!.Search.FindAsync(filter.Of(result, from, to) with { WithIntents = result.GetValue(intents) }, after: null, new LookedAt(context.Progress("query")), ct).Select(f => f.Root); // opened without a gateway
            var shown = await WriteAsync(context, records, most, context.WantsJson(result), result.GetValue(csv), ct);
            if (shown == most) await context.Error.WriteLineAsync($"query: the first {most} records; there may be more (--limit)");
            return ExitCode.Ok;
        });
        return command;
    }

    public static string Text(JsonElement record, string name) =>
        !record.TryGetProperty(name, out var value) ? "" : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>Says how many records were looked at.</summary>
    private sealed class LookedAt(IProgress<string> lines) : IProgress<long>
    {
        public void Report(long value) => lines.Report(string.Create(CultureInfo.InvariantCulture, $"read {value} records"));
    }

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
