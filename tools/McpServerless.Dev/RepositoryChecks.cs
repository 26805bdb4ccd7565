using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>Rules about the repository's files that no compiler knows.</summary>
internal static partial class RepositoryChecks
{
    /// <summary>A project outside of the solution is neither built nor tested by anyone.</summary>
    public static IReadOnlyList<string> Projects()
    {
        string[] folders = ["src", "standins", "tests", "tools"];
        return
        [
            .. from folder in folders
               let path = RepositoryRoot.Combine(folder)
               where Directory.Exists(path)
               from file in Directory.EnumerateFiles(path, "*.csproj", SearchOption.AllDirectories)
               let project = Relative(file)
               where !Solution.Projects.Contains(project)
               select $"{project}: not in McpServerless.sln",
        ];
    }

    /// <summary>Every route is written out, in the README, and none belongs to the Functions host.</summary>
    public static IReadOnlyList<string> Routes()
    {
        var readmePath = RepositoryRoot.Combine("README.md");
        var readme = File.Exists(readmePath) ? File.ReadAllText(readmePath) : "";
        return
        [
            .. from file in Directory.EnumerateFiles(RepositoryRoot.Combine("src", "McpServerless.Functions"), "*.cs", SearchOption.AllDirectories)
               from trigger in HttpTrigger.Matches(File.ReadAllText(file))
               let fault = FindFault(trigger.Value, readme)
               where fault is not null
               select $"{Relative(file)}: {fault}",
        ];
    }

    /// <summary>A path of somebody's machine in a file that git tracks.</summary>
    public static async Task<IReadOnlyList<string>> MachinePathsAsync(ChoreContext context)
    {
        List<string> tracked = [];
        var (exitCode, output) = await Tool.TryAsync(context, "git", "git", ["ls-files"], tracked.Add);
        if (exitCode != 0) throw new DevFailure($"git ls-files ended with code {exitCode}.\n{output}");
        List<string> findings = [];
        foreach (var name in tracked)
        {
            var file = RepositoryRoot.Combine(name);
            if (!File.Exists(file)) continue;
            var lines = await File.ReadAllLinesAsync(file, context.Stop);
            for (var number = 0; number < lines.Length; number++)
            {
                if (MachinePath.Match(lines[number]) is { Success: true } match) findings.Add($"{name}:{number + 1}: a path of one machine: {match.Value}");
                else if (lines[number].Contains(RepositoryRoot.Path + "/", StringComparison.Ordinal)) findings.Add($"{name}:{number + 1}: the path of this clone");
            }
        }

        return findings;
    }

    private static string? FindFault(string trigger, string readme)
    {
        if (Route.Match(trigger) is not { Success: true } match) return "an HTTP trigger without a Route that is written out";
        var route = match.Groups[1].Value;
        // Both belong to the Functions host, whatever routePrefix says.
        if (Reserved.IsMatch(route)) return $"route '{route}' begins with a name of the Functions host";
        if (route != route.ToLowerInvariant().TrimEnd('/') && !route.Contains('{', StringComparison.Ordinal)) return $"route '{route}' is not lower case without a slash at its end";
        return readme.Contains('/' + route, StringComparison.Ordinal) ? null : $"route '/{route}' is not in README.md";
    }

    private static string Relative(string file) => Path.GetRelativePath(RepositoryRoot.Path, file).Replace('\\', '/');

    [GeneratedRegex(@"\[HttpTrigger\b[^\]]*\]")]
    private static partial Regex HttpTrigger { get; }

    [GeneratedRegex("""
        \bRoute\s*=\s*"([^"]*)"
        """)]
    private static partial Regex Route { get; }

    [GeneratedRegex("^(admin|runtime)(/|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Reserved { get; }

    // Azure's own /home/site is the same for everyone.
    [GeneratedRegex(@"(?<![\w.~})*-])/(home/(?!site\b)|Users/|root/)[\w.-]+|\b[A-Za-z]:\\Users\\\w+")]
    private static partial Regex MachinePath { get; }
}
