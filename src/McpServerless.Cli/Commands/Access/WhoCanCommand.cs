using System.CommandLine;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Cli.Views;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov who-can TOOL</c>: every client that a grant names a tool for, and what a call of it would get now.</summary>
internal static class WhoCanCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("who-can", "Lists the clients that a grant names a tool for, and what a call would get, by the code that decides calls. The options suppose a token.");
        var tool = new Argument<string>("TOOL") { Description = "The tool as the virtual server names it; with --kind a prompt or a URI." };
        var kind = AssumedCaller.Kind();
        var caller = new AssumedCaller();
        command.Add(tool);
        command.Add(kind);
        caller.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            using var gateway = context.Gateway.Open(result);
            if (gateway is not null)
            {
                caller.RefuseOptions(result);
                var path = $"who-can?name={GatewayCall.Segment(result.GetRequiredValue(tool))}&kind={result.GetValue(kind).ToString().ToLowerInvariant()}";
                AnswerOutput.Write(context, await CanCommand.AnswersAsync(gateway, new GatewayCall("GET", path), ct), context.WantsJson(result), withRules: false);
                return ExitCode.Ok;
            }

            await using var stores = context.OpenStores(result);
            var questions = caller.Questions(result, stores, context.Time);
            var answers = await questions.WhoCanAsync(result.GetValue(kind), result.GetRequiredValue(tool), c => caller.Of(result, c, context.Time), caller.ContextOf(result, "", context.Time), ct).Select(ToldAnswer.Of).ToListAsync(ct);
            AnswerOutput.Write(context, answers, context.WantsJson(result), withRules: false);
            return ExitCode.Ok;
        });
        return command;
    }
}
