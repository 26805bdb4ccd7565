using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>clean</c>: deletes what can be made again. Runs that still live keep their folders.</summary>
internal static class CleanChore
{
    public static Task<int> RunAsync(ChoreContext context)
    {
        var all = context.Arguments is ["--all"];
        if (!all && context.Arguments.Count > 0) throw new DevFailure($"clean does not know {string.Join(' ', context.Arguments)}; it knows --all.");
        RunFolder.DeleteEnded();
        Delete("artifacts");
        if (all)
        {
            Delete("node_modules");
            PackageFeed.Forget();
        }

        return Task.FromResult(0);
    }

    private static void Delete(string name)
    {
        var folder = new DirectoryInfo(RepositoryRoot.Combine(name));
        if (!folder.Exists) return;
        if (folder.LinkTarget is not null)
        {
            folder.Delete(); // The link, not what it leads to.
            return;
        }

        foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                file.Delete();
            }
            catch (UnauthorizedAccessException)
            {
                // Windows keeps the file of a program that runs, such as this one.
            }
        }

        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception inUse) when (inUse is UnauthorizedAccessException or IOException)
        {
            Console.WriteLine($"{name} holds programs that run; those stay.");
        }
    }
}
