using System.ComponentModel;
using System.Diagnostics;

namespace McpServerless.StandIns.JsonSchemaTests;

/// <summary>Finds JSON Schema's official test suite: a folder with <c>tests/draft2020-12</c> and <c>remotes</c>.</summary>
/// <remarks>
/// The repository carries no copy. In this order: the folder named by JSON_SCHEMA_TEST_SUITE, a copy on this machine (kept in
/// <c>.run</c> by an earlier run, or installed by Debian), the suite's own repository at a fixed commit, Debian's package.
/// </remarks>
internal static class SuiteFolder
{
    private const string Variable = "JSON_SCHEMA_TEST_SUITE";
    private const string Repository = "https://github.com/json-schema-org/JSON-Schema-Test-Suite";
    private const string Commit = "44401e0c046704b476ec9d2e2fccdaee618f259d";
    private const string DebianPackage = "libtest-json-schema-acceptance-perl";
    private const string DebianFolder = "usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance";

    private static readonly Lazy<string> Found = new(Find);

    /// <exception cref="InvalidOperationException">The suite is nowhere; the message says what was tried.</exception>
    public static string Path => Found.Value;

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return IsSuite(given) ? given : throw new InvalidOperationException($"{Variable} names {given}, which has no tests/draft2020-12.");
        }

        var kept = System.IO.Path.Combine(RepositoryRoot(), ".run", "json-schema-test-suite");
        var clone = System.IO.Path.Combine(kept, Commit);
        var unpacked = System.IO.Path.Combine(kept, DebianPackage);
        string[] places = [clone, "/" + DebianFolder, System.IO.Path.Combine(unpacked, DebianFolder)];
        var tried = new List<string>();
        if (!places.Any(IsSuite) && !Clone(clone, tried)) UnpackFromDebian(unpacked, tried);
        return places.FirstOrDefault(IsSuite) ?? throw new InvalidOperationException(
            $"JSON Schema's test suite is not here, so nothing was checked. Set {Variable} to a clone of {Repository}. "
            + "Tried: " + string.Join(" | ", tried));
    }

    private static bool Clone(string folder, List<string> tried)
    {
        Directory.CreateDirectory(folder);
        return Run("git", ["init", "--quiet", "."], folder, tried)
            && Run("git", ["fetch", "--quiet", "--depth", "1", Repository, Commit], folder, tried)
            && Run("git", ["checkout", "--quiet", "--force", Commit], folder, tried);
    }

    private static void UnpackFromDebian(string folder, List<string> tried)
    {
        // A machine may never have asked what Debian has. It is asked in a folder of our own, which takes no rights.
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "lists", "partial"));
        string[] own = ["-o", $"Dir::State::lists={System.IO.Path.Combine(folder, "lists")}", "-o", $"Dir::Cache={System.IO.Path.Combine(folder, "cache")}"];
        var downloaded = Run("apt-get", ["download", DebianPackage], folder, tried)
            || (Run("apt-get", [.. own, "update"], folder, tried) && Run("apt-get", [.. own, "download", DebianPackage], folder, tried));
        if (downloaded && Directory.GetFiles(folder, "*.deb") is [var archive, ..])
        {
            Run("dpkg-deb", ["--extract", archive, "."], folder, tried);
        }
    }

    private static bool IsSuite(string folder) =>
        Directory.Exists(System.IO.Path.Combine(folder, "tests", "draft2020-12")) && Directory.Exists(System.IO.Path.Combine(folder, "remotes"));

    private static bool Run(string program, string[] arguments, string folder, List<string> tried)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["GIT_TERMINAL_PROMPT"] = "0" },
        };
        var command = $"{program} {string.Join(' ', arguments)}";
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
            {
                process.Kill(entireProcessTree: true);
                tried.Add($"{command}: no answer within a minute");
                return false;
            }

            if (process.ExitCode == 0) return true;
            tried.Add($"{command}: {error.Result.Trim()} {output.Result.Trim()}");
        }
        catch (Win32Exception notThere)
        {
            tried.Add($"{command}: {notThere.Message}");
        }

        return false;
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Directory.Packages.props")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository.");
        }

        return folder.FullName;
    }
}
