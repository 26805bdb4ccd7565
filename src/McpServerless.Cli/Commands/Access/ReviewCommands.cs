using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using McpServerless.Access.Reviewing;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Cli.Views;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov review list|show|answer|report|open</c>: which grants are still needed.</summary>
internal static class ReviewCommands
{
    public static Command Create(CommandContext context) => new("review", "Access reviews: which grants are still needed.")
    {
        List(context), Show(context), Answer(context), Report(context), Open(context),
    };

    private static Command List(CommandContext context)
    {
        var command = new Command("list", "Lists reviews that wait for an answer.");
        var campaign = new Option<string?>("--campaign") { Description = "Only of this campaign; all that are not closed by default." };
        var reviewer = new Option<string?>("--reviewer") { Description = "Only those for this person, as reviewer or backup." };
        var all = new Option<bool>("--all") { Description = "Also those that were answered." };
        foreach (Option option in (Option[])[campaign, reviewer, all]) command.Add(option);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            var reviews = await view.ReadReviewsAsync(result.GetValue(campaign), result.GetValue(reviewer), result.GetValue(all) ? null : ReviewState.Open, ct).ToListAsync(ct);
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, reviews, GovernanceJson.Default.IReadOnlyListReview);
            else TableWriter.Write(context.Out, ["Campaign", "Client", "Server", "Grant", "Sensitivity", "Reviewer", "Backup", "By", "State"], reviews.Select(r => new[]
            {
                r.Campaign, r.ClientId, r.Server, r.GrantId, r.Sensitivity.ToString(), r.Reviewer, r.Backup, Moments.Minute(r.DueBy), r.Answer is { } answer ? $"{r.State}: {answer}" : r.State.ToString(),
            }));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        var command = new Command("show", "Shows what there is to know for an answer: whose grant, what for, how it was used, and what the use suggests.");
        var place = new PlaceArguments(command);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            if (await view.FindReviewAsync(place.Of(result), ct) is not { } sheet)
            {
                context.Error.WriteLine("mcpgov: there is no such review");
                return ExitCode.Findings;
            }

            if (context.WantsJson(result)) JsonOutput.Write(context.Out, sheet, GovernanceJson.Default.ReviewSheet);
            else TableWriter.Write(context.Out, ["", ""], Lines(sheet));
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<string[]> Lines(ReviewSheet sheet)
    {
        yield return ["Client", sheet.Client is { } client ? $"{client.DisplayName} ({client.ClientId}), {client.State.ToString().ToLowerInvariant()}" : sheet.Review.ClientId];
        yield return ["Owner", $"{sheet.Client?.Owner} ({sheet.Client?.BackupOwner}), team {sheet.Client?.Team}"];
        yield return ["Purpose", sheet.Client?.Purpose ?? ""];
        yield return ["Asked", $"{sheet.Review.Reviewer}, then {sheet.Review.Backup}, by {Moments.Minute(sheet.Review.DueBy)}"];
        yield return ["State", sheet.Review.Answer is { } answer ? $"{sheet.Review.State}: {answer} by {sheet.Review.AnsweredBy}, {sheet.Review.Reason}" : sheet.Review.State.ToString()];
        if (sheet.Grant is { } grant)
        {
            yield return ["Allows", string.Join(", ", grant.Tools.Concat(grant.Prompts).Concat(grant.Resources))];
            yield return ["For", $"{grant.Justification} ({grant.Ticket})"];
            yield return ["Given", $"asked by {grant.Requester ?? "nobody named"}, approved by {grant.Approver}, until {Moments.Minute(grant.ExpiresAt)}"];
        }

        if (sheet.Use is { } use)
        {
            yield return ["Used", string.Create(CultureInfo.InvariantCulture, $"{use.Calls} calls, {use.Refusals} refused since {use.From:yyyy-MM-dd}; last {(use.Last is { } last ? Moments.Minute(last) : "never")}")];
            yield return ["Tools", string.Join(", ", use.Tools.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Key} {t.Value}")))];
            yield return ["Unused", string.Join(", ", sheet.Unused)];
        }

        yield return ["Suggested", $"{sheet.Suggested?.ToString() ?? "nothing"}: {sheet.Why}"];
    }

    private static Command Answer(CommandContext context)
    {
        var command = new Command("answer", "Answers reviews: keep, reduce to what was used, or revoke. What fits all options is answered; more than one only with --all.");
        var answer = new Argument<string>("ANSWER") { Description = "keep, reduce or revoke." };
        answer.AcceptOnlyFromAmong("keep", "reduce", "revoke");
        var campaign = new Option<string>("--campaign") { Description = "The campaign.", Required = true };
        var client = new Option<string?>("--client") { Description = "Only grants of this client." };
        var server = new Option<string?>("--server") { Description = "Only grants on this virtual server." };
        var grant = new Option<string?>("--grant") { Description = "Only this grant." };
        var reviewer = new Option<string?>("--reviewer") { Description = "Only reviews for this person." };
        var left = new Option<string[]>("--leave") { Description = "With reduce: a tool that is left; may be repeated. What was used by default.", DefaultValueFactory = _ => [] };
        var all = new Option<bool>("--all") { Description = "Answer more than one." };
        command.Add(answer);
        foreach (Option option in (Option[])[campaign, client, server, grant, reviewer, left, all]) command.Add(option);
        var reason = Operator.Reason();
        var by = new Operator(context);
        command.Add(reason);
        by.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            using var gateway = context.Gateway.Open(result);
            await using var stores = gateway is null ? context.OpenStores(result) : null;
            IGovernanceView view = gateway is null ? new StoreView(stores!, context.Time) : new GatewayView(gateway); // opened without a gateway
            var places = await view.ReadReviewsAsync(result.GetRequiredValue(campaign), result.GetValue(reviewer), ReviewState.Open, ct).Select(r => r.Place())
                .Where(p => Fits(p.ClientId, result.GetValue(client)) && Fits(p.Server, result.GetValue(server)) && Fits(p.GrantId, result.GetValue(grant))).ToListAsync(ct);
            if (places.Count == 0 || (places.Count > 1 && !result.GetValue(all)))
            {
                context.Error.WriteLine(places.Count == 0 ? "mcpgov: no open review fits" : $"mcpgov: {places.Count} open reviews fit; name one, or say --all");
                return ExitCode.Findings;
            }

            if (gateway is not null)
            {
                by.RefuseNames(result);
                return await AnswerAsync(context, gateway, places, result.GetRequiredValue(answer), result.GetValue(left) ?? [], result.GetRequiredValue(reason), ct);
            }

            await using var changes = await ChangeSession.OpenAsync(stores!, context.Time, ct); // opened without a gateway
            var wanted = result.GetRequiredValue(answer) switch { "keep" => ReviewAnswer.Keep, "reduce" => ReviewAnswer.Reduce, _ => ReviewAnswer.Revoke };
            var tools = result.GetValue(left) is { Length: > 0 } named ? new ReducedGrant(named, [], []) : null;
            var exit = ExitCode.Ok;
            await foreach (var (place, outcome) in changes.Reviews.AnswerAllAsync(by.Of(result), places, wanted, tools, result.GetRequiredValue(reason), ct))
            {
                var reported = by.Report(outcome, TableWriter.Printable($"{place.ClientId}, {place.Server}, {place.GrantId}: {result.GetRequiredValue(answer)}{(outcome.Value is { State: ReviewState.Decided } ? " (the timer finishes it)" : "")}"));
                if (reported > exit) exit = reported;
            }

            return exit;
        });
        return command;

