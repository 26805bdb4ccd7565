using System.Runtime.InteropServices;
using McpServerless.Testing;

namespace McpServerless.Infra.Bicep;

/// <summary>Finds the Bicep compiler: the package Azure.Bicep.CommandLine of this platform, restored when it is needed for the first time.</summary>
/// <remarks>Not a reference of a project: it is large, and nothing but these checks needs it. Set <c>BICEP_PATH</c> to use another one.</remarks>
public static class BicepPackage
{
    public const string Version = "0.49.2";

    private static string Platform =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");

    /// <returns>The program's path.</returns>
    /// <exception cref="InvalidOperationException">The package feed does not give it; the message says what it said.</exception>
    public static async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("BICEP_PATH") is { Length: > 0 } given) return given;
        var program = Program();
        if (!File.Exists(program)) await RestoreAsync(cancellationToken);
        if (!File.Exists(program)) throw new InvalidOperationException($"{program} is missing although its package was restored.");
        // A package's files come without the right to run them, for everyone but the owner at best.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute);
        return program;
    }

    private static string Program()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Path.Combine(packages, $"azure.bicep.commandline.{Platform}", Version, "tools", OperatingSystem.IsWindows() ? "bicep.exe" : "bicep");
    }

    private static async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var folder = RepositoryRoot.Combine("artifacts", "probe", "Bicep");
        Directory.CreateDirectory(folder);
        // It is not part of the solution, and sees none of its settings.
        foreach (var file in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
            await File.WriteAllTextAsync(Path.Combine(folder, file), "<Project />\n", cancellationToken);
        var project = Path.Combine(folder, "Bicep.csproj");
        await File.WriteAllTextAsync(project, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net{Environment.Version.Major}.0</TargetFramework></PropertyGroup>
              <ItemGroup><PackageDownload Include="Azure.Bicep.CommandLine.{Platform}" Version="[{Version}]" /></ItemGroup>
            </Project>
            """, cancellationToken);
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
        await using var restore = ChildProcess.Start(new ChildProcessStart("restore of the Bicep compiler", dotnet, "restore", project, "-nologo", "-v:m", "-tl:off"));
        if (await restore.ExitAsync(cancellationToken) != 0)
            throw new InvalidOperationException($"The package feed does not give the Bicep compiler. Set BICEP_PATH to one of your own.\n{restore.LastLines(10)}");
    }
}
