using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using McpServerless.Audit;
using McpServerless.Audit.Checkpoints;
using McpServerless.Audit.Export;
using McpServerless.Audit.Verification;
using McpServerless.Azure.Audit;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit verify</c>: whether the ledger is what was written.</summary>
internal static class AuditVerifyCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("verify", "Verifies every record, chain, end, checkpoint and signature of some days, and names the first bad record.");
        var days = new DayRange();
        var export = new Option<string?>("--export") { Description = "Verify this export (mcpgov audit export) instead of the storage account." };
        var checkpoints = new Option<string?>("--checkpoints") { Description = "Where checkpoints are: the address of a blob container, or a folder. An export has its own." };
        var keys = new Option<string[]>("--public-key") { Description = "PEM file of a public key that may sign checkpoints. Without one, the keys beside the checkpoints are taken, which proves less." };
        days.AddTo(command);
        command.Add(export);
        command.Add(checkpoints);
        command.Add(keys);
        command.SetAction(async (result, ct) =>
        {
            var (from, to) = days.Of(result, context.Time);
            if (result.GetValue(export) is { } file)
            {
                using var ledger = OpenExport(file);
                return await VerifyAsync(context, result, ledger, ledger, result.GetValue(keys), from, to, ct, ledger.ClientId);
            }

            await using var stores = context.OpenStores(result);
            var place = result.GetValue(checkpoints) is { } where ? CheckpointPlace.Open(where) : null;
            return await VerifyAsync(context, result, stores.Audit, place, result.GetValue(keys), from, to, ct);
        });
        return command;
    }

    private static ExportedLedger OpenExport(string file)
    {
        try
        {
            return new ExportedLedger(File.OpenRead(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new UsageException($"{file} cannot be read as an export: {e.Message}");
        }
    }

    private static async Task<int> VerifyAsync(
        CommandContext context, ParseResult result, IAuditReader audit, ICheckpointReader? checkpoints, string[]? keyFiles, DateOnly from, DateOnly to, CancellationToken ct, string? onlyClient = null)
    {
        var keys = await KeysAsync(context, checkpoints, keyFiles, ct);
        try
        {
            var began = context.Time.GetTimestamp();
            var progress = new Throughput(context, began);
            var report = await new LedgerVerifier(audit, checkpoints, keys, progress, onlyClient).VerifyAsync(from, to, ct);
            if (context.WantsJson(result)) WriteJson(context.Out, report);
            else WriteText(context, report, checkpoints is not null);
            if (onlyClient is not null) await context.Error.WriteLineAsync($"verify: only records of client {onlyClient} and of the gateway itself are in the export; nothing is said of others");
            return report.Alarms == 0 ? ExitCode.Ok : ExitCode.Findings;
        }
        finally
        {
            foreach (var key in keys.Values) key.Dispose();
        }
    }

    private static async Task<Dictionary<string, ECDsa>> KeysAsync(CommandContext context, ICheckpointReader? checkpoints, string[]? files, CancellationToken ct)
    {
        try
        {
            if (files is { Length: > 0 }) return CheckpointKeys.Import(files.Select(File.ReadAllText));
            if (checkpoints is null) return [];
            var keys = CheckpointKeys.Import(await checkpoints.ReadKeysAsync(ct));
            foreach (var id in keys.Keys) await context.Error.WriteLineAsync($"verify: taking the key {id} from beside the checkpoints; compare it with the one that was handed to you, or give it with --public-key");
            return keys;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"a public key cannot be read: {e.Message}");
        }
    }

    private static void WriteText(CommandContext context, LedgerReport report, bool withCheckpoints)
    {
        foreach (var finding in report.Findings) context.Error.WriteLine(finding.ToString());
        context.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.FromDay} to {report.ToDay}: {report.Records} records in {report.Chains} chains, {report.HeadsCompared} stated ends, {report.Checkpoints} checkpoints, {report.Alarms} alarm(s), {report.Findings.Count(f => !f.IsAlarm)} notice(s)"));
        if (report.Purged > 0) context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Purged} more were purged by policy; tombstones stand for them, and purge records for these."));
        if (!withCheckpoints) context.Out.WriteLine("No checkpoints were given (--checkpoints): whoever can write to every chain could have made them anew.");
        else if (report.LastCheckpoint is { } number) context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Signed up to checkpoint {number} of {report.LastCheckpointTime:yyyy-MM-dd HH:mm:ss}Z"));
        if (report.FirstAlarm is { } first) context.Out.WriteLine($"First: {first}");
    }

    private static void WriteJson(TextWriter output, LedgerReport report) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("from", report.FromDay);
        json.WriteString("to", report.ToDay);
        json.WriteNumber("records", report.Records);
        json.WriteNumber("purged", report.Purged);
        json.WriteNumber("chains", report.Chains);
        json.WriteNumber("headsCompared", report.HeadsCompared);
        json.WriteNumber("checkpoints", report.Checkpoints);
        if (report.LastCheckpoint is { } last) json.WriteNumber("lastCheckpoint", last);
        json.WriteNumber("alarms", report.Alarms);
        if (report.FirstAlarm is { } first) json.WriteString("firstAlarm", first.ToString());
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("rule", finding.Rule);
            json.WriteBoolean("alarm", finding.IsAlarm);
            json.WriteString("place", finding.Place.ToString());
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private sealed class Throughput(CommandContext context, long began) : IProgress<LedgerReport>
    {
        public void Report(LedgerReport value)
        {
            var seconds = Math.Max(context.Time.GetElapsedTime(began).TotalSeconds, 0.001);
            context.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"verify: {value.Records} records, {value.Bytes / 1048576.0:0.0} MiB, {value.Records / seconds:0} records/s"));
        }
    }
}
