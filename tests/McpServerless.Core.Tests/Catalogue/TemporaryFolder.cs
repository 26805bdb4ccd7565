namespace McpServerless.Core.Tests.Catalogue;

/// <summary>A folder of files for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("catalogue-").FullName;

    public TemporaryFolder Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public TemporaryFolder CopyFrom(string folder)
    {
        foreach (var file in Directory.GetFiles(folder, "*.*", SearchOption.AllDirectories)) Write(System.IO.Path.GetRelativePath(folder, file), File.ReadAllText(file));
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
