using System.CommandLine;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Commands.Contracts;
using McpServerless.Cli.Output;
using McpServerless.Contracts.Impact;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov plan FOLDER</c>: what an apply would change, and whom it would break.</summary>
internal static class PlanCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("plan", "Says what an apply of a folder would change, and writes nothing. Exit code 1 when it breaks callers, or may, or has errors.");
        var folder = new FolderArguments();
        folder.AddTo(command);
        var prune = new Option<bool>("--prune") { Description = "As for apply." };
        var team = new Option<string?>("--team") { Description = "The team that would apply." };
        var usage = new UsageOption();
        command.Add(prune);
        command.Add(team);
        usage.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            var loaded = await folder.LoadAsync(result, context, ct);
            if (loaded.Content is not { } content)
            {
                Findings.Write(context.Error, loaded.Findings);
                return ExitCode.Findings;
            }

            await using var stores = context.OpenStores(result);
            var plan = await new CataloguePublisher(stores.Catalogues, stores.Access, stores.Editor, context.Time).PlanAsync(content, result.GetValue(prune), result.GetValue(team), ct);
            Findings.Write(context.Error, [.. loaded.Findings, .. plan.Findings]);
            var report = plan.NewVersion is { } after ? await usage.ReadAsync(result, context, () => stores, null, after, plan.ContractChanges, ct) : null;
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, writer => ChangeOutput.WriteJson(writer, plan.ContractChanges, report));
            else Write(context.Out, plan, report);
            return plan.HasErrors || plan.NeedsApproval ? ExitCode.Findings : ExitCode.Ok;
        });
        return command;
    }

    private static void Write(TextWriter output, ApplyPlan plan, UsageReport? report)
    {
        ChangeOutput.WriteTable(output, plan.ContractChanges);
        if (report is not null) UsageOutput.WriteTable(output, report);
        var counts = string.Join(", ", plan.Changes.CountBy(c => c.Action).OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key.ToString().ToLowerInvariant()}"));
        output.WriteLine($"Against catalogue version {plan.ActiveVersion}: {counts}. For callers: {ChangeOutput.Summary(plan.ContractChanges)}");
    }
}
