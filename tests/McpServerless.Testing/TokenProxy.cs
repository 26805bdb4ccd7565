using System.Globalization;

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

    /// <param name="target">Whose requests it forwards.</param>
    /// <param name="token">What it adds to them.</param>
    /// <param name="port">Where it listens, if that must be known before; 0 for a free one.</param>
    /// <param name="logFile">Where its output is added; null keeps the last lines in memory only.</param>
    /// <param name="cancellationToken">Ends the wait, and the proxy with it.</param>
    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<TokenProxy> StartAsync(Uri target, string token, int port = 0, string? logFile = null, CancellationToken cancellationToken = default)
    {
        var process = ChildProcess.Start(NodeProgram.Start("Token proxy", RepositoryRoot.Combine("tests", "fixtures", "token-proxy.mjs")) with
        {
            Environment = new Dictionary<string, string?>
            {
                ["PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["TARGET"] = target.GetLeftPart(UriPartial.Authority),
                ["TOKEN"] = token,
            },
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
