using System.CommandLine;
using McpServerless.Access;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov client show ID</c>: one agent with its grants.</summary>
internal static class ClientShowCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("show", "Shows one client and its grants.");
        var id = new Argument<string>("ID") { Description = "The application (client) id." };
        command.Add(id);
        command.SetAction(async (result, ct) =>
        {
            var clientId = result.GetRequiredValue(id);
            await using var view = context.OpenView(result);
            if (await view.FindClientAsync(clientId, ct) is not { } found)
            {
                context.Error.WriteLine($"mcpgov: no client {clientId} is registered");
                return ExitCode.Findings;
            }

            var grants = await view.ReadGrantsAsync(found.ClientId, ct);
            var pauses = (await view.ReadBudgetsAsync(found, ct))?.Pauses ?? [];
            if (context.WantsJson(result)) WriteJson(context, found, grants, pauses);
            else WriteTable(context, found, grants, pauses);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteJson(CommandContext context, Client client, IReadOnlyList<Grant> grants, IReadOnlyList<(string Tool, RunawayPause Pause)> pauses) => JsonOutput.Write(context.Out, writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("clients");
        System.Text.Json.JsonSerializer.SerializeToElement([client], GovernanceJson.Default.IReadOnlyListClient).WriteTo(writer);
        writer.WritePropertyName("grants");
        System.Text.Json.JsonSerializer.SerializeToElement(grants, GovernanceJson.Default.IReadOnlyListGrant).WriteTo(writer);
        BudgetCommands.WritePauses(writer, pauses);
        writer.WriteEndObject();
    });

    private static void WriteTable(CommandContext context, Client client, IReadOnlyList<Grant> grants, IReadOnlyList<(string Tool, RunawayPause Pause)> pauses)
    {
        TableWriter.Write(context.Out, ["Client", client.ClientId], new (string Name, string? Value)[]
        {
            ("Tenant", client.TenantId),
            ("Name", client.DisplayName),
            ("State", ClientListCommand.State(client, context.Time.GetUtcNow())),
            ("Expires", Moments.Minute(client.ExpiresAt)),
            ("Owner", client.Owner),
            ("Backup owner", client.BackupOwner),
            ("Team", client.Team),
            ("Purpose", client.Purpose),
            ("Model", client.ModelId),
            ("Runs in", client.DeploymentContext),
            ("Data", client.DataClassification?.ToString()),
            ("Agent blueprint", client.AgentBlueprintId),
        }.Concat(client.History.TakeLast(5).Reverse().Select(h => (Name: $"{h.State} {Moments.Minute(h.At)}", Value: (string?)$"{h.By}: {h.Reason}"))).Where(row => row.Value is not null).Select(row => new[] { row.Name, row.Value ?? "" }));

        GrantListCommand.WriteTable(context, grants);
        BudgetCommands.WriteTable(context, pauses);
    }
}
