using System.CommandLine;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Files;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Commands.Access;
using McpServerless.Cli.Output;
using ChangeAction = McpServerless.Catalogue.Publishing.ChangeAction;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov apply FOLDER</c>: publishes what a folder of files says.</summary>
internal static class ApplyCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("apply", "Publishes a folder of catalogue files. Nothing is applied when one of them has an error.");
        var folder = new FolderArguments();
        folder.AddTo(command);
        var prune = new Option<bool>("--prune") { Description = "Also removes what is published and not in the folder: upstreams, tools, prompts, resources, servers, and grants of the folder's clients." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would change, and writes nothing." };
        var team = new Option<string?>("--team") { Description = "The team that applies. It changes only the tools that it owns." };
        var accept = new Option<string?>("--accept-breaking") { Description = "Why it is right that callers may break. Kept with the version. Without it, such changes are not applied.", HelpName = "REASON" };
        accept.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && token.Value.Trim().Length < 8) option.AddError("--accept-breaking: say why, in at least 8 characters.");
        });
        var by = new Operator(context);
        by.AddNameTo(command);
        command.Add(team);
        command.Add(accept);
        command.Add(prune);
        command.Add(dryRun);
        command.SetAction(async (result, ct) =>
        {
            var loaded = await folder.LoadAsync(result, context, ct);
            var run = new Run(context, context.WantsJson(result), result.GetValue(dryRun), result.GetValue(accept));
            if (loaded.Content is not { } content) return run.End("findings", null, [], loaded.Findings, ExitCode.Findings);

            await using var stores = context.OpenStores(result);
            var publisher = new CataloguePublisher(stores.Catalogues, stores.Access, stores.Editor, context.Time);
            run.Progress.Report("Comparing with what is published");
            run.Records = () => ChangeSession.OpenAsync(stores, context.Time, ct);
            run.By = by.Of(result).Name;
            return await run.ApplyAsync(publisher, await publisher.PlanAsync(content, result.GetValue(prune), result.GetValue(team), ct), loaded.Findings, ct);
        });
        return command;
    }

    private sealed class Run(CommandContext context, bool json, bool dryRun, string? accepted)
    {
        public IProgress<string> Progress { get; } = context.Progress("apply");

        /// <summary>Opens the ledger for what is about to change.</summary>
        public Func<Task<ChangeSession>> Records { get; set; } = () => throw new InvalidOperationException("The ledger was not named.");

        public string By { get; set; } = "";

        private string Reason => accepted ?? "The files say so.";

        public async Task<int> ApplyAsync(CataloguePublisher publisher, ApplyPlan plan, IReadOnlyList<CatalogueFinding> fileFindings, CancellationToken ct)
        {
            CatalogueFinding[] findings = [.. fileFindings, .. plan.Findings];
            if (plan.HasErrors) return End("findings", plan.ActiveVersion, [], findings, ExitCode.Findings);
            if (!json) ChangeOutput.WriteTable(context.Out, plan.ContractChanges);
            if (dryRun) return End("planned", plan.ActiveVersion, plan.Changes, findings, ExitCode.Ok);
            if (plan.NeedsApproval && accepted is null) return End("breaking", plan.ActiveVersion, plan.Changes, findings, ExitCode.Findings);
            ApplyResult? applied = null;
            if (plan.ChangesAnything)
            {
                await using var session = await Records();
                var met = await session.Records.AroundAsync(
                    new ChangeSubject("catalogueApplied", By, Reason),
                    null,
                    CatalogueChange.Of(plan, accepted),
                    GovernanceJson.Default.CatalogueChange,
                    async token => (applied = await publisher.ApplyAsync(plan, accepted, new ApplyJournal(session.Records, By, Reason), Progress, token)).Number is not null,
                    ct);
                if (met is { Problem: ChangeProblem.NotRecorded, Message: var message })
                {
                    await context.Error.WriteLineAsync($"mcpgov: {message}");
                    return ExitCode.UsageOrOutage;
                }
            }

            var (number, conflicts) = applied ?? await publisher.ApplyAsync(plan, accepted, null, Progress, ct);
            if (number is null) return End("conflict", plan.ActiveVersion, [], findings, ExitCode.Findings);
            if (conflicts.Count == 0) return End(plan.ChangesAnything ? "applied" : "unchanged", number, plan.Changes, findings, ExitCode.Ok);
            foreach (var conflict in conflicts) context.Error.WriteLine($"mcpgov: {conflict} was changed by somebody else meanwhile and is as they left it. Look at it, and apply again.");
            return End("partly", number, [.. plan.Changes.Where(c => !conflicts.Contains($"{c.Kind} {c.Name}"))], findings, ExitCode.Findings);
        }

        public int End(string outcome, long? version, IReadOnlyList<PlannedChange> changes, IReadOnlyList<CatalogueFinding> findings, int exit)
        {
            if (json)
            {
                JsonOutput.Write(context.Out, new ApplyOutput(outcome, version, [.. changes.Select(c => new AppliedOutput(Word(c.Action), c.Kind, c.Name))], Findings.ForJson(findings)), CliJson.Default.ApplyOutput);
                return exit;
            }

            Findings.Write(context.Error, findings);
            var shown = changes.Where(c => c.Action != ChangeAction.Unchanged).ToList();
            if (shown.Count > 0) TableWriter.Write(context.Out, ["Change", "Kind", "Name"], shown.Select(c => new[] { Word(c.Action), c.Kind, c.Name }));
            var counts = string.Join(", ", changes.GroupBy(c => c.Action).OrderBy(g => g.Key).Select(g => $"{g.Count()} {Word(g.Key)}"));
            var line = outcome switch
            {
                "applied" => $"Applied: catalogue version {version} is active; {counts}.",
                "partly" => $"Applied in part: catalogue version {version} is active; {counts}.",
                "unchanged" => $"Nothing to change: catalogue version {version} is active; {counts}.",
                "planned" => $"Would apply: catalogue version {version} is active now; {counts}.",
                _ => null,
            };
            if (line is not null) context.Out.WriteLine(line);
            if (outcome == "conflict") context.Error.WriteLine($"mcpgov: somebody else published since version {version} was read; nothing was changed. Look at what they published, and apply again.");
            if (outcome == "breaking") context.Error.WriteLine("mcpgov: nothing was applied: changes break callers, or may. Look at them above, and apply with --accept-breaking REASON if they are right.");
            if (outcome == "findings") context.Error.WriteLine("mcpgov: nothing was applied");
            return exit;
        }

        private static string Word(ChangeAction action) => action switch
        {
            ChangeAction.Added => "added",
            ChangeAction.Changed => "changed",
            ChangeAction.Removed => "removed",
            ChangeAction.Kept => "kept",
            _ => "unchanged",
        };
    }
}
