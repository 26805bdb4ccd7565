using System.CommandLine;
using McpServerless.Access.Administration;

namespace McpServerless.Cli.Commands.Access;

/// <summary>What commands that change access have in common: they ask who and why, work in one session of the ledger, and say what came of it.</summary>
internal static class ChangeAction
{
    /// <param name="command">Gets the options of who and why behind its own.</param>
    /// <param name="context">What commands work with.</param>
    /// <param name="change">Makes the change.</param>
    /// <param name="done">What is said when it was made.</param>
    public static void Set<T>(
        Command command,
        CommandContext context,
        Func<ChangeSession, Actor, string, ParseResult, CancellationToken, Task<ChangeOutcome<T>>> change,
        Func<ParseResult, ChangeOutcome<T>, string> done)
        where T : class
    {
        var reason = Operator.Reason();
        var by = new Operator(context);
        command.Add(reason);
        by.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            await using var changes = await ChangeSession.OpenAsync(stores, context.Time, ct);
            var outcome = await change(changes, by.Of(result), result.GetRequiredValue(reason), result, ct);
            return by.Report(outcome, done(result, outcome));
        });
    }
}
