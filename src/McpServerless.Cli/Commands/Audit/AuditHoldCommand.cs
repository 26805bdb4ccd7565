using System.CommandLine;
using System.Globalization;
using McpServerless.Access.Administration;
using McpServerless.Audit.Retention;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit hold</c>: records that are kept although their time is over.</summary>
internal static class AuditHoldCommand
{
    private const int MaxReason = 500;

    public static Command Create(CommandContext context) => new("hold", "Keeps records from being purged, and their keys from being destroyed, for as long as somebody needs them.")
    {
        List(context),
        Add(context),
        Remove(context),
    };

    private static Command List(CommandContext context)
    {
        var command = new Command("list", "Lists the holds that are in force.");
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            var holds = await Of(stores).ReadHoldsAsync(ct).ToListAsync(ct);
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, holds, GovernanceJson.Default.IReadOnlyListLegalHold);
            else TableWriter.Write(context.Out, ["Hold", "Client", "From", "To", "By", "Since", "Reason"], holds.Select(h => new[] { h.HoldId, h.ClientId ?? "all", Day(h.From), Day(h.To), h.By, Moments.Minute(h.At), h.Reason }));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Add(CommandContext context)
    {
        var command = new Command("add", "Puts a hold on the records of some days.");
        var client = new Option<string?>("--client") { Description = "Only this application (client) id." };
        var from = new Option<DateOnly>("--from") { Description = "The first UTC day, yyyy-MM-dd.", HelpName = "yyyy-MM-dd", Required = true };
        var to = new Option<DateOnly>("--to") { Description = "The last UTC day, yyyy-MM-dd; it may be in the future.", HelpName = "yyyy-MM-dd", Required = true };
        foreach (var option in (Option[])[client, from, to]) command.Add(option);
        Access.ChangeAction.Set<LegalHold>(
            command,
            context,
            async (changes, actor, reason, result, ct) =>
            {
                var now = context.Time.GetUtcNow();
                var hold = new LegalHold(Guid.CreateVersion7(now).ToString("N"), result.GetValue(client)?.ToLowerInvariant(), result.GetValue(from), result.GetValue(to), reason, actor.Name, now);
                if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only administrators put holds.");
                if (reason.Length is 0 or > MaxReason) return (ChangeProblem.Invalid, $"--reason has 1 to {MaxReason} characters.");
                if (hold.To < hold.From) return (ChangeProblem.Invalid, "--to is before --from.");
                var met = await changes.Records.AroundAsync(new ChangeSubject("holdAdded", actor.Name, reason) { ClientId = hold.ClientId }, null, hold, GovernanceJson.Default.LegalHold, async token =>
                {
                    await Of(changes.Stores).SaveHoldAsync(hold, token);
                    return true;
                }, ct);
                return met is { } problem ? problem : hold;
            },
            (_, outcome) => $"Hold {outcome.Value?.HoldId}: what it covers is not purged. What was purged before is gone.");
        return command;
    }

    private static Command Remove(CommandContext context)
    {
        var command = new Command("remove", "Ends a hold. What it covered is purged by the next runs, where its time is over.");
        var id = new Argument<string>("HOLD") { Description = "As hold list names it." };
        command.Add(id);
        Access.ChangeAction.Set<LegalHold>(
            command,
            context,
            async (changes, actor, reason, result, ct) =>
            {
                var store = Of(changes.Stores);
                if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only administrators end holds.");
                if (await store.ReadHoldsAsync(ct).FirstOrDefaultAsync(h => h.HoldId == result.GetRequiredValue(id), ct) is not { } hold) return (ChangeProblem.NotFound, $"There is no hold {result.GetRequiredValue(id)}.");
                var met = await changes.Records.AroundAsync(new ChangeSubject("holdRemoved", actor.Name, reason) { ClientId = hold.ClientId }, hold, null, GovernanceJson.Default.LegalHold, async token =>
                {
                    await store.RemoveHoldAsync(hold.HoldId, token);
                    // Days that were passed over because of it are looked at again.
                    await store.SaveProgressAsync(new Dictionary<string, DateOnly>(), token);
                    return true;
                }, ct);
                return met is { } problem ? problem : hold;
            },
            (result, _) => $"Hold {result.GetRequiredValue(id)} is over.");
        return command;
    }

    private static IRetentionStore Of(GovernanceStores stores) => stores.Retention ?? throw new UsageException("this store keeps no holds");

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
