using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>Publishes the function app on the real Functions worker, and looks at whether the host would find what it needs.</summary>
/// <remarks>Libraries that the feed lacks are stood in for; what comes out is looked at and deleted with the run.</remarks>
internal static partial class PublishedFunctionApp
{
    private const string Project = "McpServerless.Functions";
    private const string Metadata = "functions.metadata";

    /// <summary>What the host reads beside the app (https://learn.microsoft.com/azure/azure-functions/dotnet-isolated-process-guide).</summary>
    private static readonly string[] Files = ["host.json", "worker.config.json", "extensions.json", Metadata, $"{Project}.dll", Path.Combine(".azurefunctions", "function.deps.json")];

    /// <returns>What is wrong; or, instead, why nothing could be looked at.</returns>
    public static async Task<(IReadOnlyList<string> Findings, string? Skipped)> CheckAsync(ChoreContext context)
    {
        var missing = await PackageFeed.MissingStandInsAsync(context.Stop);
        if (missing.Contains("FunctionsRuntime")) return ([], "the feed lacks the Functions worker");
        var folder = Path.Combine(context.Folder.Path, "function-app");
        string[] arguments =
        [
            "publish", RepositoryRoot.Combine("src", Project), "-c", "Release", "-o", folder, "-p:UseStandIns=missing", "-p:PublishOnlyToLook=true", "-nologo", "-v:m", "-tl:off",
        ];
        var (exitCode, output) = await Tool.TryAsync(context, "publish", Tool.Dotnet, arguments);
        if (exitCode == 0) return ([.. FaultsIn(folder)], null);
        // The worker's SDK builds a project of its own with the host's extensions, whose packages no reference of ours names.
        return PackageFeed.AbsentIn(output) is { Length: > 0 } absent ? ([], string.Join("; ", absent)) : ([.. Tool.ErrorsIn(output)], null);
    }

    private static IEnumerable<string> FaultsIn(string folder)
    {
        var absent = Files.Where(file => !File.Exists(Path.Combine(folder, file))).ToArray();
        foreach (var file in absent) yield return $"the published function app lacks {file}";
        if (absent.Contains(Metadata)) yield break;

        using var functions = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, Metadata)));
        var published = functions.RootElement.EnumerateArray().Select(function => function.GetProperty("name").GetString()).ToArray();
        var written = Directory.EnumerateFiles(RepositoryRoot.Combine("src", Project), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => FunctionName.Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).ToArray();
        foreach (var name in written.Except(published)) yield return $"the published function app lacks the function {name}";
    }

    [GeneratedRegex("""
        \[Function\("([^"]+)"\)\]
        """)]
    private static partial Regex FunctionName { get; }
}
