using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>From a clone to a running gateway, for <c>up</c>, <c>demo</c> and what else needs one.</summary>
internal static class Gateway
{
    public static async Task<LocalGateway> StartAsync(ChoreContext context)
    {
        LocalGateway? gateway = null;
        await Steps.ShowAsync(async steps =>
        {
            await BuildAsync(context, steps);
            var options = new LocalGatewayOptions { Folder = context.Folder.Path, Step = steps.RunAsync, Settings = new Dictionary<string, string> { ["Watch__Enabled"] = "true" } };
            gateway = await LocalGateway.StartAsync(options, context.Stop);
        });
        return gateway!; // Otherwise a step has thrown.
    }

    public static async Task BuildAsync(ChoreContext context, Steps steps)
    {
        await PrepareAsync(context, steps);
        await steps.RunAsync("Build", async () =>
        {
            using var alone = await BuildLock.TakeAsync(context.Stop);
            await Tool.BuildAsync(context, "build-functions", "src/McpServerless.Functions");
            await Tool.BuildAsync(context, "build-mcpgov", "src/McpServerless.Cli");
        });
    }

    public static async Task PrepareAsync(ChoreContext context, Steps steps)
    {
        await steps.RunAsync("Prerequisites", () => Prerequisites.CheckAsync(context));
        await steps.RunAsync("Package feed", () => PackageFeed.CheckAsync(context));
        await steps.RunAsync("Node packages (npm ci)", () => NodePackages.InstallAsync(context));
    }
}
