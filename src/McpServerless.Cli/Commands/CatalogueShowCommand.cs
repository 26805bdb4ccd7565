using System.CommandLine;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov catalogue show</c>: the active version.</summary>
internal static class CatalogueShowCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("show", "Shows the active catalogue version: which tools, prompts and resources each virtual server exposes. As JSON, all of it.");
        command.SetAction(async (result, ct) =>
        {
            await using var stores = context.OpenStores(result);
            if (await stores.Catalogues.ReadActiveAsync(ct) is not { } active)
            {
                context.Error.WriteLine("mcpgov: no catalogue has been applied yet");
                return ExitCode.Findings;
            }

            if (context.WantsJson(result)) JsonOutput.Write(context.Out, active, GovernanceJson.Default.CatalogueVersion);
            else WriteTable(context.Out, active);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteTable(TextWriter output, CatalogueVersion active)
    {
        output.WriteLine($"Catalogue version {active.Number}");
        TableWriter.Write(output, ["Upstream", "URL", "Private network", "Timeout"], active.Upstreams.Select(u =>
            new[] { u.Name, u.Url.ToString(), u.AllowPrivateNetwork ? "allowed" : "", $"{u.TimeoutSeconds} s" }));
        TableWriter.Write(output, ["Server", "Kind", "Name", "Upstream", "Version", "State", "Sensitivity", "Team", "Hash"], active.Servers.SelectMany(server => Exposed(server, active)
            .Select(exposed => new[]
            {
                server.Name, exposed.Kind, exposed.Name, exposed.Contract.Upstream, exposed.Contract.Version, exposed.Contract.State.ToString(),
                exposed.Contract.Sensitivity.ToString(), exposed.Contract.Team, exposed.Contract.Hash[..12],
            })));
        TableWriter.Write(output, ["Server", "Upstreams may ask agents for"], active.Servers.Select(server => new[]
        {
            server.Name, server.ClientRequests.Count == 0 ? "nothing" : string.Join(", ", server.ClientRequests),
        }));
    }

    private static IEnumerable<(string Kind, string Name, Contract Contract)> Exposed(VirtualServer server, CatalogueVersion active) =>
    [
        .. InOrder("tool", ActiveCatalogue.Select(server.Tools, active.Tools)),
        .. InOrder("prompt", ActiveCatalogue.Select(server.Prompts, active.Prompts)),
        .. InOrder("resource", ActiveCatalogue.Select(server.Resources, active.Resources).Select(r => (r.Name, r))),
    ];

    private static IEnumerable<(string Kind, string Name, Contract Contract)> InOrder<T>(string kind, IEnumerable<(string Name, T Contract)> exposed)
        where T : Contract =>
        exposed.DistinctBy(e => e.Name, StringComparer.Ordinal).OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => (kind, e.Name, (Contract)e.Contract));
}
