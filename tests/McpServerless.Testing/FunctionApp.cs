using System.Net;

namespace McpServerless.Testing;

/// <summary>What the function app needs to know. More settings go into <see cref="More"/>, with <c>__</c> between section and name.</summary>
public sealed record FunctionAppSettings
{
    public required string Issuer { get; init; }

    public required string StorageConnectionString { get; init; }

    public string TenantId { get; init; } = TokenIssuer.TenantId;

    public string Audience { get; init; } = TokenIssuer.Audience;

    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    /// <summary>The program to start, such as one from a package; null for what the last build left.</summary>
    public string? Program { get; init; }

    /// <summary>Where timers keep their state; null for a folder of this app's own that goes with it.</summary>
    public string? TimerStatusFolder { get; init; }
}

/// <summary>The built function app, as a process of its own on a free port of this machine.</summary>
public sealed class FunctionApp : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string? _ownFolder;

    private FunctionApp(ChildProcess process, Uri address, string? ownFolder)
    {
        Process = process;
        Address = address;
        _ownFolder = ownFolder;
    }

    public Uri Address { get; }

    public ChildProcess Process { get; }

    /// <summary>The MCP endpoint of a virtual server.</summary>
    public Uri Endpoint(string server) => new(Address, $"servers/{server}/mcp");

    /// <summary>Comes back when <c>/readyz</c> says 200; so the catalogue has to be applied before.</summary>
    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<FunctionApp> StartAsync(FunctionAppSettings settings, string? logFile = null, CancellationToken cancellationToken = default)
    {
        // Its public address is a setting, so the port is chosen before the app listens on it, and another process can be faster.
        for (var attempt = 1; ; attempt++)
        {
            var app = Launch(settings, logFile);
            try
            {
                await app.Process.BecomesAsync(app.IsReadyAsync, StartLimit, cancellationToken);
                return app;
            }
            catch (InvalidOperationException) when (attempt < 3 && app.Process.LastLines(200).Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                await app.DisposeAsync();
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Whether <c>/readyz</c> says 200.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Http.GetAsync(new Uri(Address, "readyz"), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // It took its time; the next question may find it awake.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        if (_ownFolder is not null && Directory.Exists(_ownFolder)) Directory.Delete(_ownFolder, recursive: true);
    }

    private static FunctionApp Launch(FunctionAppSettings settings, string? logFile)
    {
        var program = settings.Program ?? BuiltProgram.Find("McpServerless.Functions");
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        var ownFolder = settings.TimerStatusFolder is null ? Directory.CreateTempSubdirectory("mcpserverless-timers-").FullName : null;
        var environment = new Dictionary<string, string?>
        {
            ["Authentication__TenantId"] = settings.TenantId,
            ["Authentication__Audience"] = settings.Audience,
            ["Authentication__Issuer"] = settings.Issuer,
            ["Authentication__RequireHttpsMetadata"] = "false",
            ["Storage__ConnectionString"] = settings.StorageConnectionString,
            ["Gateway__PublicBaseUrl"] = address.GetLeftPart(UriPartial.Authority),
            // Upstreams of tests do not list what is pinned of them, which the watch would hold back at its next run.
            ["Watch__Enabled"] = "false",
            ["FUNCTIONS_TIMER_STATUS_FOLDER"] = settings.TimerStatusFolder ?? ownFolder,
        };
        foreach (var (name, value) in settings.More) environment[name] = value;
        try
        {
            var process = ChildProcess.Start(new ChildProcessStart("Function app", program, "--urls", address.GetLeftPart(UriPartial.Authority))
            {
                Environment = environment,
                WorkingDirectory = Path.GetDirectoryName(program),
                LogFile = logFile,
            });
            return new FunctionApp(process, address, ownFolder);
        }
        catch when (ownFolder is not null)
        {
            Directory.Delete(ownFolder, recursive: true);
            throw;
        }
    }
}
