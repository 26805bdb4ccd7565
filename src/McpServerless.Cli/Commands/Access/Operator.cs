using System.CommandLine;
using McpServerless.Access.Administration;

namespace McpServerless.Cli.Commands.Access;

/// <summary>Who runs a command, and why: what the records say.</summary>
/// <remarks>
/// A command line proves nobody: whoever may write to the storage account may change everything in it, and says here who that is. What the rules keep apart
/// (who asks and who approves) is kept apart here too; it is proven where people sign in, in the management API (<c>--gateway</c>).
/// </remarks>
internal sealed class Operator(CommandContext context)
{
    public const string Variable = "MCPGOV_OPERATOR";

    private readonly Option<string?> _by = new("--by") { Description = $"Who you are, for the records. Also in {Variable}; your name on this machine by default." };

    private readonly Option<string[]> _teams = new("--team") { Description = "A team that you speak for; may be repeated. Without one you act as an administrator.", DefaultValueFactory = _ => [] };

    public void AddTo(Command command)
    {
        command.Add(_by);
        command.Add(_teams);
    }

    public static Option<string> Reason() => new("--reason") { Description = "Why; kept in the ledger.", Required = true };

    public Actor Of(ParseResult result)
    {
        var name = result.GetValue(_by) ?? (context.Environment(Variable) is { Length: > 0 } named ? named : System.Environment.UserName);
        var teams = result.GetValue(_teams) ?? [];
        return new Actor(name, teams.Length == 0, teams);
    }

    /// <summary>Through the gateway, the token says who somebody is.</summary>
    /// <exception cref="UsageException">The command line says it too.</exception>
    public void RefuseNames(ParseResult result)
    {
        if (result.GetValue(_by) is not null || result.GetValue(_teams) is { Length: > 0 }) throw new UsageException("through the gateway your token says who you are: leave --by and --team out");
    }

    /// <summary>Says what came of a change.</summary>
    public int Report<T>(ChangeOutcome<T> outcome, string done)
        where T : class
    {
        if (outcome.Value is not null)
        {
            context.Out.WriteLine(done);
            return ExitCode.Ok;
        }

        context.Error.WriteLine($"mcpgov: {outcome.Message}");
        return outcome.Problem == ChangeProblem.NotRecorded ? ExitCode.UsageOrOutage : ExitCode.Findings;
    }
}
