using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Files;
using McpServerless.Cli.Gateway;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov client put FILE</c> and <c>mcpgov grant put FILE</c>: one file of a catalogue folder, alone.</summary>
internal static class AccessFileCommands
{
    public static Command CreateClient(CommandContext context)
    {
        var command = new Command("put", "Registers the client of a file, or changes what is registered of it. Its state stays.");
        var (file, tag) = Add(command);
        ChangeAction.Set(
            command,
            context,
            (gateway, reason, result, ct) => CallAsync(gateway, Read(result.GetRequiredValue(file), "Client"), f => $"clients/{Segment(f, "clientId")}", reason, result.GetValue(tag), ct),
            async (changes, actor, reason, result, ct) =>
            {
                var root = Read(result.GetRequiredValue(file), "Client");
                var (client, faults) = DeclaredAccess.ReadClient(AccessFile.Text(root, "tenantId"), AccessFile.Text(root, "clientId"), AccessFile.Members(root), context.Time.GetUtcNow());
                return client is null ? Faulty<Client>(faults) : await changes.Clients.PutAsync(actor, client, reason, result.GetValue(tag) ?? (await changes.Stores.Editor.FindClientAsync(client.ClientId, ct))?.ETag, ct);
            },
            (result, _) => $"The client of {result.GetRequiredValue(file)} is registered.");
        return command;
    }

    public static Command CreateGrant(CommandContext context)
    {
        var command = new Command("put", "Gives the grant of a file, or changes it. You are its approver; what is highly sensitive takes a request and another person.");
        var (file, tag) = Add(command);
        ChangeAction.Set(
            command,
            context,
            (gateway, _, result, ct) => CallAsync(gateway, Read(result.GetRequiredValue(file), "Grant"), f => $"clients/{Segment(f, "clientId")}/grants/{Segment(f, "server")}/{Segment(f, "grantId")}", null, result.GetValue(tag), ct),
            async (changes, actor, _, result, ct) =>
            {
                var root = Read(result.GetRequiredValue(file), "Grant");
                if (await changes.Stores.Editor.FindClientAsync(AccessFile.Text(root, "clientId"), ct) is not { Value: var client }) return (ChangeProblem.NotFound, $"No client {AccessFile.Text(root, "clientId")} is registered.");
                if (await changes.Stores.Catalogues.ReadActiveAsync(ct) is not { } version) return (ChangeProblem.Invalid, "No catalogue is published.");
                var (grant, faults) = DeclaredAccess.ReadGrant(client, AccessFile.Text(root, "server"), AccessFile.Text(root, "grantId"), actor.Name, AccessFile.Members(root), version, context.Time.GetUtcNow());
                return grant is null ? Faulty<Grant>(faults) : await changes.Grants.PutAsync(actor, grant, result.GetValue(tag) ?? (await changes.Stores.Editor.FindGrantAsync(grant.ClientId, grant.Server, grant.GrantId, ct))?.ETag, ct);
            },
            (result, _) => $"The grant of {result.GetRequiredValue(file)} is given.");
        return command;
    }

    private static (Argument<string> File, Option<string?> Tag) Add(Command command)
    {
        var file = new Argument<string>("FILE") { Description = "A YAML or JSON file, as in a catalogue folder." };
        var tag = ChangeAction.IfMatch();
        command.Add(file);
        command.Add(tag);
        return (file, tag);
    }

    /// <summary>With the ETag of what is there now, where nobody said which was read.</summary>
    private static async Task<GatewayCall> CallAsync(GatewayClient gateway, JsonElement file, Func<JsonElement, string> pathOf, string? reason, string? tag, CancellationToken ct)
    {
        var path = pathOf(file);
        tag ??= (await gateway.SendAsync(new GatewayCall("GET", path), ct)).ETag;
        var body = new JsonObject();
        foreach (var member in AccessFile.Members(file).EnumerateObject()) body[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        if (reason is not null) body["reason"] = reason;
        return new GatewayCall("PUT", path, body) { IfMatch = tag };
    }

    private static ChangeOutcome<T> Faulty<T>(IReadOnlyList<string> faults)
        where T : class => (ChangeProblem.Invalid, string.Join("; ", faults));

    private static string Segment(JsonElement file, string name) => GatewayCall.Segment(AccessFile.Text(file, name));

    private static JsonElement Read(string path, string kind) => AccessFile.Read(path) is var file && JsonMembers.Text(file, "kind") == kind ? file : throw new UsageException($"{path} is no file of kind: {kind}");
}
