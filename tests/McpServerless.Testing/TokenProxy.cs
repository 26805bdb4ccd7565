namespace McpServerless.Testing;

/// <summary>Adds a token to the requests of a client that knows none, and changes nothing else. See <c>tests/fixtures/token-proxy.mjs</c>.</summary>
public sealed class TokenProxy : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Uri _address;

    private TokenProxy(ChildProcess process, Uri address)
    {
        Process = process;
        _address = address;
    }

    public ChildProcess Process { get; }

    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<TokenProxy> StartAsync(Uri target, string token, string? logFile = null, CancellationToken cancellationToken = default)
    {
        var process = ChildProcess.Start(NodeProgram.Start("Token proxy", RepositoryRoot.Combine("tests", "fixtures", "token-proxy.mjs")) with
        {
            Environment = new Dictionary<string, string?> { ["PORT"] = "0", ["TARGET"] = target.GetLeftPart(UriPartial.Authority), ["TOKEN"] = token },
            LogFile = logFile,
            ReadyLine = ListeningLine.Pattern,
        });
        try
        {
            return new TokenProxy(process, await ListeningLine.AddressAsync(process, StartLimit, cancellationToken));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where a client finds an address of the target.</summary>
    public Uri InFrontOf(Uri address) => new(_address, address.PathAndQuery);

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
