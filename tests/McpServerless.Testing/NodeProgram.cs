namespace McpServerless.Testing;

/// <summary>A Node.js script as a <see cref="ChildProcess"/> that ends with this process, even when this process is killed.</summary>
internal static class NodeProgram
{
    public static ChildProcessStart Start(string name, params ReadOnlySpan<string> arguments)
    {
        var endWithParent = Preload("end-with-parent.mjs");
        return new ChildProcessStart(name, NodeTool.Executable, ["--import", endWithParent, .. arguments]);
    }

    /// <summary>As Node wants it on every platform: a path with a drive letter would be taken for a URL.</summary>
    public static string Preload(string file) => new Uri(RepositoryRoot.Combine("samples", "tenant", file)).AbsoluteUri;

    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static string Installed(params ReadOnlySpan<string> parts)
    {
        var script = RepositoryRoot.Combine(["node_modules", .. parts]);
        return File.Exists(script) ? script : throw new InvalidOperationException($"{script} is missing: run npm ci in {RepositoryRoot.Path}.");
    }
}
