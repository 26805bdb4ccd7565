using System.CommandLine;
using McpServerless.Cli.Commands.Contracts;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Comparing;
using McpServerless.Contracts.Impact;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov diff A B</c>: what changed between two sets of contracts, and whom it breaks.</summary>
internal static class DiffCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("diff", "Compares two sets of contracts: exit code 0 when nothing breaks, 1 when something does or may, 2 when it could not be told.");
        var before = new Argument<string>("BEFORE") { Description = "What was: " + ContractSource.Forms };
        var after = new Argument<string>("AFTER") { Description = "What is: the same." };
        var upstream = new Option<string?>("--upstream") { Description = "Compares the tools of this upstream alone. Needed beside the URL of an MCP server." };
        var format = new Option<string?>("--format") { Description = "How the result is written: table, json, markdown or sarif (2.1.0). Goes before --output." };
        format.AcceptOnlyFromAmong("table", "json", "markdown", "sarif");
        command.Add(before);
        command.Add(after);
        command.Add(upstream);
        command.Add(format);
        var usage = new UsageOption();
        usage.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            GovernanceStores? opened = null;
            try
            {
                var name = result.GetValue(upstream);
                var old = await ContractSource.OpenAsync(result.GetRequiredValue(before), name, Stores, context, ct);
                var now = await ContractSource.OpenAsync(result.GetRequiredValue(after), name, Stores, context, ct);
                var changes = Compare(old, now, name);
                var report = await usage.ReadAsync(result, context, Stores, null, now.Catalogue, changes, ct);
                Write(context, result.GetValue(format) ?? (context.WantsJson(result) ? "json" : "table"), changes, old, now, report);
                return changes.Any(c => c.NeedsApproval) ? ExitCode.Findings : ExitCode.Ok;
            }
            finally
            {
                if (opened is not null) await opened.DisposeAsync();
            }

            GovernanceStores Stores() => opened ??= context.OpenStores(result);
        });
        return command;
    }

    /// <summary>Where one side is a live upstream, only its definitions can be compared.</summary>
    private static IReadOnlyList<ContractChange> Compare(ContractSource old, ContractSource now, string? upstream)
    {
        var only = upstream ?? old.OneUpstream ?? now.OneUpstream;
        if (only is null) return CatalogueComparison.Compare(old.Catalogue, now.Catalogue);
        return CatalogueComparison.CompareDefinitions([.. old.Catalogue.Tools.Where(t => t.Upstream == only)], [.. now.Catalogue.Tools.Where(t => t.Upstream == only)]);
    }

    private static void Write(CommandContext context, string format, IReadOnlyList<ContractChange> changes, ContractSource old, ContractSource now, UsageReport? report)
    {
        switch (format)
        {
            case "json":
                JsonOutput.Write(context.Out, writer => ChangeOutput.WriteJson(writer, changes, report));
                break;
            case "sarif":
                JsonOutput.Write(context.Out, writer => SarifOutput.Write(writer, changes, c => now.PlaceOf(c.Subject, c.Pointer) ?? old.PlaceOf(c.Subject, c.Pointer)));
                break;
            case "markdown":
                ChangeOutput.WriteMarkdown(context.Out, changes, old.Label, now.Label);
                if (report is not null) context.Out.WriteLine($"\n{UsageOutput.Summary(report)}");
                break;
            default:
                ChangeOutput.WriteTable(context.Out, changes);
                if (report is not null) UsageOutput.WriteTable(context.Out, report);
                context.Out.WriteLine(ChangeOutput.Summary(changes));
                break;
        }
    }
}
