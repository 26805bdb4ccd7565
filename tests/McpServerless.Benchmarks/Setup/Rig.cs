using McpServerless.Access;
using McpServerless.Azure.Storage;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Catalogue;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Benchmarks.Setup;

/// <summary>Everything that a call needs, up and published: token issuer, storage emulator, upstream, floor and gateway.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    private Rig()
    {
    }

    public required string Token { get; init; }

    public required Azurite Azurite { get; init; }

    public required HostProcess Upstream { get; init; }

    public required HostProcess Floor { get; init; }

    public required HostProcess Gateway { get; init; }

    public HostProcess Server(string target) => target == Target.Floor ? Floor : Gateway;

    /// <param name="lists">Sizes of lists that the gateway serves beside the tools for calls.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<Rig> StartAsync(IReadOnlyList<int> lists, CancellationToken ct)
    {
        var parts = new List<IAsyncDisposable>();
        try
        {
            var issuer = Keep(await TokenIssuer.StartAsync(cancellationToken: ct));
            var azurite = Keep(await Azurite.StartAsync(cancellationToken: ct));
            var upstream = Keep(await HostProcess.StartAsync(["upstream"], null, ct));
            var floor = Keep(await HostProcess.StartAsync(["floor", upstream.Address.AbsoluteUri], null, ct));
            await PublishAsync(azurite.ConnectionString, upstream.Address, lists, ct);
            var gateway = Keep(await HostProcess.StartAsync(["gateway"], Settings(issuer, azurite), ct));
            var token = await issuer.TokenAsync(BenchState.Token, ct);
            var rig = new Rig { Token = token, Azurite = azurite, Upstream = upstream, Floor = floor, Gateway = gateway };
            rig._parts.AddRange(parts);
            return rig;
        }
        catch
        {
            await DisposeAsync(parts);
            throw;
        }

        T Keep<T>(T part)
            where T : IAsyncDisposable
        {
            parts.Add(part);
            return part;
        }
    }

    public ValueTask DisposeAsync() => DisposeAsync(_parts);

    private static async ValueTask DisposeAsync(List<IAsyncDisposable> parts)
    {
        for (var i = parts.Count - 1; i >= 0; i--) await parts[i].DisposeAsync();
    }

    internal static Dictionary<string, string?> Settings(TokenIssuer issuer, Azurite azurite) => new()
    {
        // As in Azure; Core Tools would run it as Development, where the container checks every scope.
        ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Production",
        ["FUNCTIONS_HTTP_URLS"] = "http://127.0.0.1:0",
        ["Gateway__PublicBaseUrl"] = "http://127.0.0.1",
        ["Authentication__TenantId"] = TokenIssuer.TenantId,
        ["Authentication__Audience"] = TokenIssuer.Audience,
        ["Authentication__Issuer"] = issuer.Issuer,
        ["Authentication__RequireHttpsMetadata"] = "false",
        // On a machine that is busy with other work the emulator can take longer to answer than a deployment may decide without it.
        ["Access__MaxStalenessSeconds"] = "60",
        ["Access__ReadTimeoutMilliseconds"] = "30000",
        ["Storage__ConnectionString"] = azurite.ConnectionString,
    };

    private static async Task PublishAsync(string connectionString, Uri upstream, IReadOnlyList<int> lists, CancellationToken ct)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Storage:ConnectionString", connectionString)]).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddTableStores().BuildServiceProvider();
        await BenchState.PublishAsync(upstream, lists, services.GetRequiredService<IAccessStore>(), services.GetRequiredService<ICatalogueStore>(), ct);
    }
}
