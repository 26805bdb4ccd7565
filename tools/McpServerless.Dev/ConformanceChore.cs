using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>
/// <c>conformance</c>: the official conformance suite in both eras, directly against the conformance server and then with the gateway in between;
/// <c>--direct</c> or <c>--gateway</c> alone.
/// </summary>
internal static class ConformanceChore
{
    private const string Direct = "--direct";
    private const string Through = "--gateway";

    private static readonly string[] Revisions = ["2026-07-28", "2025-11-25"];

    public static async Task<int> RunAsync(ChoreContext context)
    {
        var unknown = context.Arguments.Except([Direct, Through]).ToArray();
        if (unknown.Length > 0) throw new DevFailure($"conformance does not know {string.Join(' ', unknown)}; it knows {Direct} and {Through}.");
        IReadOnlyList<ConformanceReport> reports = [];
        await Steps.ShowAsync(async steps =>
        {
            var through = context.Arguments is [] || context.Arguments.Contains(Through);
            if (through) await Gateway.BuildAsync(context, steps);
            else await steps.RunAsync("Node packages (npm ci)", () => NodePackages.InstallAsync(context));
            reports = await RunAsync(context, steps, context.Arguments is [] || context.Arguments.Contains(Direct), through);
        });
        foreach (var report in reports) report.Show();
        if (reports.All(report => report.Passes)) return 0;
        if (context.Folder.KeepLogs()) Console.WriteLine($"Logs and checks: {context.Folder.Path}");
        return 1;
    }

    /// <summary>Runs the suite; what it runs against is built.</summary>
    public static async Task<IReadOnlyList<ConformanceReport>> RunAsync(ChoreContext context, Steps steps, bool direct, bool through)
    {
        List<ConformanceReport> reports = [];
        await using var server = await StartServerAsync(context, steps);
        if (direct) await RunSuiteAsync("direct", server.Endpoint);
        if (!through) return reports;
        var options = new ConformanceGatewayOptions { Folder = context.Folder.Path, Upstream = server.Endpoint, Step = steps.RunAsync };
        await using var gateway = await ConformanceGateway.StartAsync(options, context.Stop);
        await RunSuiteAsync("through the gateway", gateway.Endpoint);
        return reports;

        async Task RunSuiteAsync(string target, Uri endpoint)
        {
            foreach (var revision in Revisions) reports.Add(await ConformanceSuite.RunAsync(context, steps, target, endpoint, revision));
        }
    }

    private static async Task<ConformanceServer> StartServerAsync(ChoreContext context, Steps steps)
    {
        ConformanceServer? server = null;
        await steps.RunAsync("Upstream (conformance server)", async () =>
        {
            server = await ConformanceServer.StartAsync(context.Folder.LogFile("conformance-server"), context.Stop);
            return server.Endpoint.AbsoluteUri;
        });
        return server!; // Otherwise the step has thrown.
    }
}
