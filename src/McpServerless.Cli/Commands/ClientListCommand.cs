using System.CommandLine;
using McpServerless.Access;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov client list</c>: all registered agents.</summary>
internal static class ClientListCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("list", "Lists the registered clients.");
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            var clients = await view.ReadClientsAsync(ct).ToListAsync(ct);
            if (context.WantsJson(result))
            {
                JsonOutput.Write(context.Out, clients, GovernanceJson.Default.IReadOnlyListClient);
                return ExitCode.Ok;
            }

            var now = context.Time.GetUtcNow();
            TableWriter.Write(context.Out, ["Client", "Name", "State", "Expires", "Owner", "Team", "Model"], clients.Select(c => new[]
            {
                c.ClientId, c.DisplayName, State(c, now), Moments.Minute(c.ExpiresAt), c.Owner, c.Team ?? "", c.ModelId ?? "",
            }));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>What the gateway makes of it, which the stored state alone does not say.</summary>
    internal static string State(Client client, DateTimeOffset now) => client.ExpiresAt <= now ? "Expired" : client.State.ToString();
}
