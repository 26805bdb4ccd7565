using System.CommandLine;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Contracts;

/// <summary><c>mcpgov contract list</c>: tools whose upstream describes them differently from what is pinned.</summary>
internal static class ContractListCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("list", "Tools that their upstream changed since they were pinned, those that wait for a decision first, and when each upstream was last looked at.");
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            var drifts = await DriftSource.ReadAsync(stores, ct);
            var looked = await stores.Drifts.ReadProgressAsync(ct);
            if (context.WantsJson(result))
            {
                JsonOutput.Write(context.Out, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteStartArray("drifts"u8);
                    foreach (var drift in drifts) ContractShowCommand.WriteDrift(writer, drift, withLive: false);
                    writer.WriteEndArray();
                    writer.WriteStartArray("upstreams"u8);
                    foreach (var upstream in looked)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("name"u8, upstream.Name);
                        writer.WriteString("lookedAt"u8, upstream.LookedAt);
                        if (upstream.Failure is { } failure) writer.WriteString("failure"u8, failure);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                    writer.WriteEndObject();
                });
                return ExitCode.Ok;
            }

            if (drifts.Count > 0)
                TableWriter.Write(context.Out, ["State", "Verdict", "Tool", "Since", "Rules"], drifts.Select(d => new[] { DriftSource.Word(d.State), DriftSource.Word(d.Verdict), $"{d.Upstream}/{d.Tool}", Moments.Minute(d.Since), string.Join(", ", d.Rules) }));
            if (looked.Count > 0)
                TableWriter.Write(context.Out, ["Upstream", "Looked at", "Failure"], looked.Select(u => new[] { u.Name, Moments.Minute(u.LookedAt), u.Failure ?? "" }));
            context.Out.WriteLine(drifts.Count == 0 ? "No upstream changed what is pinned." : $"{drifts.Count(d => d.IsHeld)} held, {drifts.Count(d => !d.IsHeld)} reported.");
            return ExitCode.Ok;
        });
        return command;
    }
}
