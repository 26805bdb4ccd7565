using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>
/// <c>conformance</c>: the official conformance suite, directly against the conformance server (<c>--direct</c>, and without arguments),
/// or with the gateway in between (<c>--gateway</c>).
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
        var through = context.Arguments.Contains(Through);
        List<ConformanceReport> reports = [];
        await Steps.ShowAsync(async steps =>
        {
            if (through) await Gateway.BuildAsync(context, steps);
            else await steps.RunAsync("Node packages (npm ci)", () => NodePackages.InstallAsync(context));
            await using var server = await StartServerAsync(context, steps);
            if (!through || context.Arguments.Contains(Direct)) await RunSuiteAsync("direct", server.Endpoint);
            if (!through) return;
            await using var gateway = await ConformanceGateway.StartAsync(context, steps, server.Endpoint);
            await RunSuiteAsync("through the gateway", gateway.Endpoint);

            async Task RunSuiteAsync(string target, Uri endpoint)
            {
                foreach (var revision in Revisions) reports.Add(await ConformanceSuite.RunAsync(context, steps, target, endpoint, revision));
            }
        });
        foreach (var report in reports) report.Show();
        if (reports.All(report => report.Passes)) return 0;
        if (context.Folder.KeepLogs()) Console.WriteLine($"Logs and checks: {context.Folder.Path}");
        return 1;
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
