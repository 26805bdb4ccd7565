using System.CommandLine;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Cli.Commands.Access;
using McpServerless.Cli.Commands.Contracts;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Impact;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov client set-model ID MODEL</c>: another model works for a client from now on.</summary>
internal static class ClientSetModelCommand
{
    private const int DefaultDays = 30;

    public static Command Create(CommandContext context)
    {
        var command = new Command("set-model", "Registers another model for a client. Before that, it replays what the ledger has of the client: shapes of its calls against the contracts of now, and what was refused. That is what another model has to get right as well.");
        var id = new Argument<string>("ID") { Description = "The application (client) id." };
        var model = new Argument<string>("MODEL") { Description = "The id of the model, 1 to 128 characters." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would break, and writes nothing." };
        var days = new Option<int>("--days") { Description = "How many days are replayed, 1 to 400.", DefaultValueFactory = _ => DefaultDays };
        var by = new Option<string?>("--by") { Description = "Who changes it. Kept in the ledger; needed without --dry-run." };
        var reason = new Option<string?>("--reason") { Description = "Why; kept in the ledger. Needed through the gateway, which replays nothing: look with --dry-run at the storage account first." };
        days.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && int.TryParse(token.Value, out var number) && number is < 1 or > 400) option.AddError("--days: write 1 to 400.");
        });
        foreach (var symbol in new Symbol[] { id, model, dryRun, days, by, reason })
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }

        command.SetAction(async (result, ct) =>
        {
            var (clientId, wanted, only) = (result.GetRequiredValue(id).ToLowerInvariant(), result.GetRequiredValue(model).Trim(), result.GetValue(dryRun));
            if (wanted.Length is 0 or > 128) throw new UsageException("MODEL has 1 to 128 characters");
            using var gateway = only ? null : context.Gateway.Open(result);
            if (gateway is not null)
            {
                if (result.GetValue(by) is not null) throw new UsageException("through the gateway your token says who you are: leave --by out");
                var why = result.GetValue(reason) ?? throw new UsageException("--reason says why, for the ledger");
                var call = GatewayCall.Put($"clients/{GatewayCall.Segment(clientId)}/model", ("modelId", wanted), ("reason", why)) with { IfMatch = "*" };
                return ChangeAction.Report(context, result, await gateway.SendAsync(call, ct), () => $"Registered {TableWriter.Printable(wanted)} for {clientId}.");
            }

            if (!only && string.IsNullOrWhiteSpace(result.GetValue(by))) throw new UsageException("--by says who changes it");
            await using var stores = context.OpenStores(result);
            if (await stores.Clients.ReadClientsAsync(ct).FirstOrDefaultAsync(c => c.ClientId == clientId, ct) is not { } client)
            {
                context.Error.WriteLine($"mcpgov: no client {clientId} is registered");
                return ExitCode.Findings;
            }

            if (await stores.Catalogues.ReadActiveAsync(ct) is not { } active)
            {
                context.Error.WriteLine("mcpgov: no catalogue has been applied yet");
                return ExitCode.Findings;
            }

            var report = await ReplayAsync(stores, active, client, UsageOption.Range(context.Time, result.GetValue(days)), ct);
            if (!only && !await ChangeAsync(stores, context.Time, client, wanted, result.GetValue(by)!, ct)) // asked for above
            {
                context.Error.WriteLine("mcpgov: the ledger cannot be written, so nothing was changed");
                return ExitCode.Findings;
            }

            Write(context, context.WantsJson(result), report, client, wanted, only);
            return report.Uses.Any(u => u.NoLongerValid > 0) ? ExitCode.Findings : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The client's calls against what is served to it now: a tool that is retired or ended refuses all of them.</summary>
    private static Task<UsageReport> ReplayAsync(GovernanceStores stores, CatalogueVersion active, Client client, (DateOnly From, DateOnly To) range, CancellationToken ct)
    {
        var schemas = active.Tools.ToDictionary(
            t => $"{t.Upstream}/{t.Name}",
            t => t.State is ToolState.Retired or ToolState.Quarantined ? (JsonElement?)null : t.Definition.GetProperty("inputSchema"),
            StringComparer.Ordinal);
        return new UsageSurvey(active, schemas).ReadAsync(stores.Audit, range.From, range.To, client.ClientId, ct);
    }

    private static async Task<bool> ChangeAsync(GovernanceStores stores, TimeProvider time, Client client, string model, string by, CancellationToken ct)
    {
        if (client.ModelId == model) return true;
        var record = AuditRecords.OfGateway(AuditEvent.Administration, time.GetUtcNow()) with
        {
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteString("after"u8, model);
                if (client.ModelId is not null) json.WriteString("before"u8, client.ModelId);
                json.WriteString("by"u8, by.Trim());
                json.WriteString("client"u8, client.ClientId);
                json.WriteString("happening"u8, "clientModelChanged"u8);
            }),
        };
        if (!await OperatorLedger.AppendAsync(stores.Audit, time, record, ct)) return false;
        await stores.Access.SaveClientAsync(client with { ModelId = model }, ct);
        await stores.Access.BumpEpochAsync(ct);
        return true;
    }

    private static void Write(CommandContext context, bool json, UsageReport report, Client client, string model, bool dryRun)
    {
        if (json)
        {
            JsonOutput.Write(context.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("outcome"u8, dryRun ? "planned" : "changed");
                if (client.ModelId is not null) writer.WriteString("before"u8, client.ModelId);
                writer.WriteString("after"u8, model);
                writer.WritePropertyName("replay"u8);
                UsageOutput.WriteJson(writer, report);
                writer.WriteEndObject();
            });
            return;
        }

        UsageOutput.WriteTable(context.Out, report);
        var refused = report.Uses.Sum(u => u.Refused.GetValueOrDefault("arguments_invalid"));
        if (refused > 0) context.Out.WriteLine($"{refused} call(s) were refused for their arguments with {client.ModelId ?? "the model so far"}: look at the descriptions of these tools before another model reads them.");
        context.Out.WriteLine($"{(dryRun ? "Would register" : "Registered")} {TableWriter.Printable(model)} for {client.ClientId}, which had {client.ModelId ?? "none"}.");
    }
}
