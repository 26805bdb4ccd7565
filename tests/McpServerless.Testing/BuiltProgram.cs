namespace McpServerless.Testing;

/// <summary>A program of this solution as the build left it.</summary>
/// <remarks>
/// Programs run on this machine on FunctionsRuntime, hence always from the output folder of builds with stand-ins: a test from the one
/// that it lies in itself, so that it meets programs on the same stand-ins.
/// </remarks>
public static class BuiltProgram
{
    /// <summary>The folder of builds on the stand-ins that this machine needs.</summary>
    public const string NeededStandIns = "standins";

    /// <summary>The folder of builds on every stand-in.</summary>
    public const string AllStandIns = "standins-all";

    private static string Base => Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    private static string Configuration => Path.GetFileName(Base).Equals("release", StringComparison.OrdinalIgnoreCase) ? "release" : "debug";

    private static string Builds => Base.StartsWith(RepositoryRoot.Combine("artifacts", AllStandIns, "bin"), StringComparison.Ordinal) ? AllStandIns : NeededStandIns;

    /// <param name="project">The project's name.</param>
    /// <param name="builds">One of the two folders; null for the one that this program lies in itself.</param>
    public static string FolderOf(string project, string? builds = null) => RepositoryRoot.Combine("artifacts", builds ?? Builds, "bin", project, Configuration);

    /// <param name="project">The project's name.</param>
    /// <param name="assembly">Its assembly's name, where that is another one.</param>
    /// <exception cref="InvalidOperationException">It is not built.</exception>
    public static string Find(string project, string? assembly = null)
    {
        var program = Path.Combine(FolderOf(project), (assembly ?? project) + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(program) ? program : throw new InvalidOperationException($"{program} is missing: build {project} first.");
    }
}
