using System.CommandLine;
using System.Text.Json;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov grant show CLIENT GRANT</c>: all that a grant says, as JSON, with its ETag.</summary>
internal static class GrantShowCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("show", "Shows all that a grant says, as JSON, with the ETag for --if-match.");
        var client = new Argument<string>("CLIENT") { Description = "The application (client) id." };
        var grant = new Argument<string>("GRANT") { Description = "The grant's id." };
        command.Add(client);
        command.Add(grant);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            var (clientId, grantId) = (result.GetRequiredValue(client).ToLowerInvariant(), result.GetRequiredValue(grant));
            var found = await view.FindGrantsAsync(clientId, grantId, ct);
            if (found.Count == 0)
            {
                context.Error.WriteLine($"mcpgov: client {clientId} has no grant {grantId}");
                return ExitCode.Findings;
            }

            JsonOutput.Write(context.Out, writer =>
            {
                writer.WriteStartArray();
                foreach (var (value, etag) in found)
                {
                    writer.WriteStartObject();
                    writer.WriteString("etag"u8, etag);
                    writer.WritePropertyName("grant"u8);
                    JsonSerializer.SerializeToElement(value, GovernanceJson.Default.Grant).WriteTo(writer);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
