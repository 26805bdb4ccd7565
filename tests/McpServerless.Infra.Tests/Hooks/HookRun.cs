using System.Diagnostics;
using McpServerless.Testing;

namespace McpServerless.Infra.Tests.Hooks;

/// <summary>One hook, run as azd would run it, with programs that stand in for az, azd and dotnet.</summary>
internal sealed class HookRun : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mcpserverless-hooks-");

    public int ExitCode { get; private set; }

    /// <summary>Both streams.</summary>
    public string Output { get; private set; } = "";

    /// <summary>What would have changed something, in order.</summary>
    public IReadOnlyList<string> Changes { get; private set; } = [];

    /// <param name="file">Name of the hook, with its extension.</param>
    /// <param name="environment">What azd would set.</param>
    /// <param name="answers">What az answers, as JSON.</param>
    public static async Task<HookRun> RunAsync(string file, IReadOnlyDictionary<string, string> environment, string answers)
    {
        var run = new HookRun();
        var script = RepositoryRoot.Combine("infra", "hooks", file);
        var start = file.EndsWith(".ps1", StringComparison.Ordinal)
            ? new ProcessStartInfo(BuiltProgram.Find("McpServerless.PowerShell"), ["-NoProfile", "-NonInteractive", "-File", script])
            : new ProcessStartInfo("/bin/sh", [script]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = RepositoryRoot.Path;
        // Nothing that a real deployment on this machine has set.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("AZURE_", StringComparison.Ordinal) || k.StartsWith("MCP", StringComparison.Ordinal) || k.StartsWith("GATEWAY_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["PATH"] = run.WritePrograms() + Path.PathSeparator + start.Environment["PATH"];
        start.Environment["FAKE_LOG"] = Path.Combine(run._folder.FullName, "changes");
        start.Environment["FAKE_ANSWERS"] = Path.Combine(run._folder.FullName, "answers.json");
        start.Environment["NO_COLOR"] = "1";
        await File.WriteAllTextAsync(start.Environment["FAKE_ANSWERS"]!, answers);

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} was not started.");
        var streams = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        run.Output = string.Concat(await streams);
        run.ExitCode = process.ExitCode;
        run.Changes = File.Exists(start.Environment["FAKE_LOG"]) ? await File.ReadAllLinesAsync(start.Environment["FAKE_LOG"]!) : [];
        return run;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string WritePrograms()
    {
        var folder = _folder.CreateSubdirectory("bin").FullName;
        var fake = RepositoryRoot.Combine("tests", "McpServerless.Infra.Tests", "Hooks", "fake-cli.mjs");
        foreach (var program in new[] { "az", "azd", "dotnet" })
        {
            if (OperatingSystem.IsWindows())
            {
                File.WriteAllText(Path.Combine(folder, program + ".cmd"), $"@\"{NodeTool.Executable}\" \"{fake}\" \"{RepositoryRoot.Path}\" {program} %*\r\n");
                continue;
            }

            var file = Path.Combine(folder, program);
            File.WriteAllText(file, $"#!/bin/sh\nexec '{NodeTool.Executable}' '{fake}' '{RepositoryRoot.Path}' {program} \"$@\"\n");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return folder;
    }
}
