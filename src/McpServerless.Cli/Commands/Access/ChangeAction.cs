using System.CommandLine;
using McpServerless.Access.Administration;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Access;

/// <summary>What commands that change access have in common: they ask why, go through the gateway or work in one session of the ledger, and say what came of it.</summary>
internal static class ChangeAction
{
    public static Option<string?> IfMatch() => new("--if-match") { Description = "The ETag of what was read: nothing is done when it was changed since. Through the gateway also *, for whatever it is now, which is what counts by default." };

    /// <summary>A change that is made at the storage account alone.</summary>
    public static void Set<T>(
        Command command,
        CommandContext context,
        Func<ChangeSession, Actor, string, ParseResult, CancellationToken, Task<ChangeOutcome<T>>> change,
        Func<ParseResult, ChangeOutcome<T>, string> done)
        where T : class => Set(command, context, call: null, change, (result, outcome) => done(result, outcome!)); // made at the storage account, so there is one

    /// <param name="command">Gets the options of who and why behind its own.</param>
    /// <param name="context">What commands work with.</param>
    /// <param name="call">The same change as a request to the gateway; null where that has none.</param>
    /// <param name="change">Makes the change at the storage account.</param>
    /// <param name="done">What is said when it was made.</param>
    public static void Set<T>(
        Command command,
        CommandContext context,
        Func<GatewayClient, string, ParseResult, CancellationToken, Task<GatewayCall>>? call,
        Func<ChangeSession, Actor, string, ParseResult, CancellationToken, Task<ChangeOutcome<T>>> change,
        Func<ParseResult, ChangeOutcome<T>?, string> done)
        where T : class
    {
        var reason = Operator.Reason();
        var by = new Operator(context);
        command.Add(reason);
        by.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            using var gateway = call is null ? null : context.Gateway.Open(result);
            if (gateway is not null)
            {
                by.RefuseNames(result);
                return Report(context, result, await gateway.SendAsync(await call!(gateway, result.GetRequiredValue(reason), result, ct), ct), () => done(result, null)); // without a call there is no gateway
            }

            await using var stores = context.OpenStores(result);
            await using var changes = await ChangeSession.OpenAsync(stores, context.Time, ct);
            var outcome = await change(changes, by.Of(result), result.GetRequiredValue(reason), result, ct);
            return by.Report(outcome, done(result, outcome));
        });
    }

    /// <summary>Says what the gateway answered.</summary>
    public static int Report(CommandContext context, ParseResult result, GatewayAnswer answer, Func<string> done)
    {
        if (!answer.Succeeded)
        {
            foreach (var line in answer.Problem()) context.Error.WriteLine($"mcpgov: {line}");
            return answer.IsOutage ? ExitCode.UsageOrOutage : ExitCode.Findings;
        }

        if (context.WantsJson(result)) JsonOutput.Write(context.Out, answer.Body.WriteTo);
        else context.Out.WriteLine(done());
        return ExitCode.Ok;
    }
}
