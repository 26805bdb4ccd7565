using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>The gateway in front of the conformance server, with every tool granted, and in front of it a proxy that adds the token.</summary>
internal sealed class ConformanceGateway : IAsyncDisposable
{
    private const string Server = "conformance";
    private const string ClientId = "88888888-8888-8888-8888-888888888888";

    private readonly Stack<IAsyncDisposable> _parts = new();

    private ConformanceGateway()
    {
    }

    /// <summary>For a client without a token.</summary>
    public Uri Endpoint { get; private set; } = null!;

    public static async Task<ConformanceGateway> StartAsync(ChoreContext context, Steps steps, Uri upstream)
    {
        var gateway = new ConformanceGateway();
        try
        {
            await gateway.StartPartsAsync(context, steps, upstream);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>What was started last ends first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part)) await part.DisposeAsync();
    }

    private async Task StartPartsAsync(ChoreContext context, Steps steps, Uri upstream)
    {
        var folder = context.Folder;
        var azurite = await PartAsync("Table Storage (Azurite)", () => Azurite.StartAsync(Path.Combine(folder.Path, "azurite"), folder.LogFile("azurite"), context.Stop));
        var issuer = await PartAsync("Tenant (token issuer)", () => TokenIssuer.StartAsync(folder.LogFile("issuer"), context.Stop));
        await steps.RunAsync("Catalogue (mcpgov apply)", () => ApplyCatalogueAsync(context, upstream, azurite));
        // The suite plays a browser on this machine, too: its Origin is the address that it calls, and the gateway must know it.
        var port = LoopbackPort.Free();
        var settings = new FunctionAppSettings
        {
            Issuer = issuer.Issuer,
            StorageConnectionString = azurite.ConnectionString,
            TimerStatusFolder = Path.Combine(folder.Path, "timers"),
            More = new Dictionary<string, string> { ["Gateway__AllowedOrigins__0"] = $"http://127.0.0.1:{port}" },
        };
        var app = await PartAsync("Gateway (function app)", () => FunctionApp.StartAsync(settings, folder.LogFile("function-app"), context.Stop));
        var token = await issuer.TokenAsync(new TokenRequest(ClientId), context.Stop);
        var proxy = await PartAsync("Token proxy", () => TokenProxy.StartAsync(app.Address, token, port, folder.LogFile("token-proxy"), context.Stop));
        Endpoint = proxy.InFrontOf(app.Endpoint(Server));

        async Task<T> PartAsync<T>(string name, Func<Task<T>> start)
            where T : IAsyncDisposable
        {
            T? part = default;
            await steps.RunAsync(name, async () => _parts.Push(part = await start()));
            return part!; // Otherwise the step has thrown.
        }
    }

    private static async Task<string> ApplyCatalogueAsync(ChoreContext context, Uri upstream, Azurite azurite)
    {
        var catalogue = Path.Combine(context.Folder.Path, "catalogue");
        var script = RepositoryRoot.Combine("tests", "fixtures", "conformance-server", "write-catalogue.mjs");
        var written = await Tool.RunAsync(context, "write-catalogue", NodeTool.Executable, script, catalogue, upstream.AbsoluteUri, TokenIssuer.TenantId, ClientId);
        var applied = await Mcpgov.RunAsync(["apply", catalogue], azurite.ConnectionString, context.Folder.LogFile("mcpgov"), context.Stop);
        return applied.ExitCode == 0 ? written : throw new DevFailure($"mcpgov apply ended with code {applied.ExitCode}.\n{applied.Everything}");
    }
}
