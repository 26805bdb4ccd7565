namespace McpServerless.Testing;

/// <summary>A real MCP server of the project's authors (npm <c>@modelcontextprotocol/server-everything</c>), over Streamable HTTP.</summary>
public sealed class EverythingServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private EverythingServer(ChildProcess process, Uri address)
    {
        Process = process;
        Endpoint = new Uri(address, "mcp");
    }

    public Uri Endpoint { get; }

    public ChildProcess Process { get; }

    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<EverythingServer> StartAsync(string? logFile = null, CancellationToken cancellationToken = default)
    {
        var script = NodeProgram.Installed("@modelcontextprotocol", "server-everything", "dist", "index.js");
        var process = ChildProcess.Start(NodeProgram.Start("MCP server", "--import", NodeProgram.Preload("loopback-only.mjs"), script, "streamableHttp") with
        {
            // It has a tool that gives away its variables: it gets none of this process's.
            Environment = BareEnvironment.With("PORT", "0"),
            LogFile = logFile,
            ReadyLine = ListeningLine.Pattern,
        });
        try
        {
            return new EverythingServer(process, await ListeningLine.AddressAsync(process, StartLimit, cancellationToken));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
