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
        var command = new Command("show", "Shows the active catalogue version: which tools each virtual server exposes. As JSON, all of it.");
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
        TableWriter.Write(output, ["Server", "Tool", "Upstream", "Version", "State", "Sensitivity", "Team", "Hash"], active.Servers.SelectMany(server =>
            ActiveCatalogue.Select(server.Tools, active.Tools).DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => new[]
            {
                server.Name, t.Name, t.Contract.Upstream, t.Contract.Version, t.Contract.State.ToString(), t.Contract.Sensitivity.ToString(), t.Contract.Team, t.Contract.Hash[..12],
            })));
    }
}
