using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>fuzz</c>: broken messages at the running function app, from both of its sides.</summary>
internal static class FuzzChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        await Steps.ShowAsync(async steps =>
        {
            await Gateway.PrepareAsync(context, steps);
            await steps.RunAsync("Build", async () =>
            {
                using var alone = await BuildLock.TakeAsync(context.Stop);
                await Tool.BuildAsync(context, "build", "tests/McpServerless.Fuzz");
            });
        });
        string[] arguments = ["run", "--no-build", "--project", RepositoryRoot.Combine("tests", "McpServerless.Fuzz"), "--", .. context.Arguments];
        var (exitCode, _) = await Tool.TryAsync(context, "fuzz", Tool.Dotnet, arguments, Console.WriteLine);
        return exitCode;
    }
}
