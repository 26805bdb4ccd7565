using System.Globalization;

namespace McpServerless.Dev;

/// <summary>Programs that must be on the machine. A missing one is named with what to install.</summary>
internal static class Prerequisites
{
    private const int DotnetMajor = 10;
    private const int NodeMajor = 20;

    public static async Task<string> CheckAsync(ChoreContext context)
    {
        var dotnet = await VersionAsync(context, Tool.Dotnet, $"the .NET SDK {DotnetMajor}: https://dot.net/download", DotnetMajor);
        var node = await VersionAsync(context, "node", $"Node.js {NodeMajor} or newer, which brings npm: https://nodejs.org", NodeMajor);
        var npm = await VersionAsync(context, Tool.Npm, "npm, which comes with Node.js: https://nodejs.org", 0);
        return $"dotnet {dotnet}, node {node}, npm {npm}";
    }

    private static async Task<string> VersionAsync(ChoreContext context, string program, string install, int major)
    {
        var name = Path.GetFileNameWithoutExtension(program);
        string output;
        try
        {
            (var exitCode, output) = await Tool.TryAsync(context, $"{name}-version", program, ["--version"]);
            if (exitCode != 0) throw new DevFailure($"{name} --version ended with code {exitCode}. Needed: {install}\n{output}");
        }
        catch (InvalidOperationException)
        {
            throw new DevFailure($"{name} is not on the path. Install {install}");
        }

        var version = output.Split('\n')[^1].Trim().TrimStart('v');
        return int.TryParse(version.Split('.')[0], CultureInfo.InvariantCulture, out var found) && found >= major
            ? version
            : throw new DevFailure($"{name} {version} is too old. Install {install}");
    }
}
