using System.CommandLine;
using McpServerless.Cli.Commands.Access;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Watching;

namespace McpServerless.Cli.Commands.Contracts;

/// <summary><c>mcpgov contract accept</c> and <c>reject</c>: a person decides about what an upstream changed.</summary>
internal static class ContractDecisionCommand
{
    public static Command CreateAccept(CommandContext context) => Create(
        context,
        "accept",
        "Pins what the upstream shows, as contract show has it, in a new catalogue version, and serves the tool again. Bring it into your files too (import mcp), or the next apply goes back.",
        (decisions, tool, reason, by, ct) => decisions.AcceptAsync(tool.Upstream, tool.Name, reason, by, ct),
        (name, decision) => decision.CatalogueVersion is { } number
            ? $"{name} is served by contract version {decision.Contract!.Version}, in catalogue version {number}. Bring it into your files: mcpgov import mcp."
            : $"{name} is served again by the contract that it had.");

    public static Command CreateReject(CommandContext context) => Create(
        context,
        "reject",
        "Keeps what is pinned. The tool stays out of service until its upstream shows that again, and is then served by itself.",
        (decisions, tool, reason, by, ct) => decisions.RejectAsync(tool.Upstream, tool.Name, reason, by, ct),
        (name, _) => $"{name} stays out of service until its upstream shows what is pinned.");

    private static Command Create(
        CommandContext context,
        string verb,
        string description,
        Func<DriftDecisions, (string Upstream, string Name), string, string, CancellationToken, Task<DriftDecision>> decide,
        Func<string, DriftDecision, string> told)
    {
        var command = new Command(verb, description);
        var name = DriftSource.ToolArgument();
        var reason = new Option<string>("--reason") { Description = "Why; 8 to 500 characters. Kept in the ledger.", Required = true };
        var by = new Option<string?>("--by") { Description = "Who decides; needed at the storage account. Through the gateway your token says it." };
        reason.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && token.Value.Trim().Length is < 8 or > 500) option.AddError("--reason: say why, in 8 to 500 characters.");
        });
        by.Validators.Add(option =>
        {
            if (option.Tokens is [var token] && token.Value.Trim().Length is 0 or > 200) option.AddError("--by: a name of up to 200 characters.");
        });
        command.Add(name);
        command.Add(reason);
        command.Add(by);
        command.SetAction(async (result, ct) =>
        {
            var tool = DriftSource.Parse(result.GetRequiredValue(name));
            using var gateway = context.Gateway.Open(result);
            if (gateway is not null)
            {
                if (result.GetValue(by) is not null) throw new UsageException("through the gateway your token says who you are: leave --by out");
                var path = $"contracts/{GatewayCall.Segment(tool.Upstream)}/{GatewayCall.Segment(tool.Tool)}";
                var seen = await gateway.SendAsync(new GatewayCall("GET", path), ct);
                if (!seen.Succeeded) return ChangeAction.Report(context, result, seen, () => "");
                var answer = await gateway.SendAsync(GatewayCall.Post($"{path}/{verb}", ("reason", result.GetRequiredValue(reason).Trim())) with { IfMatch = seen.ETag }, ct);
                return ChangeAction.Report(context, result, answer, () => $"{tool.Upstream}/{tool.Tool}: {verb}ed.");
            }

            var who = result.GetValue(by)?.Trim() ?? throw new UsageException("--by says who decides");
            await using var stores = context.OpenStores(result);
            var decisions = new DriftDecisions(stores.Catalogues, stores.Drifts, stores.Access, (record, token) => OperatorLedger.AppendAsync(stores.Audit, context.Time, record, token), context.Time);
            var decision = await decide(decisions, tool, result.GetRequiredValue(reason).Trim(), who, ct);
            if (decision.Fault is { } fault)
            {
                context.Error.WriteLine($"mcpgov: {fault}");
                return ExitCode.Findings;
            }

            if (!context.WantsJson(result))
            {
                context.Out.WriteLine(told($"{tool.Upstream}/{tool.Tool}", decision));
                return ExitCode.Ok;
            }

            JsonOutput.Write(context.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("outcome"u8, verb + "ed");
                writer.WriteString("contractHash"u8, decision.Contract!.Hash); // carried out, so there is one
                if (decision.CatalogueVersion is { } number) writer.WriteNumber("catalogueVersion"u8, number);
                writer.WriteEndObject();
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