        static bool Fits(string value, string? wanted) => wanted is null || string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<int> AnswerAsync(CommandContext context, GatewayClient gateway, IReadOnlyList<ReviewPlace> places, string answer, string[] left, string reason, CancellationToken ct)
    {
        var exit = ExitCode.Ok;
        foreach (var place in places)
        {
            var call = GatewayCall.Post(
                $"{GatewayView.PathOf(place)}/answer",
                ("answer", answer),
                ("leave", left.Length > 0 ? new JsonObject { ["tools"] = new JsonArray([.. left.Select(t => JsonValue.Create(t))]) } : null),
                ("reason", reason));
            var told = await gateway.SendAsync(call with { IfMatch = "*" }, ct);
            if (told.Succeeded)
            {
                context.Out.WriteLine(TableWriter.Printable($"{place.ClientId}, {place.Server}, {place.GrantId}: {answer}{(JsonMembers.Text(told.Body, "state") == "decided" ? " (the timer finishes it)" : "")}"));
                continue;
            }

            foreach (var line in told.Problem()) context.Error.WriteLine(TableWriter.Printable($"mcpgov: {place.ClientId}, {place.Server}, {place.GrantId}: {line}"));

            // Whoever must try again later need not try each.
            if (told.IsOutage) return ExitCode.UsageOrOutage;
            exit = ExitCode.Findings;
        }

        return exit;
    }

    private static Command Report(CommandContext context)
    {
        var command = new Command("report", "A campaign with all its answers and what they were given on, as JSON or as a page to print.");
        var campaign = new Argument<string>("CAMPAIGN") { Description = "The campaign." };
        var html = new Option<FileInfo?>("--html") { Description = "Write a page that needs nothing else to this file; without it JSON is written." };
        command.Add(campaign);
        command.Add(html);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            if (await view.FindReportAsync(result.GetRequiredValue(campaign), ct) is not { } report)
            {
                context.Error.WriteLine($"mcpgov: there is no campaign {result.GetRequiredValue(campaign)}");
                return ExitCode.Findings;
            }

            if (result.GetValue(html) is not { } file)
            {
                JsonOutput.Write(context.Out, report, GovernanceJson.Default.CampaignReport);
                return ExitCode.Ok;
            }

            try
            {
                await File.WriteAllTextAsync(file.FullName, report.ToHtml(), ct);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"{file.FullName} cannot be written: {e.Message}");
            }

            context.Out.WriteLine($"{report.Reviews.Count} reviews in {file.FullName}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Open(CommandContext context)
    {
        var command = new Command("open", "Opens a campaign about all grants now, beside those that open by themselves each quarter.");
        var campaign = new Argument<string>("CAMPAIGN") { Description = "Its name: letters, digits and -." };
        command.Add(campaign);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post("campaigns", ("campaign", result.GetRequiredValue(campaign)), ("reason", reason))),
            (changes, actor, reason, result, ct) => changes.Campaigns.OpenAsync(actor, result.GetRequiredValue(campaign), reason, ct),
            (result, _) => $"Campaign {result.GetRequiredValue(campaign)} is open; within the hour it asks about every grant that nobody is asked about already.");
        return command;
    }

    private sealed class PlaceArguments
    {
        private readonly Argument<string> _campaign = new("CAMPAIGN") { Description = "The campaign." };
        private readonly Argument<string> _client = new("CLIENT") { Description = "The application (client) id." };
        private readonly Argument<string> _server = new("SERVER") { Description = "The virtual server." };
        private readonly Argument<string> _grant = new("GRANT") { Description = "The grant's id." };

        public PlaceArguments(Command command)
        {
            foreach (var argument in (Argument[])[_campaign, _client, _server, _grant]) command.Add(argument);
        }

        public ReviewPlace Of(ParseResult result) => new(result.GetRequiredValue(_campaign), result.GetRequiredValue(_client).ToLowerInvariant(), result.GetRequiredValue(_server), result.GetRequiredValue(_grant));
    }
}
