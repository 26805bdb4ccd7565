using System.CommandLine;
using System.Text.RegularExpressions;
using McpServerless.Catalogue;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Importing;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov import mcp URL</c>: writes what an MCP server says of its tools into files for review.</summary>
internal static partial class ImportMcpCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("mcp", "Writes the tools of an MCP server into contract files, one for each tool. Exit code 1 when a finding blocks one of them.");
        var url = new Argument<string>("URL") { Description = "The server's MCP endpoint (Streamable HTTP)." };
        var folder = new Option<string>("--folder") { Description = "The catalogue folder to write into.", Required = true };
        var upstream = new Option<string>("--upstream") { Description = "Name of the upstream: 1 to 64 letters, digits, dots, underscores or hyphens.", Required = true };
        var team = new Option<string>("--team") { Description = "The team that owns tools which have no file yet.", Required = true };
        var network = new Option<bool>("--allow-private-network") { Description = "Whether the server may lie in a private network or on this machine." };
        command.Add(url);
        command.Add(folder);
        command.Add(upstream);
        command.Add(team);
        command.Add(network);
        var secret = new Option<string?>("--bearer-secret") { Description = "Name of the secret that the server wants as a bearer token: the environment variable Upstreams__Secrets__NAME, or a secret of the vault in Upstreams__Vault.", HelpName = "NAME" };
        command.Add(secret);
        command.SetAction(async (result, ct) =>
        {
            if (!Uri.TryCreate(result.GetRequiredValue(url), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new UsageException("URL is not an absolute http or https URL");
            var name = result.GetRequiredValue(upstream);
            if (!Name().IsMatch(name)) throw new UsageException("--upstream is not 1 to 64 letters, digits, dots, underscores or hyphens");
            var server = new Upstream { Name = name, Url = address, AllowPrivateNetwork = result.GetValue(network), Credential = result.GetValue(secret) is { } named ? new UpstreamCredential { Type = CredentialType.Http, Secret = named } : null };
            using var live = new LiveUpstream(OperatorCredentials.Open(context.Time), context.Time);
            try
            {
                var tools = await live.ReadAsync(server, ct);
                var files = new ContractFiles(result.GetRequiredValue(folder));
                return Report(context, context.WantsJson(result), await files.WriteAsync(server, tools, result.GetRequiredValue(team), ct), files.Orphans(name, tools));
            }
            catch (Exception e) when (e is UpstreamUnreadableException or IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
            {
                throw new UsageException(e.Message);
            }
        });
        return command;
    }

    private static int Report(CommandContext context, bool json, IReadOnlyList<ImportedTool> imported, IReadOnlyList<string> orphans)
    {
        var refused = imported.Count(t => t.Action == ImportAction.Refused);
        if (json)
        {
            JsonOutput.Write(context.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("tools"u8);
                foreach (var tool in imported)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name"u8, tool.Tool.Name);
                    writer.WriteString("action"u8, Word(tool.Action));
                    writer.WriteString("file"u8, tool.File);
                    writer.WriteString("hash"u8, tool.Tool.Hash);
                    writer.WriteStartArray("findings"u8);
                    foreach (var finding in tool.Findings) writer.WriteStringValue($"{finding.Rule} {finding.Pointer} {finding.Detail}");
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteStartArray("gone"u8);
                foreach (var file in orphans) writer.WriteStringValue(file);
                writer.WriteEndArray();
                writer.WriteEndObject();
            });
            return refused > 0 ? ExitCode.Findings : ExitCode.Ok;
        }

        TableWriter.Write(context.Out, ["Tool", "Action", "File", "Hash"], imported.Select(t => new[] { t.Tool.Name, Word(t.Action), t.File, t.Tool.Hash[..12] }));
        foreach (var tool in imported)
        {
            foreach (var finding in tool.Findings)
                context.Error.WriteLine($"{(finding.Rule.IsBlocking ? "error" : "warning")} {finding.Rule}: {TableWriter.Printable(tool.Tool.Name)}{TableWriter.Printable(finding.Pointer)}: {finding.Detail}. {finding.Rule.Meaning}");
        }

        foreach (var file in orphans) context.Error.WriteLine($"warning tool-gone: {file}: the server no longer lists this tool; delete the file, or retire the tool");
        if (refused > 0) context.Error.WriteLine($"mcpgov: {refused} tool(s) not written; read what they say, and accept a finding in the contract file with accepted: [{{ rule, reason }}] if it is harmless");
        return refused > 0 ? ExitCode.Findings : ExitCode.Ok;
    }

    private static string Word(ImportAction action) => action switch
    {
        ImportAction.Added => "added",
        ImportAction.Changed => "changed",
        ImportAction.Unchanged => "unchanged",
        _ => "refused",
    };

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Name();
}
