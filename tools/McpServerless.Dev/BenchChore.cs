using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>bench</c>: the benchmark of the request path, built for release.</summary>
internal static class BenchChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        await Steps.ShowAsync(async steps =>
        {
            await Gateway.PrepareAsync(context, steps);
            await steps.RunAsync("Build for release", () => Tool.BuildAsync(context, "build", "tests/McpServerless.Benchmarks", "-c:Release"));
        });
        string[] arguments = ["run", "--no-build", "-c", "Release", "--project", RepositoryRoot.Combine("tests", "McpServerless.Benchmarks"), "--", .. context.Arguments];
        var (exitCode, _) = await Tool.TryAsync(context, "bench", Tool.Dotnet, arguments, Console.WriteLine);
        return exitCode == 0 ? 0 : throw new DevFailure($"The benchmark ended with code {exitCode}.");
    }
}
