namespace McpServerless.Testing;

/// <summary>Where the solution lies, seen from wherever a test's assembly was put.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Found = new(Find);

    public static string Path => Found.Value;

    public static string Combine(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "McpServerless.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"McpServerless.sln is in none of the folders above {AppContext.BaseDirectory}.");
    }
}
