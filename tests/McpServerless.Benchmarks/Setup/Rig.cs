using System.Globalization;
using System.Text.RegularExpressions;
using McpServerless.Access;
using McpServerless.Azure.Storage;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Catalogue;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Benchmarks.Setup;

/// <summary>Everything that a call needs, up and published: token issuer, storage emulator, upstream, floor and gateway.</summary>
internal sealed partial class Rig : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    private Rig()
    {
    }

    public required string Token { get; init; }

    public required Azurite Azurite { get; init; }

    public required HostProcess Upstream { get; init; }

    public required HostProcess Floor { get; init; }

    /// <summary>Instances of one gateway, over the same stores.</summary>
    public required IReadOnlyList<HostProcess> Gateways { get; init; }

    public HostProcess Gateway => Gateways[0];

    /// <summary>The tokens of clients with limits.</summary>
    public required IReadOnlyDictionary<string, string> LimitedTokens { get; init; }

    public HostProcess Server(string target) => target == Target.Floor ? Floor : Gateway;

    /// <param name="lists">Sizes of lists that the gateway serves beside the tools for calls.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="gateways">How many instances of the gateway.</param>
    /// <param name="storageRequest">Told each request to the storage emulator.</param>
    public static async Task<Rig> StartAsync(IReadOnlyList<int> lists, CancellationToken ct, int gateways = 1, Action<string>? storageRequest = null)
    {
        var parts = new List<IAsyncDisposable>();
        try
        {
            var issuer = Keep(await TokenIssuer.StartAsync(cancellationToken: ct));
            var azurite = Keep(await Azurite.StartAsync(request: storageRequest, cancellationToken: ct));
            var upstream = Keep(await HostProcess.StartAsync(["upstream"], null, ct));
            var floor = Keep(await HostProcess.StartAsync(["floor", upstream.Address.AbsoluteUri], null, ct));
            await PublishAsync(azurite.ConnectionString, upstream.Address, lists, ct);
            var instances = new List<HostProcess>();
            for (var i = 0; i < gateways; i++) instances.Add(Keep(await HostProcess.StartAsync(["gateway"], Settings(issuer, azurite), ct)));
            var token = await issuer.TokenAsync(BenchState.Token, ct);
            var limited = new Dictionary<string, string>();
            foreach (var client in LimitedClient.All) limited[client.Name] = await issuer.TokenAsync(BenchState.Token with { ClientId = client.ClientId }, ct);
            var rig = new Rig { Token = token, LimitedTokens = limited, Azurite = azurite, Upstream = upstream, Floor = floor, Gateways = instances };
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

    /// <summary>Sends the upstream a method of its own; the number of its answer, 0 for none.</summary>
    public async Task<long> AskUpstreamAsync(string method, CancellationToken ct)
    {
        using var http = new HttpClient();
        using var content = new StringContent($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"}""");
        using var response = await http.PostAsync(Upstream.Address, content, ct);
        var number = Number.Match(await response.Content.ReadAsStringAsync(ct));
        return number.Success ? long.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
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
        // The load is one call over and over.
        ["Runaway__Pause"] = "false",
        // The upstream lists tools of its own.
        ["Watch__Enabled"] = "false",
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

    [GeneratedRegex("\"(?:bytes|calls)\":([0-9]+)")]
    private static partial Regex Number { get; }
}
