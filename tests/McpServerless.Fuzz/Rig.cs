using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Fuzz;

/// <summary>The function app as a process, with storage, a token issuer and the upstream that misbehaves.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    private Rig()
    {
    }

    public FunctionApp App { get; private set; } = null!;

    public FuzzUpstream Upstream { get; private set; } = null!;

    public IAuditStore Audit { get; private set; } = null!;

    /// <summary>What the gateway gave out for the client to bring back.</summary>
    public SealedTexts Seals { get; private set; } = SealedTexts.None;

    public string Token { get; private set; } = "";

    public IReadOnlyList<string?> BadTokens { get; private set; } = [];

    public static async Task<Rig> StartAsync(int seed, string logFile, CancellationToken ct)
    {
        var rig = new Rig();
        try
        {
            await rig.StartPartsAsync(seed, logFile, ct);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _parts.Count - 1; i >= 0; i--) await _parts[i].DisposeAsync();
        _parts.Clear();
    }

    private async Task StartPartsAsync(int seed, string logFile, CancellationToken ct)
    {
        var azurite = Keep(await Azurite.StartAsync(cancellationToken: ct));
        var issuer = Keep(await TestIssuer.StartAsync());
        Upstream = Keep(FuzzUpstream.Start(seed));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Storage:ConnectionString", azurite.ConnectionString)]).Build();
        var stores = Keep(new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(TimeProvider.System).AddLogging().AddTableStores().BuildServiceProvider());
        Audit = stores.GetRequiredService<IAuditStore>();
        await FuzzState.PublishAsync(Upstream.Url, stores.GetRequiredService<IAccessStore>(), stores.GetRequiredService<ICatalogueStore>(), ct);
        Token = issuer.Token();
        // Made before the run, so that every exchange of one number carries the same kind.
        BadTokens = [.. ForgedTokens.Kinds.Select(kind => ForgedTokens.Make(issuer, kind)), "x", new string('a', 9000), Token + ", Bearer " + Token, Token[..^5]];
        App = Keep(await FunctionApp.StartAsync(new FunctionAppSettings
        {
            Issuer = issuer.Issuer,
            StorageConnectionString = azurite.ConnectionString,
            TenantId = TestIssuer.TenantId,
            Audience = TestIssuer.Audience,
            More = new Dictionary<string, string> { ["Gateway__BodyTimeoutSeconds"] = "2", ["Sessions__StreamSeconds"] = "5", ["Sessions__PageSize"] = "10", ["Budgets__RefusalsPerMinute"] = "0", ["Runaway__Pause"] = "false" },
        }, logFile, ct));
        Seals = await SealedTexts.CollectAsync(App.Endpoint(FuzzState.Server), Token, ct);
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}
