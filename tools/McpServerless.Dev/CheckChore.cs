using McpServerless.Infra;
using McpServerless.Infra.Bicep;

namespace McpServerless.Dev;

/// <summary><c>check</c>: what a reviewer should not have to look for. Every finding is named, not only the first. <c>check infra</c> looks at the deployment alone.</summary>
internal static class CheckChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        var infraOnly = context.Arguments is ["infra"];
        if (!infraOnly && context.Arguments.Count > 0) throw new DevFailure("check takes nothing, or the word infra.");
        List<string> findings = [];
        await Steps.ShowAsync(async steps =>
        {
            await steps.RunAsync("Development tools (npm)", () => NodePackages.InstallAsync(context));
            await AddAsync("Deployment (infra)", () => InfraAsync(context));
            if (infraOnly) return;
            await steps.RunAsync("Package feed", () => PackageFeed.CheckAsync(context));
            await AddAsync("Projects in the solution", () => Task.FromResult(RepositoryChecks.Projects()));
            await AddAsync("Routes", () => Task.FromResult(RepositoryChecks.Routes()));
            await AddAsync("Machine paths", () => RepositoryChecks.MachinePathsAsync(context));
            await AddAsync("Build, warnings as errors", () => ToolAsync("build", "build", "McpServerless.sln", "-nologo", "-v:m", "-tl:off", "-warnaserror"));
            await steps.RunAsync("Function app on the real worker", async () =>
            {
                var (found, skipped) = await PublishedFunctionApp.CheckAsync(context);
                findings.AddRange(found);
                return (skipped is not null ? $"skipped: {skipped}" : found.Count == 0 ? "" : $"{found.Count} findings", found.Count == 0);
            });
            await AddAsync("Formatting", () => ToolAsync("format", "format", "McpServerless.sln", "--verify-no-changes", "--no-restore", "-v:m"));

            async Task AddAsync(string name, Func<Task<IReadOnlyList<string>>> check) => await steps.RunAsync(name, async () =>
            {
                var found = await check();
                findings.AddRange(found);
                return (found.Count == 0 ? "" : $"{found.Count} findings", found.Count == 0);
            });
        });
        foreach (var finding in findings) Console.WriteLine(finding);
        Console.WriteLine(findings.Count == 0 ? "All checks hold." : $"{findings.Count} findings.");
        return findings.Count == 0 ? 0 : 1;

        static async Task<IReadOnlyList<string>> InfraAsync(ChoreContext context)
        {
            using var workspace = InfraWorkspace.Copy();
            await using var compiler = await BicepCompiler.StartAsync(context.Stop);
            var result = await InfraCheck.RunAsync(workspace, compiler, context.Stop);
            return [.. result.Findings.Select(finding => finding.ToString())];
        }

        async Task<IReadOnlyList<string>> ToolAsync(string log, params string[] arguments)
        {
            var (exitCode, output) = await Tool.TryAsync(context, log, Tool.Dotnet, arguments);
            return exitCode == 0 ? [] : [.. Tool.ErrorsIn(output)];
        }
    }
}
