using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov grant request|requests|approve|reject</c>: access just in time.</summary>
internal static class GrantRequestCommands
{
    public static IEnumerable<Command> Create(CommandContext context) =>
        [Request(context), List(context), Decide(context, "approve", "Gives what a request asks for, from now on and for its time.", isApproval: true), Decide(context, "reject", "Rejects a request.", isApproval: false)];

    private static Command Request(CommandContext context)
    {
        var command = new Command("request", "Asks for a grant of some tools for a time; the team that owns the tools decides.");
        var client = new Option<string>("--client") { Description = "The application (client) id.", Required = true };
        var server = new Option<string>("--server") { Description = "The virtual server.", Required = true };
        var tools = new Option<string[]>("--tool") { Description = "Name or glob of a tool; may be repeated.", Required = true };
        var minutes = new Option<int>("--minutes") { Description = "How long it is needed from the approval on.", Required = true };
        var justification = new Option<string>("--justification") { Description = "What it is needed for.", Required = true };
        var ticket = new Option<string?>("--ticket") { Description = "Where that was asked for, such as a work item." };
        var by = new Operator(context);
        foreach (Option option in (Option[])[client, server, tools, minutes, justification, ticket]) command.Add(option);
        by.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            using var gateway = context.Gateway.Open(result);
            if (gateway is not null)
            {
                by.RefuseNames(result);
                var call = GatewayCall.Post(
                    "requests",
                    ("clientId", result.GetRequiredValue(client)),
                    ("server", result.GetRequiredValue(server)),
                    ("tools", new JsonArray([.. result.GetRequiredValue(tools).Select(t => JsonValue.Create(t))])),
                    ("minutes", result.GetRequiredValue(minutes)),
                    ("justification", result.GetRequiredValue(justification)),
                    ("ticket", result.GetValue(ticket)));
                var answer = await gateway.SendAsync(call, ct);
                return ChangeAction.Report(context, result, answer, () => $"Request {JsonMembers.Text(answer.Body, "requestId")} waits for the team of the tools: mcpgov grant approve {JsonMembers.Text(answer.Body, "requestId")} --reason REASON");
            }

            await using var stores = context.OpenStores(result);
            await using var changes = await ChangeSession.OpenAsync(stores, context.Time, ct);
            var actor = by.Of(result);
            var wish = new GrantRequest
            {
                RequestId = "",
                ClientId = result.GetRequiredValue(client),
                Server = result.GetRequiredValue(server),
                Tools = result.GetRequiredValue(tools),
                Minutes = result.GetRequiredValue(minutes),
                Justification = result.GetRequiredValue(justification),
                Ticket = result.GetValue(ticket),
                Requester = actor.Name,
                RequestedAt = context.Time.GetUtcNow(),
            };
            var outcome = await changes.Requests.RequestAsync(actor, wish, ct);
            return by.Report(outcome, $"Request {outcome.Value?.RequestId} waits for the team of the tools: mcpgov grant approve {outcome.Value?.RequestId} --team TEAM");
        });
        return command;
    }

    private static Command List(CommandContext context)
    {
        var command = new Command("requests", "Lists requests for grants that nobody has decided on.");
        var all = new Option<bool>("--all") { Description = "Also those that were decided." };
        command.Add(all);
        command.SetAction(async (result, ct) =>
        {
            await using var view = context.OpenView(result);
            var requests = await view.ReadRequestsAsync(ct).Where(r => result.GetValue(all) || r.State == GrantRequestState.Pending).ToListAsync(ct);
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, requests, GovernanceJson.Default.IReadOnlyListGrantRequest);
            else TableWriter.Write(context.Out, ["Request", "State", "Client", "Server", "Tools", "Minutes", "By", "At", "Justification"], requests.Select(r => new[]
            {
                r.RequestId, r.State.ToString(), r.ClientId, r.Server, string.Join(", ", r.Tools), r.Minutes.ToString(CultureInfo.InvariantCulture), r.Requester, Moments.Minute(r.RequestedAt), r.Justification,
            }));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Decide(CommandContext context, string name, string description, bool isApproval)
    {
        var command = new Command(name, description);
        var id = new Argument<string>("REQUEST") { Description = "The request's id." };
        var tag = ChangeAction.IfMatch();
        command.Add(id);
        command.Add(tag);
        ChangeAction.Set(
            command,
            context,
            (_, reason, result, _) => Task.FromResult(GatewayCall.Post($"requests/{GatewayCall.Segment(result.GetRequiredValue(id))}/{name}", ("reason", reason)) with { IfMatch = result.GetValue(tag) ?? "*" }),
            (changes, actor, reason, result, ct) => isApproval
                ? changes.Requests.ApproveAsync(actor, result.GetRequiredValue(id), reason, ct)
                : changes.Requests.RejectAsync(actor, result.GetRequiredValue(id), reason, ct),
            (result, outcome) => isApproval ? outcome is null ? $"Approved: request {result.GetRequiredValue(id)}." : $"Approved: grant {outcome.Value?.GrantId} for {outcome.Value?.Minutes} minutes." : $"Rejected: request {result.GetRequiredValue(id)}.");
        return command;
    }
}
