using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using McpServerless.Access.Simulating;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Commands.Contracts;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov simulate FOLDER</c> or <c>FILE</c>: what an apply of the folder, or of one client or grant, would have done to the calls of the last days.</summary>
internal static class SimulateCommand
{
    private const int MaxDays = 400;

    public static Command Create(CommandContext context)
    {
        var command = new Command("simulate", "Replays the recorded calls of the last days against changed files: what would newly be refused or allowed, by client and tool. Writes nothing. Exit code 1 when calls would be refused, or it cannot be told whether.");
        var folder = new FolderArguments("Folder of catalogue files, read with the folders below it; or one file of a client or a grant.");
        folder.AddTo(command);
        var prune = new Option<bool>("--prune") { Description = "As for apply." };
        var days = new Option<int>("--days") { Description = $"How many days, today included; 1 to {MaxDays}.", DefaultValueFactory = _ => 7 };
        days.Validators.Add(option =>
        {
            if (option.GetValueOrDefault<int>() is < 1 or > MaxDays) option.AddError($"--days: write 1 to {MaxDays}.");
        });
        var client = new Option<string?>("--client") { Description = "Only calls of this client." };
        var most = new Option<int>("--max-records") { Description = "The most records that are read.", DefaultValueFactory = _ => 1_000_000 };
        var environment = new Option<string?>("--environment") { Description = "What the deployment is (Access:Environment)." };
        foreach (Option option in (Option[])[prune, days, client, most, environment]) command.Add(option);
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            if (await stores.Catalogues.ReadActiveAsync(ct) is not { } active) throw new UsageException("no catalogue has been applied yet, so nobody called anything");
            var before = await StateAsync(stores, active, ct);
            ReplayState after;
            if (File.Exists(folder.PathOf(result)))
            {
                after = AfterFile(before, folder.PathOf(result), context.Time.GetUtcNow());
            }
            else
            {
                var loaded = await folder.LoadAsync(result, context, ct);
                if (loaded.Content is not { } content)
                {
                    Findings.Write(context.Error, loaded.Findings);
                    return ExitCode.Findings;
                }

                var plan = await new CataloguePublisher(stores.Catalogues, stores.Access, stores.Editor, context.Time).PlanAsync(content, result.GetValue(prune), null, ct);
                Findings.Write(context.Error, [.. loaded.Findings, .. plan.Findings]);
                after = before.After(plan);
            }

            var (from, to) = UsageOption.Range(context.Time, result.GetValue(days));
            var report = await new CallReplay(stores.Search).RunAsync(
                before,
                after,
                result.GetValue(environment),
                from,
                to,
                result.GetValue(client)?.ToLowerInvariant(),
                result.GetValue(most),
                new ReadRecords(context.Progress("Reading the ledger")),
                ct);
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, writer => WriteJson(writer, report));
            else WriteTable(context.Out, report);
            return report.Groups.Any(g => g.Verdict != ReplayVerdict.NewlyAllowed) ? ExitCode.Findings : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The state with the client or the grant of one file.</summary>
    /// <exception cref="UsageException">The file says something else, or something wrong.</exception>
    private static ReplayState AfterFile(ReplayState before, string path, DateTimeOffset now)
    {
        var file = AccessFile.Read(path);
        switch (JsonMembers.Text(file, "kind"))
        {
            case "Client":
                var (client, faults) = DeclaredAccess.ReadClient(AccessFile.Text(file, "tenantId"), AccessFile.Text(file, "clientId"), AccessFile.Members(file, withState: true), now);
                if (client is null) throw new UsageException(string.Join("; ", faults));
                var says = JsonMembers.Text(file, "state") is not null;
                return before.With([says ? client : client with { State = before.Clients.FirstOrDefault(c => c.ClientId == client.ClientId)?.State ?? client.State }], [], []);
            case "Grant":
                var of = before.Clients.FirstOrDefault(c => string.Equals(c.ClientId, AccessFile.Text(file, "clientId"), StringComparison.OrdinalIgnoreCase)) ?? throw new UsageException($"no client {AccessFile.Text(file, "clientId")} is registered");
                var (grant, wrong) = DeclaredAccess.ReadGrant(of, AccessFile.Text(file, "server"), AccessFile.Text(file, "grantId"), AccessFile.Text(file, "approver"), AccessFile.Members(file), before.Catalogue, now);
                return grant is null ? throw new UsageException(string.Join("; ", wrong)) : before.With([], [grant], []);
            default:
                throw new UsageException($"{path} is no file of kind: Client or Grant; other kinds hang on each other, so name their folder");
        }
    }

