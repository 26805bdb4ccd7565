using System.Text;

namespace McpServerless.Testing;

/// <summary>What <c>mcpgov</c> said and how it ended.</summary>
public sealed record McpgovResult(int ExitCode, string Output, string Everything);

/// <summary>The operator's command line, as a process of its own.</summary>
public static class Mcpgov
{
    public static async Task<McpgovResult> RunAsync(
        IReadOnlyList<string> arguments, string connectionString, string? logFile = null, CancellationToken cancellationToken = default, params (string Name, string Value)[] environment)
    {
        var output = new StringBuilder();
        await using var process = ChildProcess.Start(
            new ChildProcessStart("mcpgov", BuiltProgram.Find("McpServerless.Cli", "mcpgov"), arguments)
            {
                LogFile = logFile,
                Environment = new Dictionary<string, string?>(environment.Select(e => KeyValuePair.Create(e.Name, (string?)e.Value))) { ["MCPGOV_CONNECTION_STRING"] = connectionString },
            },
            line => output.AppendLine(line));
        var exitCode = await process.ExitAsync(cancellationToken);
        return new McpgovResult(exitCode, output.ToString(), process.LastLines(200));
    }
}
