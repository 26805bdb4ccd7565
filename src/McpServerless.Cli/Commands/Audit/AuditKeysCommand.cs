using System.CommandLine;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Sanitising;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit keys</c>: the keys of hashes, by the period in which they were used.</summary>
internal static class AuditKeysCommand
{
    public static Command Create(CommandContext context) => new("keys", "Keys by which values are hashed, one for each period. Whoever destroys one makes the hashes of its period of no use to anybody, for good.")
    {
        List(context),
        Rotate(context),
        Destroy(context),
    };

    private static Command List(CommandContext context)
    {
        var command = new Command("list", "Lists the periods, and which keys were destroyed.");
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            var periods = await Of(stores).ReadAsync(ct).ToListAsync(ct);
            if (context.WantsJson(result))
            {
                JsonOutput.Write(context.Out, json =>
                {
                    json.WriteStartArray();
                    foreach (var period in periods)
                    {
                        json.WriteStartObject();
                        json.WriteString("period"u8, period.Name);
                        json.WriteString("madeAt"u8, period.MadeAt);
                        if (period.DestroyedAt is { } at) json.WriteString("destroyedAt"u8, at);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
            }
            else
            {
                TableWriter.Write(context.Out, ["Period", "In use from", "Destroyed"], periods.Select(p => new[] { p.Name, Moments.Minute(p.MadeAt), p.DestroyedAt is { } at ? Moments.Minute(at) : "" }));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Rotate(CommandContext context)
    {
        var command = new Command("rotate", "Begins a period now: from here on values are hashed with another key, and nobody can tell which are equal to older ones.");
        Access.ChangeAction.Set<HashKeyChange>(
            command,
            context,
            async (changes, actor, reason, _, ct) =>
            {
                if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only administrators rotate keys.");
                var known = await Of(changes.Stores).ReadAsync(ct).ToListAsync(ct);
                if (known.Count == 0) return (ChangeProblem.NotFound, "No key is in use yet (Audit:HashKey).");
                var next = HashKeys.Next(known[^1].Month, known, context.Time.GetUtcNow());
                return await MakeAsync(changes, "keyRotated", actor, reason, next.Name, async token => await Of(changes.Stores).AddAsync(next, token), ct);
            },
            (_, outcome) => $"Period {outcome.Value?.Period} has begun; instances use its key within 30 seconds.");
        return command;
    }

    private static Command Destroy(CommandContext context)
    {
        var command = new Command("destroy", "Destroys the key of a period. Hashes of that period can then be neither guessed nor compared with any value, by anybody. It cannot be undone.");
        var name = new Argument<string>("PERIOD") { Description = "As keys list names it." };
        command.Add(name);
        Access.ChangeAction.Set<HashKeyChange>(
            command,
            context,
            async (changes, actor, reason, result, ct) =>
            {
                if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only administrators destroy keys.");
                var (wanted, now) = (result.GetRequiredValue(name), context.Time.GetUtcNow());
                var known = await Of(changes.Stores).ReadAsync(ct).ToListAsync(ct);
                if (known.Find(p => p.Name == wanted) is not { } period) return (ChangeProblem.NotFound, $"There is no period {wanted}.");
                if (!period.IsUsable) return (ChangeProblem.Invalid, $"The key of {wanted} was destroyed already.");
                if (changes.Stores.Retention is { } retention && await retention.ReadHoldsAsync(ct).FirstOrDefaultAsync(h => h.From <= Last(period, known, now) && h.To >= First(period), ct) is { } hold)
                {
                    return (ChangeProblem.NotAllowed, $"Hold {hold.HoldId} covers days of this period: {hold.Reason}");
                }

                return await MakeAsync(changes, "keyDestroyed", actor, reason, wanted, async token => await Of(changes.Stores).DestroyAsync(wanted, now, token), ct);
            },
            (result, _) => $"The key of {result.GetRequiredValue(name)} is destroyed. An instance that still uses it stops within 30 seconds.");
        return command;
    }

    private static async Task<ChangeOutcome<HashKeyChange>> MakeAsync(Access.ChangeSession changes, string happening, Actor actor, string reason, string period, Func<CancellationToken, Task<bool>> change, CancellationToken ct)
    {
        var after = new HashKeyChange(period);
        return await changes.Records.AroundAsync(new ChangeSubject(happening, actor.Name, reason), null, after, GovernanceJson.Default.HashKeyChange, change, ct) is { } problem ? problem : after;
    }

    private static DateOnly First(HashKeyPeriod period) => DateOnly.FromDateTime(period.MadeAt.UtcDateTime);

    /// <summary>Until the next key was made.</summary>
    private static DateOnly Last(HashKeyPeriod period, List<HashKeyPeriod> known, DateTimeOffset now) =>
        known.SkipWhile(p => p.Name != period.Name).Skip(1).FirstOrDefault() is { } next ? First(next) : DateOnly.FromDateTime(now.UtcDateTime);

    private static IHashKeyStore Of(GovernanceStores stores) => stores.HashKeys ?? throw new UsageException("this store keeps no keys");
}
