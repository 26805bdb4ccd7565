using System.CommandLine;
using McpServerless.Access;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov grant list</c>: who may do what.</summary>
internal static class GrantListCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("list", "Lists the grants of all clients, or of one.");
        var client = new Option<string?>("--client") { Description = "The application (client) id." };
        command.Add(client);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            var clientIds = result.GetValue(client) is { } one
                ? [one.ToLowerInvariant()]
                : await view.ReadClientsAsync(ct).Select(c => c.ClientId).Distinct().ToListAsync(ct);
            var grants = new List<Grant>();
            foreach (var id in clientIds) grants.AddRange(await view.ReadGrantsAsync(id, ct));
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, grants, GovernanceJson.Default.IReadOnlyListGrant);
            else WriteTable(context, grants);
            return ExitCode.Ok;
        });
        return command;
    }

    internal static void WriteTable(CommandContext context, IReadOnlyList<Grant> grants)
    {
        var now = context.Time.GetUtcNow();
        TableWriter.Write(context.Out, ["Grant", "Client", "Server", "Tools", "Prompts", "Resources", "Expires", "Approver", "Review"], grants.Select(g => new[]
        {
            g.Effect == GrantEffect.Deny ? $"{g.GrantId} (denies)" : g.GrantId,
            g.ClientId,
            g.Server,
            string.Join(", ", g.Tools),
            string.Join(", ", g.Prompts),
            string.Join(", ", g.Resources),
            Moments.Minute(g.ExpiresAt) + (g.ExpiresAt <= now ? " (expired)" : ""),
            g.Approver,
            g.NextReview is { } review ? Moments.Minute(review) : "",
        }));
    }
}
