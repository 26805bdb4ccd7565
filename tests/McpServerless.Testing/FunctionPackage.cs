using System.IO.Compression;
using System.Runtime.InteropServices;

namespace McpServerless.Testing;

/// <summary>How a package of the function app is made.</summary>
public sealed record FunctionPackageOptions
{
    /// <summary>Whether it is built on the stand-ins of this feed. Such a package runs, by itself and on this machine alone; it cannot be deployed.</summary>
    public bool OnStandIns { get; init; }

    /// <summary>Whether it is compiled ahead of time for the platform of Flex Consumption.</summary>
    public bool IsReadyToRun { get; init; } = true;

    public string? LogFile { get; init; }
}

/// <summary>The function app as <c>azd deploy</c> packs it: what <c>dotnet publish</c> leaves, as a zip.</summary>
public static class FunctionPackage
{
    private static readonly Dictionary<string, string?> Variables = new()
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
    };

    /// <summary>Publishes into an empty folder beside the zip, and packs it.</summary>
    /// <exception cref="InvalidOperationException">The publish failed; the message has the end of its output.</exception>
    public static async Task MakeAsync(string zip, FunctionPackageOptions options, CancellationToken cancellationToken)
    {
        var folder = Path.ChangeExtension(zip, null);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        await using var publish = ChildProcess.Start(new ChildProcessStart(
            "dotnet publish", dotnet, "publish", RepositoryRoot.Combine("src", "McpServerless.Functions"), "-c", "Release", "-o", folder, "-nologo", "-v:m", "-tl:off",
            options.OnStandIns ? "-p:PublishOnlyToLook=true" : "-p:UseStandIns=false",
            // What is deployed is for Flex Consumption; what runs here is for here.
            $"-p:RuntimeIdentifier={(options.OnStandIns ? RuntimeInformation.RuntimeIdentifier : "linux-x64")}",
            options.IsReadyToRun ? "-p:PublishReadyToRun=true" : "-p:PublishReadyToRun=false")
        {
            Environment = Variables,
            LogFile = options.LogFile,
        });
        if (await publish.ExitAsync(cancellationToken) != 0) throw new InvalidOperationException($"The function app cannot be published.\n{publish.LastLines(20)}");
        File.Delete(zip);
        await ZipFile.CreateFromDirectoryAsync(folder, zip, CompressionLevel.Optimal, includeBaseDirectory: false, cancellationToken);
    }

    /// <summary>Unpacks it, as the platform does, and says what to start.</summary>
    public static async Task<string> UnpackAsync(string zip, string folder, CancellationToken cancellationToken)
    {
        await ZipFile.ExtractToDirectoryAsync(zip, folder, overwriteFiles: true, cancellationToken);
        var program = Path.Combine(folder, "McpServerless.Functions" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        if (!File.Exists(program)) throw new InvalidOperationException($"{zip} has no {Path.GetFileName(program)} at its top.");
        // Zips do not always keep the right to run a file.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute);
        return program;
    }
}
