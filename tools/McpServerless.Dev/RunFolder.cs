using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>.run/N</c>: the logs and rows of one run. N is the lowest number that no living run holds.</summary>
internal sealed class RunFolder : IDisposable
{
    private const string LockName = "run.lock";

    private readonly FileStream _lock;
    private bool _keep;

    private RunFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public static string Root => RepositoryRoot.Combine(".run");

    public string Path { get; }

    public static RunFolder Claim()
    {
        for (var number = 1; ; number++)
        {
            if (TryClaim(System.IO.Path.Combine(Root, $"{number}")) is not { } folder) continue;
            folder.DeleteContent();
            return folder;
        }
    }

    /// <summary>Deletes what ended runs left.</summary>
    public static void DeleteEnded()
    {
        if (!Directory.Exists(Root)) return;
        foreach (var path in Directory.EnumerateDirectories(Root)) TryClaim(path)?.Dispose();
    }

    public string LogFile(string name) => System.IO.Path.Combine(Path, name + ".log");

    /// <summary>Leaves the logs, if there are any, for whoever wants to know what went wrong; the next run of this number replaces them.</summary>
    public bool KeepLogs() => _keep = Directory.EnumerateFiles(Path, "*.log").Any();

    public void Dispose()
    {
        if (!_keep) DeleteContent();
        _lock.Dispose();
        if (_keep) return;
        try
        {
            Directory.Delete(Path);
        }
        catch (IOException)
        {
            // Another run has begun to use it.
        }
    }

    private static RunFolder? TryClaim(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            // Open for this run alone as long as it lives, however it ends.
            return new RunFolder(path, new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void DeleteContent()
    {
        foreach (var entry in new DirectoryInfo(Path).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo folder) folder.Delete(recursive: true);
            else if (entry.Name != LockName) entry.Delete();
        }
    }
}
