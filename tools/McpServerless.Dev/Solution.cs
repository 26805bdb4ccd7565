using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>The projects that <c>McpServerless.sln</c> lists.</summary>
internal static partial class Solution
{
    /// <summary>Paths below the repository's root, with slashes.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. ProjectPath.Matches(File.ReadAllText(RepositoryRoot.Combine("McpServerless.sln"))).Select(match => match.Groups[1].Value.Replace('\\', '/'))];

    /// <summary>Names of the built projects that a test platform can run, those of whole systems last.</summary>
    /// <param name="builds">A folder of builds, as <see cref="BuiltProgram"/> names it.</param>
    public static IEnumerable<string> TestProjects(string builds) =>
        from path in Projects
        where path.StartsWith("tests/", StringComparison.Ordinal)
        let name = Path.GetFileNameWithoutExtension(path)
        where File.Exists(Path.Combine(BuiltProgram.FolderOf(name, builds), "xunit.runner.visualstudio.testadapter.dll"))
        orderby name.EndsWith("EndToEnd", StringComparison.Ordinal), name
        select name;

    [GeneratedRegex("""
        "([^"]+\.csproj)"
        """)]
    private static partial Regex ProjectPath { get; }
}
