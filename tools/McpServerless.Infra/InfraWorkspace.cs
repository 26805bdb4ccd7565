using McpServerless.Testing;

namespace McpServerless.Infra;

/// <summary>A copy of what the checks read, in a folder of its own: the compiler needs a place for what it is given besides, and tests for their mistakes.</summary>
public sealed class InfraWorkspace : IDisposable
{
    private static readonly string[] Folders = ["infra", "docs", "schemas"];
    private static readonly string[] Files = ["azure.yaml", "host.json", "README.md"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mcpserverless-infra-");

    private InfraWorkspace()
    {
    }

    public string Path => _folder.FullName;

    /// <summary>A copy of this clone's files.</summary>
    public static InfraWorkspace Copy()
    {
        var workspace = new InfraWorkspace();
        foreach (var folder in Folders)
        {
            foreach (var file in Directory.EnumerateFiles(RepositoryRoot.Combine(folder), "*", SearchOption.AllDirectories))
            {
                // What somebody built by hand beside the sources is not theirs.
                if (folder == "infra" && file.EndsWith(".json", StringComparison.Ordinal) && File.Exists(System.IO.Path.ChangeExtension(file, ".bicep"))) continue;
                workspace.Take(file);
            }
        }

        foreach (var file in Files) workspace.Take(RepositoryRoot.Combine(file));
        return workspace;
    }

    public string Combine(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    public string Read(string file) => File.ReadAllText(Combine(file));

    public bool Has(string file) => File.Exists(Combine(file));

    /// <summary>Files below a folder, as paths below the workspace, with slashes, in a stable order.</summary>
    public IReadOnlyList<string> FilesBelow(string folder, string pattern) =>
    [
        .. Directory.EnumerateFiles(Combine(folder), pattern, SearchOption.AllDirectories).Select(Relative).Order(StringComparer.Ordinal),
    ];

    /// <summary>Puts another text in place of one that stands there exactly once.</summary>
    /// <exception cref="InvalidOperationException">The text is not there, or more than once.</exception>
    public void Replace(string file, string old, string with)
    {
        var text = Read(file).ReplaceLineEndings("\n");
        var at = text.IndexOf(old, StringComparison.Ordinal);
        if (at < 0) throw new InvalidOperationException($"{file} has no '{old}'.");
        if (text.IndexOf(old, at + 1, StringComparison.Ordinal) >= 0) throw new InvalidOperationException($"{file} has '{old}' more than once.");
        Write(file, string.Concat(text.AsSpan(0, at), with, text.AsSpan(at + old.Length)));
    }

    public void Write(string file, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Combine(file)) ?? Path);
        File.WriteAllText(Combine(file), text);
    }

    public void Delete(string file) => File.Delete(Combine(file));

    public string Relative(string file) => System.IO.Path.GetRelativePath(Path, file).Replace('\\', '/');

    public void Dispose() => _folder.Delete(recursive: true);

    private void Take(string file)
    {
        var target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(RepositoryRoot.Path, file));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target) ?? Path);
        File.Copy(file, target);
    }
}
