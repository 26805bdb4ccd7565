using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using McpServerless.Audit.Queries;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit follow</c>: records as they are written, until Ctrl-C.</summary>
internal static class AuditFollowCommand
{
    /// <summary>A store that is lost is asked less often, but never given up.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public static Command Create(CommandContext context)
    {
        var command = new Command("follow", "Shows records as they are written, until Ctrl-C. With --client within seconds; of all clients when the instance has written its index (Audit:IndexSeconds). As JSON, one record a line, as it was written.");
        var filter = new RecordFilter();
        var intents = new Option<bool>("--intents") { Description = "Also the intents, which strict tools record before a call is forwarded." };
        var every = new Option<int>("--every") { Description = "Seconds between two looks, 1 to 60.", DefaultValueFactory = _ => 2 };
        var length = new Option<int?>("--for") { Description = "Ends after so many seconds." };
        filter.AddTo(command);
        foreach (var option in (Option[])[intents, every, length]) command.Add(option);
        command.SetAction(async (result, ct) =>
        {
            var pause = result.GetValue(every) is >= 1 and <= 60 and var seconds ? TimeSpan.FromSeconds(seconds) : throw new UsageException("--every is 1 to 60");
            if (result.GetValue(length) is < 1) throw new UsageException("--for is a number of seconds from 1 on");
            await using var stores = context.OpenStores(result);
            var index = stores.AuditIndex ?? throw new UsageException("this store has no index to follow");
            var today = DateOnly.FromDateTime(context.Time.GetUtcNow().UtcDateTime);
            var tail = new AuditTail(stores.Audit, index, filter.Of(result, today, today) with { WithIntents = result.GetValue(intents) }, context.Time);
            using var limit = new CancellationTokenSource(result.GetValue(length) is { } most ? TimeSpan.FromSeconds(most) : Timeout.InfiniteTimeSpan, context.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
            var shown = await FollowAsync(context, tail, pause, context.WantsJson(result), either.Token);
            await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"follow: ended after {shown} record(s)"));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Until it is cancelled, which is its ordinary end.</summary>
    private static async Task<long> FollowAsync(CommandContext context, AuditTail tail, TimeSpan every, bool asJson, CancellationToken ct)
    {
        var shown = 0L;
        var pause = every;
        try
        {
            while (true)
            {
                try
                {
                    var look = await tail.LookAsync(ct);
                    if (pause > every) await context.Error.WriteLineAsync("follow: the ledger can be read again; nothing was passed over");
                    pause = every;
                    foreach (var record in look.Records) await context.Out.WriteLineAsync(asJson ? record.Root.GetRawText() : Line(record.Root));
                    if (look.Records.Count > 0) await context.Out.FlushAsync(ct);
                    shown += look.Records.Count;
                    if (look.HasMore) continue;
                }
                catch (StoreUnavailableException e)
                {
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause + every;
                    await context.Error.WriteLineAsync($"follow: {e.Message} Trying again in {pause.TotalSeconds:0} s");
                }

                await Task.Delay(pause, context.Time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return shown;
        }
    }

    /// <summary>What was asked for stands last, since it may be long.</summary>
    private static string Line(JsonElement record)
    {
        var time = AuditQueryCommand.Text(record, "time");
        var client = AuditQueryCommand.Text(record, "clientId") is { Length: > 0 } id ? id : "(no valid token)";
        var decision = AuditQueryCommand.Text(record, "event") == "intent" ? "intent" : AuditQueryCommand.Text(record, "decision");
        var refusal = AuditQueryCommand.Text(record, "refusalCode") is { Length: > 0 } code ? $" ({code})" : "";
        return TableWriter.Printable($"{time}  {client,-36}  {decision,-8}  {AuditQueryCommand.Text(record, "server")}  {AuditQueryCommand.Subject(record)}{refusal}");
    }
}
