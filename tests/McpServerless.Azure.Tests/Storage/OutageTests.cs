using System.Net;
using System.Net.Sockets;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Azure.Access;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Catalogue;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Azure.Tests.Storage;

/// <summary>Every operation of every store while the service is not there, does not answer, or does not let us in.</summary>
public sealed class OutageTests
{
    private static readonly StorageOptions Impatient = new() { NetworkTimeoutMilliseconds = 100, MaxRetries = 1, RetryDelayMilliseconds = 10 };

    [Fact]
    public async Task WhenTheServiceIsGone_EveryStoreIsUnavailable_AndServesAgainAfterItsReturn()
    {
        await using var azurite = await Azurite.StartAsync();
        var tables = Open(azurite.ConnectionString, new StorageOptions { NetworkTimeoutMilliseconds = 60_000, MaxRetries = 1, RetryDelayMilliseconds = 10 });
        foreach (var use in Uses(tables)) await use(CancellationToken.None);

        await azurite.KillAsync();
        await AssertUnavailableAsync(tables);

        // It kept its rows in memory only, so the tables are gone as well: the first write of each makes it again.
        await azurite.StartAgainAsync();
        foreach (var use in Uses(tables)) await use(CancellationToken.None);
    }

    [Fact]
    public async Task WhenTheServiceDoesNotAnswer_EveryStoreIsUnavailableOnceItsTimeIsOver()
    {
        using var silent = new SilentServer();
        await AssertUnavailableAsync(Open(silent.ConnectionString, Impatient));
    }

    [Fact]
    public async Task WhenTheCallerGivesUpOnAServiceThatDoesNotAnswer_ThatIsNoOutage()
    {
        using var silent = new SilentServer();
        foreach (var use in Uses(Open(silent.ConnectionString, new StorageOptions { NetworkTimeoutMilliseconds = 60_000 })))
        {
            using var caller = new CancellationTokenSource();
            silent.WhenAsked = caller.Cancel;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => use(caller.Token));
        }
    }

    [Fact]
    public async Task WithoutAnIdentity_EveryStoreIsUnavailable()
    {
        var service = new TableServiceClient(new Uri("https://127.0.0.1:9"), new NoIdentity(), StorageConnection.ClientOptions(Impatient));
        await AssertUnavailableAsync(new TableSet(service, "t"));
    }

    [Fact]
    public async Task WithAKeyThatIsNotTheAccounts_EveryStoreIsUnavailable()
    {
        await using var azurite = await Azurite.StartAsync();
        await AssertUnavailableAsync(Open(azurite.ConnectionString.Replace(Azurite.AccountKey, "d3Jvbmc=", StringComparison.Ordinal), Impatient));
    }

    private static async Task AssertUnavailableAsync(TableSet tables)
    {
        foreach (var use in Uses(tables))
        {
            var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => use(CancellationToken.None));
            Assert.NotNull(fault.InnerException);
        }
    }

    private static TableSet Open(string connectionString, StorageOptions options) =>
        new(new TableServiceClient(connectionString, StorageConnection.ClientOptions(options)), "t");

    private static IEnumerable<Func<CancellationToken, Task>> Uses(TableSet tables)
    {
        var access = new TableAccessStore(tables, TimeProvider.System);
        var catalogue = new TableCatalogueStore(tables, TimeProvider.System);
        var audit = new TableAuditStore(tables);
        var client = new Client
        {
            TenantId = "t",
            ClientId = "c",
            DisplayName = "n",
            Owner = "o",
            Purpose = "p",
            State = ClientState.Active,
            ExpiresAt = DateTimeOffset.UnixEpoch,
        };
        var grant = new Grant
        {
            GrantId = "g",
            ClientId = "c",
            Server = "s",
            Tools = [],
            ExpiresAt = DateTimeOffset.UnixEpoch,
            Justification = "j",
            Approver = "a",
        };
        var segment = new AuditSegment { Day = "20261121", ClientId = "c", Writer = "w", FirstSequence = 1, Records = ["{}"u8.ToArray()], LastHash = "h" };
        var content = new CatalogueVersion { Number = 0, Upstreams = [], Tools = [], Servers = [] };
        yield return async ct => await access.BumpEpochAsync(ct);
        yield return async ct => await access.ReadEpochAsync(ct);
        yield return async ct => await access.SaveClientAsync(client, ct);
        yield return async ct => await access.FindClientAsync("t", "c", ct);
        yield return async ct => await access.SaveGrantAsync(grant, ct);
        yield return async ct => await access.ReadGrantsAsync("c", ct);
        yield return async ct => await access.DeleteGrantAsync(grant, ct);
        yield return async ct => await catalogue.PublishAsync(content, 0, ct);
        yield return async ct => await catalogue.ReadActiveAsync(ct);
        yield return async ct => await audit.AppendAsync(segment, ct);
        yield return async ct => await ReadToEndAsync(audit.ReadAsync("20261121", "c", ct));
        yield return async ct => await ReadToEndAsync(audit.ReadClientsAsync("20261121", ct));
    }

    private static async Task ReadToEndAsync<T>(IAsyncEnumerable<T> items)
    {
        await foreach (var _ in items)
        {
        }
    }

    /// <summary>Takes connections and requests, and never says a word.</summary>
    private sealed class SilentServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> _clients = [];

        public SilentServer()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public Action? WhenAsked { get; set; }

        public string ConnectionString =>
            $"AccountName={Azurite.AccountName};AccountKey={Azurite.AccountKey};TableEndpoint=http://{_listener.LocalEndpoint}/{Azurite.AccountName};";

        public void Dispose()
        {
            _listener.Dispose();
            lock (_clients) _clients.ForEach(c => c.Dispose());
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync();
                    lock (_clients) _clients.Add(client);
                    _ = ListenAsync(client);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ListenAsync(TcpClient client)
        {
            var buffer = new byte[4096];
            try
            {
                while (await client.GetStream().ReadAsync(buffer) > 0) WhenAsked?.Invoke();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The client gave up, which is what it is here for.
            }
        }
    }

    private sealed class NoIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("There is no identity here.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("There is no identity here.");
    }
}
