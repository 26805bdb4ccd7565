using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>test</c>: builds the solution once and runs its test projects one after the other, and then the official conformance suite. Its last line has the totals.</summary>
/// <remarks><c>--stand-ins all</c> takes every stand-in, also for packages that the feed has; both ways have to pass.</remarks>
internal static class TestChore
{
    /// <summary>The official suite is a part of the tests like a project, and chosen by a word like one.</summary>
    private const string Conformance = "Conformance suite";

    public static async Task<int> RunAsync(ChoreContext context)
    {
        var (standIns, words) = StandInSet.In(context.Arguments);
        var totals = new TestResults(0, 0, []);
        await Steps.ShowAsync(async steps =>
        {
            await Gateway.PrepareAsync(context, steps);
            await steps.RunAsync("Build the solution", async () =>
            {
                using var alone = await BuildLock.TakeAsync(context.Stop);
                await Tool.BuildAsync(context, "build", "McpServerless.sln", [.. standIns.BuildArguments]);
            });
            var projects = ProjectsNamed(words, standIns.Builds);
            foreach (var project in projects)
            {
                await steps.RunAsync(project, async () =>
                {
                    var results = await RunProjectAsync(context, project, standIns.Builds);
                    totals += results;
                    return (results.ToString(), results.Failures.Count == 0);
                });
            }

            if (!IsNamed(Conformance, words)) return;
            foreach (var report in await ConformanceChore.RunAsync(context, steps, direct: true, through: true)) totals += report.ToTestResults();
        });
        foreach (var failure in totals.Failures)
            Console.WriteLine($"\nFAILED {failure.Name}\n  {failure.Message.Replace("\n", "\n  ", StringComparison.Ordinal)}");
        if (totals.Failures.Count > 0 && context.Folder.KeepLogs()) Console.WriteLine($"\nLogs: {context.Folder.Path}\n");
        Console.WriteLine(totals);
        return totals.Failures.Count == 0 && totals.Passed > 0 ? 0 : 1;
    }

    private static string[] ProjectsNamed(IReadOnlyList<string> words, string builds)
    {
        string[] projects = [.. Solution.TestProjects(builds).Where(project => IsNamed(project, words))];
        return projects is [] && !IsNamed(Conformance, words) ? throw new DevFailure($"The solution has no test project named like {string.Join(' ', words)}.") : projects;
    }

    private static bool IsNamed(string name, IReadOnlyList<string> words) => words.All(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static async Task<TestResults> RunProjectAsync(ChoreContext context, string project, string builds)
    {
        var assembly = Path.Combine(BuiltProgram.FolderOf(project, builds), project + ".dll");
        string[] arguments =
        [
            "test", assembly, "--logger", $"trx;LogFileName={project}.trx", "--results-directory", Path.Combine(context.Folder.Path, "results"),
            // A test that hangs is named and ended instead of holding up everything.
            "--blame-hang-timeout", "10m", "--blame-hang-dump-type", "none",
        ];
        var (exitCode, output) = await Tool.TryAsync(context, project, Tool.Dotnet, arguments);
        var file = Path.Combine(context.Folder.Path, "results", project + ".trx");
        var results = File.Exists(file) ? TestResults.Read(file) : new TestResults(0, 0, []);
        // A host that crashed, or a project without a test, must not pass for a success.
        return (exitCode == 0 && results.Passed + results.Skipped > 0) || results.Failures.Count > 0
            ? results
            : results + new TestResults(0, 0, [new FailedTest(project, $"dotnet test ended with code {exitCode}.\n{output}")]);
    }
}