    private static async Task<ReplayState> StateAsync(GovernanceStores stores, CatalogueVersion active, CancellationToken ct)
    {
        var clients = await stores.Clients.ReadClientsAsync(ct).ToListAsync(ct);
        return new ReplayState(active, clients, await stores.Reviewable.ReadGrantsAfterAsync("", ct).ToListAsync(ct));
    }

    private static void WriteTable(TextWriter output, ReplayReport report)
    {
        if (report.Groups.Count > 0)
        {
            TableWriter.Write(output, ["Would be", "Client", "Server", "Name", "Why", "Calls", "Last", "Record"], report.Groups.Select(g => new[]
            {
                Word(g.Verdict), g.ClientId, g.Server, g.Name, g.Code ?? g.HangsOn ?? "", g.Calls.ToString(CultureInfo.InvariantCulture), Moments.Minute(g.Last), g.Example,
            }));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Calls} calls from {report.From:yyyy-MM-dd} to {report.To:yyyy-MM-dd}: {Sum(report, ReplayVerdict.NewlyRefused)} newly refused, {Sum(report, ReplayVerdict.NewlyAllowed)} newly allowed, {Sum(report, ReplayVerdict.Untold)} cannot be told, {report.Same} as before."));
        if (!report.IsComplete) output.WriteLine("There are more records than --max-records; later ones were not read.");
    }

    private static void WriteJson(Utf8JsonWriter writer, ReplayReport report)
    {
        writer.WriteStartObject();
        writer.WriteString("from"u8, report.From.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        writer.WriteString("to"u8, report.To.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        writer.WriteNumber("calls"u8, report.Calls);
        writer.WriteNumber("same"u8, report.Same);
        writer.WriteBoolean("complete"u8, report.IsComplete);
        writer.WriteStartArray("groups"u8);
        foreach (var group in report.Groups)
        {
            writer.WriteStartObject();
            writer.WriteString("verdict"u8, group.Verdict switch { ReplayVerdict.NewlyRefused => "newlyRefused", ReplayVerdict.NewlyAllowed => "newlyAllowed", _ => "untold" });
            writer.WriteString("clientId"u8, group.ClientId);
            writer.WriteString("server"u8, group.Server);
            writer.WriteString("kind"u8, group.Kind);
            writer.WriteString("name"u8, group.Name);
            if (group.Code is { } code) writer.WriteString("code"u8, code);
            if (group.HangsOn is { } on) writer.WriteString("hangsOn"u8, on);
            writer.WriteNumber("calls"u8, group.Calls);
            writer.WriteString("last"u8, group.Last);
            writer.WriteString("recordId"u8, group.Example);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static int Sum(ReplayReport report, ReplayVerdict verdict) => report.Groups.Where(g => g.Verdict == verdict).Sum(g => g.Calls);

    private static string Word(ReplayVerdict verdict) => verdict switch { ReplayVerdict.NewlyRefused => "refused", ReplayVerdict.NewlyAllowed => "allowed", _ => "not told" };

    private sealed class ReadRecords(IProgress<string> lines) : IProgress<long>
    {
        public void Report(long value) => lines.Report(string.Create(CultureInfo.InvariantCulture, $"{value} records"));
    }
}
