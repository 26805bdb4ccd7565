using System.CommandLine;
using System.Globalization;
using McpServerless.Cli.Commands.Access;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov rollback [NUMBER]</c>: makes an older catalogue version the active one again.</summary>
internal static class RollbackCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("rollback", "Makes a catalogue version that was active once the active one again. Clients and grants stay as they are.");
        var number = new Argument<long?>("NUMBER") { Description = "The version's number; the one before the active one by default.", Arity = ArgumentArity.ZeroOrOne };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would change, and writes nothing." };
        var reason = new Option<string?>("--reason") { Description = "Why; kept in the ledger. Needed through the gateway." };
        command.Add(number);
        command.Add(dryRun);
        command.Add(reason);
        command.SetAction(async (result, ct) =>
        {
            using var gateway = context.Gateway.Open(result);
            if (gateway is not null) return await ThroughAsync(gateway, result, ct);
            await using var stores = context.OpenStores(result);
            if (await stores.Catalogues.ReadActiveAsync(ct) is not { } active) return Fail("no catalogue has been applied yet");
            var numbers = await stores.History.ReadNumbersAsync(ct);
            var wanted = result.GetValue(number) ?? numbers.FirstOrDefault(n => n < active.Number);
            if (wanted == active.Number) return Fail(string.Create(CultureInfo.InvariantCulture, $"catalogue version {wanted} is active already"));
            if (await stores.History.ReadAsync(wanted, ct) is not { } version) return Fail($"there is no such version; there are {string.Join(", ", numbers)}");

            var changes = CatalogueComparison.Compare(active, version);
            if (!context.WantsJson(result)) ChangeOutput.WriteTable(context.Out, changes);
            if (!result.GetValue(dryRun))
            {
                if (!await stores.History.SwitchBackAsync(wanted, active.Number, ct)) return Fail($"somebody else published since version {active.Number} was read; nothing was changed");
                await stores.Access.BumpEpochAsync(ct);
            }

            var outcome = result.GetValue(dryRun) ? "planned" : "applied";
            if (context.WantsJson(result))
            {
                JsonOutput.Write(context.Out, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("outcome"u8, outcome);
                    writer.WriteNumber("catalogueVersion"u8, wanted);
                    writer.WritePropertyName("changes"u8);
                    ChangeOutput.WriteList(writer, changes);
                    writer.WriteEndObject();
                });
            }
            else
            {
                context.Out.WriteLine($"{(outcome == "planned" ? "Would make" : "Made")} catalogue version {wanted} the active one; {ChangeOutput.Summary(changes)}");
            }

            return ExitCode.Ok;
        });
        return command;

        async Task<int> ThroughAsync(GatewayClient gateway, ParseResult result, CancellationToken ct)
        {
            if (result.GetValue(dryRun)) throw new UsageException("--dry-run compares at the storage account; leave --gateway out");
            var why = result.GetValue(reason) ?? throw new UsageException("--reason says why, for the ledger");
            var active = await gateway.SendAsync(new GatewayCall("GET", "catalogue"), ct);
            if (!active.Succeeded) return ChangeAction.Report(context, result, active, () => "");
            var wanted = result.GetValue(number) ?? active.Body.GetProperty("number").GetInt64() - 1;
            var call = GatewayCall.Post(string.Create(CultureInfo.InvariantCulture, $"catalogue/versions/{wanted}/activate"), ("reason", why)) with { IfMatch = active.ETag };
            return ChangeAction.Report(context, result, await gateway.SendAsync(call, ct), () => $"Made catalogue version {wanted} the active one.");
        }

        int Fail(string message)
        {
            context.Error.WriteLine($"mcpgov: {message}");
            return ExitCode.Findings;
        }
    }
}
