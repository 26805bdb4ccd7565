namespace McpServerless.Testing;

public sealed record ConformanceGatewayOptions
{
    /// <summary>Where logs, the catalogue and the emulator's rows go.</summary>
    public required string Folder { get; init; }

    /// <summary>The endpoint of the conformance server.</summary>
    public required Uri Upstream { get; init; }

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public StepRunner Step { get; init; } = static (_, step) => step();
}

/// <summary>The gateway in front of the conformance server, with everything of it granted, and in front of it a proxy that adds the token.</summary>
public sealed class ConformanceGateway : IAsyncDisposable
{
    public const string Server = "conformance";
    public const string ClientId = "88888888-8888-8888-8888-888888888888";

    private readonly ConformanceGatewayOptions _options;
    private readonly Stack<IAsyncDisposable> _parts = new();

    private ConformanceGateway(ConformanceGatewayOptions options) => _options = options;

    /// <summary>For a client without a token.</summary>
    public Uri Endpoint { get; private set; } = null!;

    public FunctionApp App { get; private set; } = null!;

    public TokenIssuer Issuer { get; private set; } = null!;

    public Azurite Azurite { get; private set; } = null!;

    /// <exception cref="InvalidOperationException">A part did not come up; the message has what it said. Nothing is left running.</exception>
    public static async Task<ConformanceGateway> StartAsync(ConformanceGatewayOptions options, CancellationToken cancellationToken = default)
    {
        var gateway = new ConformanceGateway(options);
        try
        {
            await gateway.StartPartsAsync(cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>A token for the client to which everything is granted.</summary>
    public Task<string> TokenAsync(CancellationToken cancellationToken = default) => Issuer.TokenAsync(new TokenRequest(ClientId), cancellationToken);

    /// <summary>What was started last ends first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part)) await part.DisposeAsync();
    }

    private async Task StartPartsAsync(CancellationToken cancellationToken)
    {
        Azurite = await PartAsync("Table Storage (Azurite)", () => Azurite.StartAsync(Path.Combine(_options.Folder, "azurite"), LogFile("azurite"), cancellationToken: cancellationToken));
        Issuer = await PartAsync("Tenant (token issuer)", () => TokenIssuer.StartAsync(LogFile("issuer"), cancellationToken));
        await _options.Step("Catalogue (mcpgov apply)", () => ApplyCatalogueAsync(cancellationToken));
        // The suite plays a browser on this machine, too: its Origin is the address that it calls, and the gateway must know it.
        var port = LoopbackPort.Free();
        var settings = new FunctionAppSettings
        {
            Issuer = Issuer.Issuer,
            StorageConnectionString = Azurite.ConnectionString,
            TimerStatusFolder = Path.Combine(_options.Folder, "timers"),
            More = new Dictionary<string, string>(_options.Settings) { ["Gateway__AllowedOrigins__0"] = $"http://127.0.0.1:{port}" },
        };
        App = await PartAsync("Gateway (function app)", () => FunctionApp.StartAsync(settings, LogFile("function-app"), cancellationToken));
        var token = await TokenAsync(cancellationToken);
        var proxy = await PartAsync("Token proxy", () => TokenProxy.StartAsync(App.Address, token, port, LogFile("token-proxy"), cancellationToken));
        Endpoint = proxy.InFrontOf(App.Endpoint(Server));
    }

    private async Task<T> PartAsync<T>(string name, Func<Task<T>> start)
        where T : IAsyncDisposable
    {
        T? part = default;
        await _options.Step(name, async () =>
        {
            _parts.Push(part = await start());
            return "";
        });
        return part!; // Otherwise the step has thrown.
    }

    private async Task<string> ApplyCatalogueAsync(CancellationToken cancellationToken)
    {
        var catalogue = Path.Combine(_options.Folder, "catalogue");
        var script = RepositoryRoot.Combine("tests", "fixtures", "conformance-server", "write-catalogue.mjs");
        await using var process = ChildProcess.Start(
            new ChildProcessStart("write-catalogue", NodeTool.Executable, script, catalogue, _options.Upstream.AbsoluteUri, TokenIssuer.TenantId, ClientId) { LogFile = LogFile("write-catalogue") });
        var written = await process.ExitAsync(cancellationToken) == 0
            ? process.LastLines(1)
            : throw new InvalidOperationException($"write-catalogue.mjs failed.\n{process.LastLines(20)}");
        var applied = await Mcpgov.RunAsync(["apply", catalogue], Azurite.ConnectionString, LogFile("mcpgov"), cancellationToken);
        return applied.ExitCode == 0 ? written : throw new InvalidOperationException($"mcpgov apply ended with code {applied.ExitCode}.\n{applied.Everything}");
    }

    private string LogFile(string name) => Path.Combine(_options.Folder, name + ".log");
}
