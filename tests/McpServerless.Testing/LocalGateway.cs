namespace McpServerless.Testing;

/// <summary>One step of a start, wrapped so that whoever waits can be shown how far it is.</summary>
public delegate Task<string> StepRunner(string name, Func<Task<string>> step);

public sealed record LocalGatewayOptions
{
    /// <summary>Where logs and the emulator's rows go; null keeps both in memory.</summary>
    public string? Folder { get; init; }

    public string Catalogue { get; init; } = RepositoryRoot.Combine("samples", "catalogue");

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The function app's program; null for what the last build left.</summary>
    public string? Program { get; init; }

    public StepRunner Step { get; init; } = static (_, step) => step();
}

/// <summary>
/// Everything that one governed call needs, on free ports of this machine: Table Storage's emulator, a tenant, a real MCP server, the
/// catalogue applied by <c>mcpgov</c>, and the function app.
/// </summary>
public sealed class LocalGateway : IAsyncDisposable
{
    private readonly LocalGatewayOptions _options;
    private Azurite? _azurite;
    private TokenIssuer? _issuer;
    private EverythingServer? _everything;
    private FunctionApp? _app;

    private LocalGateway(LocalGatewayOptions options) => _options = options;

    public Azurite Azurite => _azurite ?? throw NotStarted();

    public TokenIssuer Issuer => _issuer ?? throw NotStarted();

    public EverythingServer Everything => _everything ?? throw NotStarted();

    public FunctionApp App => _app ?? throw NotStarted();

    /// <exception cref="InvalidOperationException">A part did not come up; the message has what it said. Nothing is left running.</exception>
    public static async Task<LocalGateway> StartAsync(LocalGatewayOptions options, CancellationToken cancellationToken = default)
    {
        var gateway = new LocalGateway(options);
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

    /// <summary>Runs <c>mcpgov</c> against this gateway's state.</summary>
    public Task<McpgovResult> McpgovAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default) =>
        Mcpgov.RunAsync(arguments, Azurite.ConnectionString, LogFile("mcpgov"), cancellationToken);

    /// <summary>Ends, with a message that says which, as soon as one of the parts has ended by itself.</summary>
    public async Task<string> PartEndedAsync(CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        ChildProcess[] parts = [Issuer.Process, Everything.Process, App.Process];
        while (await poll.WaitForNextTickAsync(cancellationToken))
        {
            var gone = Array.Find(parts, part => part.HasExited);
            if (gone is null && Azurite.IsRunning) continue;
            // A terminal's Ctrl-C reaches the parts as well, and they can be faster than whoever asked to be told of them.
            await poll.WaitForNextTickAsync(cancellationToken);
            return gone is null ? "Azurite has ended." : $"{gone.Name} has ended with code {gone.ExitCode}. Its log: {gone.LogFile}\n{gone.LastLines(10)}";
        }

        return "";
    }

    public async ValueTask DisposeAsync()
    {
        // The app first: it writes its last records while the rest still runs.
        if (_app is not null) await _app.DisposeAsync();
        if (_everything is not null) await _everything.DisposeAsync();
        if (_issuer is not null) await _issuer.DisposeAsync();
        if (_azurite is not null) await _azurite.DisposeAsync();
    }

    private async Task StartPartsAsync(CancellationToken cancellationToken)
    {
        await AllAsync(
            _options.Step("Table Storage (Azurite)", async () =>
            {
                _azurite = await Azurite.StartAsync(_options.Folder is { } folder ? Path.Combine(folder, "azurite") : null, LogFile("azurite"), cancellationToken: cancellationToken);
                return _azurite.TableEndpoint.GetLeftPart(UriPartial.Authority);
            }),
            _options.Step("Tenant (token issuer)", async () =>
            {
                _issuer = await TokenIssuer.StartAsync(LogFile("issuer"), cancellationToken);
                return _issuer.Issuer;
            }),
            _options.Step("Upstream (MCP server-everything)", async () =>
            {
                _everything = await EverythingServer.StartAsync(LogFile("everything"), cancellationToken);
                return _everything.Endpoint.AbsoluteUri;
            }));
        await _options.Step("Catalogue (mcpgov apply)", async () =>
        {
            var applied = await McpgovAsync(["apply", _options.Catalogue, "--set", $"upstream.everything.url={Everything.Endpoint}"], cancellationToken);
            return applied.ExitCode == 0
                ? Path.GetRelativePath(RepositoryRoot.Path, _options.Catalogue)
                : throw new InvalidOperationException($"mcpgov apply ended with code {applied.ExitCode}.\n{applied.Everything}");
        });
        await _options.Step("Gateway (function app)", async () =>
        {
            var settings = new FunctionAppSettings
            {
                Issuer = Issuer.Issuer,
                StorageConnectionString = Azurite.ConnectionString,
                More = _options.Settings,
                Program = _options.Program,
                TimerStatusFolder = _options.Folder is { } folder ? Path.Combine(folder, "timers") : null,
            };
            _app = await FunctionApp.StartAsync(settings, LogFile("function-app"), cancellationToken);
            return _app.Address.GetLeftPart(UriPartial.Authority);
        });
    }

    /// <summary>Waits for all, also when one fails, so that no part comes up after the others were taken down; then fails with the first.</summary>
    private static async Task AllAsync(params Task<string>[] steps)
    {
        await Task.WhenAll(steps).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        foreach (var step in steps) await step;
    }

    private string? LogFile(string name) => _options.Folder is { } folder ? Path.Combine(folder, name + ".log") : null;

    private static InvalidOperationException NotStarted() => new("This part of the gateway is not started.");
}
