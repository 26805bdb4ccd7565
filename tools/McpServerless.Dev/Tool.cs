using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>A program that runs to its end, with its output in a log of the run's folder.</summary>
internal static partial class Tool
{
    /// <summary>The <c>dotnet</c> that runs this program.</summary>
    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    public static string Npm { get; } = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    // Build nodes that wait for a next build would outlive the command.
    private static readonly Dictionary<string, string?> Variables = new()
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
    };

    /// <returns>Its exit code and the end of its output.</returns>
    public static async Task<(int ExitCode, string Output)> TryAsync(
        ChoreContext context, string log, string program, IReadOnlyList<string> arguments, Action<string>? outputLine = null)
    {
        await using var process = ChildProcess.Start(
            new ChildProcessStart(log, program, arguments) { LogFile = context.Folder.LogFile(log), Environment = Variables }, outputLine);
        var exitCode = await process.ExitAsync(context.Stop);
        return (exitCode, process.LastLines(200));
    }

    /// <exception cref="DevFailure">It ended with another code than 0; the message has the errors that it named.</exception>
    public static async Task<string> RunAsync(ChoreContext context, string log, string program, params string[] arguments)
    {
        var (exitCode, output) = await TryAsync(context, log, program, arguments);
        return exitCode == 0 ? output : throw new DevFailure($"{Path.GetFileName(program)} {arguments[0]} ended with code {exitCode}.\n{string.Join('\n', ErrorsIn(output))}");
    }

    /// <summary>Builds for this machine, on the stand-ins that <c>StandIns.props</c> lists.</summary>
    public static Task<string> BuildAsync(ChoreContext context, string log, string project, params string[] more) =>
        RunAsync(context, log, Dotnet, ["build", RepositoryRoot.Combine(project), "-nologo", "-v:m", "-tl:off", .. more]);

    /// <summary>The lines that name an error, or the last ones when none does.</summary>
    public static IEnumerable<string> ErrorsIn(string output)
    {
        var lines = output.Split('\n');
        var errors = lines.Where(line => ErrorLine.IsMatch(line)).Select(line => line.Trim()).Distinct().Take(20).ToArray();
        return errors is [] ? lines.TakeLast(20) : errors;
    }

    [GeneratedRegex(@"\berror( \w+)?:|npm (error|ERR!)")]
    private static partial Regex ErrorLine { get; }
}
