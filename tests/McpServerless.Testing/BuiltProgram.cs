namespace McpServerless.Testing;

/// <summary>A program of this solution as the build left it.</summary>
/// <remarks>Programs run on this machine on FunctionsRuntime, hence always from the output folder of builds with stand-ins.</remarks>
public static class BuiltProgram
{
    private static string Configuration =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Equals("release", StringComparison.OrdinalIgnoreCase) ? "release" : "debug";

    public static string FolderOf(string project) => RepositoryRoot.Combine("artifacts", "standins", "bin", project, Configuration);

    /// <param name="project">The project's name.</param>
    /// <param name="assembly">Its assembly's name, where that is another one.</param>
    /// <exception cref="InvalidOperationException">It is not built.</exception>
    public static string Find(string project, string? assembly = null)
    {
        var program = Path.Combine(FolderOf(project), (assembly ?? project) + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(program) ? program : throw new InvalidOperationException($"{program} is missing: build {project} first.");
    }
}
