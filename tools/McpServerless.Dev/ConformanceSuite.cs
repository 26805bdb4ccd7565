using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>One run of npm's <c>@modelcontextprotocol/conformance</c>: what one revision requires, of one endpoint.</summary>
internal static partial class ConformanceSuite
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly string Package = RepositoryRoot.Combine("node_modules", "@modelcontextprotocol", "conformance");

    public static async Task<ConformanceReport> RunAsync(ChoreContext context, Steps steps, string target, Uri endpoint, string revision)
    {
        var log = $"conformance-{revision}-{target.Replace(' ', '-')}";
        var output = Path.Combine(context.Folder.Path, log);
        ConformanceReport? report = null;
        var name = $"Suite {revision}, {target}";
        await steps.RunAsync(name, async () =>
        {
            var begun = 0;
            await RunAsync(context, log, ["server", "--url", endpoint.AbsoluteUri, "--requirements", revision, "-o", output], line =>
            {
                if (BeginsScenario.Match(line) is { Success: true } scenario) steps.Tell(name, $"{++begun}. {scenario.Groups[1].Value}");
            });
            report = ConformanceReport.Read($"{revision}, {target}", output, Scored(revision));
            return report.ToString();
        });
        return report!; // Otherwise the step has thrown.
    }

    /// <summary>Its exit code is not asked: the report knows more.</summary>
    private static async Task RunAsync(ChoreContext context, string log, string[] arguments, Action<string> outputLine)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        over.CancelAfter(Limit);
        try
        {
            await Tool.TryAsync(context with { Stop = over.Token }, log, NodeTool.Executable, [Path.Combine(Package, "dist", "index.js"), .. arguments], outputLine);
        }
        catch (OperationCanceledException) when (!context.Stop.IsCancellationRequested)
        {
            // The report shows what did not run.
        }
    }

    /// <summary>The scenarios that a server has to pass: the items of <c>server:</c> in the package's requirements.</summary>
    private static string[] Scored(string revision)
    {
        var file = Path.Combine(Package, "requirements", revision + ".yaml");
        if (!File.Exists(file)) throw new DevFailure($"{file} is missing: run npm ci.");
        string[] scored = [.. File.ReadLines(file).SkipWhile(line => line != "server:").Skip(1).TakeWhile(line => !TopLevelKey.IsMatch(line))
            .Select(line => ListItem.Match(line)).Where(item => item.Success).Select(item => item.Groups[1].Value)];
        return scored.Length > 0 ? scored : throw new DevFailure($"{file} requires nothing of a server, as far as can be read.");
    }

    [GeneratedRegex("^Running client scenario '([^']+)'")]
    private static partial Regex BeginsScenario { get; }

    [GeneratedRegex("^[a-z_]+:")]
    private static partial Regex TopLevelKey { get; }

    [GeneratedRegex(@"^\s+- (\S+)$")]
    private static partial Regex ListItem { get; }
}
