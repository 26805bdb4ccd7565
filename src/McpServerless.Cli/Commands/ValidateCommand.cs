using System.CommandLine;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov validate FOLDER</c>: checks files without reaching any account.</summary>
internal static class ValidateCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("validate", "Checks a folder of catalogue files, and reaches nothing but the folder.");
        var folder = new FolderArguments();
        folder.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            var loaded = await folder.LoadAsync(result, context, ct);
            var valid = loaded.Content is not null;
            if (context.WantsJson(result))
            {
                JsonOutput.Write(context.Out, new ApplyOutput(valid ? "valid" : "findings", null, [], Findings.ForJson(loaded.Findings)), CliJson.Default.ApplyOutput);
            }
            else
            {
                Findings.Write(context.Error, loaded.Findings);
                if (loaded.Content is { } content)
                {
                    context.Out.WriteLine($"Valid: {content.Catalogue.Upstreams.Count} upstreams, {content.Catalogue.Tools.Count} tools, {content.Catalogue.Prompts.Count} prompts, {content.Catalogue.Resources.Count} resources, {content.Catalogue.Servers.Count} servers, {content.Clients.Count} clients, {content.Grants.Count} grants.");
                }
            }

            return valid ? ExitCode.Ok : ExitCode.Findings;
        });
        return command;
    }
}
