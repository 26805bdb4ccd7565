using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>demo</c>: the gateway, a tour through a real MCP client, the audit records of it, and the end.</summary>
internal static class DemoChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        await using var gateway = await Gateway.StartAsync(context);
        Console.WriteLine();
        await PlayTourAsync(context, gateway);
        Console.WriteLine();
        await ShowAuditAsync(context, gateway);
        return 0;
    }

    private static async Task PlayTourAsync(ChoreContext context, LocalGateway gateway)
    {
        var start = new ChildProcessStart("Tour", NodeTool.Executable, RepositoryRoot.Combine("samples", "tour", "tour.mjs"))
        {
            LogFile = context.Folder.LogFile("tour"),
            Environment = new Dictionary<string, string?>
            {
                ["GATEWAY_ENDPOINT"] = gateway.App.Endpoint(Sample.Server).AbsoluteUri,
                ["TOKEN_ENDPOINT"] = gateway.Issuer.TokenEndpoint.AbsoluteUri,
                ["CLIENT_ID"] = Sample.ClientId,
            },
        };
        await using var tour = ChildProcess.Start(start, Console.WriteLine);
        if (await tour.ExitAsync(context.Stop) != 0) throw new DevFailure("The tour did not go as it should.");
    }

    private static async Task ShowAuditAsync(ChoreContext context, LocalGateway gateway)
    {
        var audit = await gateway.McpgovAsync(["audit", "list"], context.Stop);
        if (audit.ExitCode != 0) throw new DevFailure($"mcpgov audit list ended with code {audit.ExitCode}.\n{audit.Everything}");
        Console.WriteLine("The audit records of all of this (mcpgov audit list):");
        Console.Write(audit.Output);
        var records = audit.Output.Split('\n');
        string[] absent = [.. from record in Sample.TourRecords where !Array.Exists(records, line => Says(line, record)) select $"{record.Tool} {record.Decision}"];
        if (absent.Length > 0) throw new DevFailure($"The audit records lack: {string.Join(", ", absent)}.");
    }

    private static bool Says(string line, (string Tool, string Decision) record) =>
        line.Contains(record.Tool, StringComparison.Ordinal) && line.Contains(record.Decision, StringComparison.Ordinal);
}
