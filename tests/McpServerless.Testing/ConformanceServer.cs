namespace McpServerless.Testing;

/// <summary>An MCP server that offers what the official conformance suite asks of one, in every revision. See <c>tests/fixtures/conformance-server</c>.</summary>
public sealed class ConformanceServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private ConformanceServer(ChildProcess process, Uri address)
    {
        Process = process;
        Endpoint = new Uri(address, "mcp");
    }

    public Uri Endpoint { get; }

    public ChildProcess Process { get; }

    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<ConformanceServer> StartAsync(string? logFile = null, CancellationToken cancellationToken = default)
    {
        _ = NodeProgram.Installed("@modelcontextprotocol", "server", "package.json");
        var process = ChildProcess.Start(NodeProgram.Start("Conformance server", RepositoryRoot.Combine("tests", "fixtures", "conformance-server", "server.mjs")) with
        {
            Environment = BareEnvironment.With("PORT", "0"),
            LogFile = logFile,
            ReadyLine = ListeningLine.Pattern,
        });
        try
        {
            return new ConformanceServer(process, await ListeningLine.AddressAsync(process, StartLimit, cancellationToken));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
