using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Testing;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Access;

/// <summary>How old the state may be that a call is decided on. The stores are scripted, because what is judged is when they are asked.</summary>
public class GovernanceStateTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedStores _stores = new();
    private readonly GovernanceState _state;

    public GovernanceStateTests() => _state = new GovernanceState(
        _stores, _stores, Options.Create(new AccessOptions()), _time, NullLogger<GovernanceState>.Instance);

    [Fact]
    public async Task WithinThePollInterval_NothingIsRead()
    {
        await CurrentAsync();
        for (var i = 0; i < 100; i++) await CurrentAsync();
        Assert.Equal(1, _stores.EpochReads);
        Assert.Equal(1, _stores.CatalogueReads);
    }

    [Fact]
    public async Task UnchangedEpoch_IsReadOnceASecond_AndNothingElseIs()
    {
        await CurrentAsync();
        for (var second = 0; second < 10; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await CurrentAsync();
            await _stores.ReadsReachAsync(second + 2);
        }

        Assert.Equal(11, _stores.EpochReads);
        Assert.Equal(1, _stores.CatalogueReads);
    }

    [Fact]
    public async Task ChangedEpoch_DropsClientsAndReadsTheCatalogueAgain()
    {
        var before = await CurrentAsync();
        Assert.Single((await ClientAsync(before)).Grants);
        _stores.Grants.Clear();
        _stores.Epoch = "2";
        var after = await EventuallyAsync(s => s.Epoch == "2");
        Assert.Empty((await ClientAsync(after)).Grants);
    }

    [Fact]
    public async Task UnreadableStore_ServesUntilTheStalenessLimit_ThenRefuses_ThenHeals()
    {
        await CurrentAsync();
        _stores.IsDown = true;
        _time.Advance(TimeSpan.FromSeconds(4.9));
        await CurrentAsync();
        _time.Advance(TimeSpan.FromSeconds(1.2));
        Assert.False((await _state.CurrentAsync(CancellationToken.None)).Succeeded(out _, out var refusal));
        Assert.Equal(RefusalCode.StateUnavailable, refusal!.Code);
        Assert.NotNull(refusal.RetryAfterSeconds);
        _stores.IsDown = false;
        _time.Advance(TimeSpan.FromSeconds(1.1));
        await CurrentAsync();
    }

    [Fact]
    public async Task IdleInstance_WaitsForAReadBeforeItDecidesAgain()
    {
        await CurrentAsync();
        _stores.Epoch = "2";
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("2", (await CurrentAsync()).Epoch);
    }

    [Fact]
    public async Task ManyCallsThatMiss_ReadAClientOnce()
    {
        var snapshot = await CurrentAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => ClientAsync(snapshot))));
        Assert.Equal(1, _stores.ClientReads);
    }

    [Fact]
    public async Task Client_IsReadAgainAfterAWhile_ThoughNothingSaidThatItChanged()
    {
        var snapshot = await CurrentAsync();
        await ClientAsync(snapshot);
        _stores.Grants.Clear();
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Empty((await ClientAsync(await CurrentAsync())).Grants);
    }

    [Fact]
    public async Task UnreadableClient_IsStateUnavailable_AndNotRemembered()
    {
        var snapshot = await CurrentAsync();
        _stores.IsDown = true;
        Assert.False((await _state.FindClientAsync(snapshot, "t", "c", CancellationToken.None)).Succeeded(out _, out var refusal));
        Assert.Equal(RefusalCode.StateUnavailable, refusal!.Code);
        _stores.IsDown = false;
        await ClientAsync(snapshot);
    }

    [Fact]
    public async Task UnknownClient_IsNotRemembered_SoThatARegistrationTakesEffectAtOnce()
    {
        var snapshot = await CurrentAsync();
        _stores.IsRegistered = false;
        Assert.False((await _state.FindClientAsync(snapshot, "t", "c", CancellationToken.None)).Succeeded(out _, out var refusal));
        Assert.Equal(RefusalCode.ClientUnknown, refusal!.Code);
        _stores.IsRegistered = true;
        await ClientAsync(snapshot);
    }

    private async Task<GovernanceState.Snapshot> CurrentAsync()
    {
        Assert.True((await _state.CurrentAsync(CancellationToken.None)).Succeeded(out var snapshot, out var refusal), refusal?.OperatorNote);
        return snapshot!;
    }

    private async Task<GovernanceState.Snapshot> EventuallyAsync(Func<GovernanceState.Snapshot, bool> condition)
    {
        while (true)
        {
            var snapshot = await CurrentAsync();
            if (condition(snapshot)) return snapshot;
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private async Task<ClientAccess> ClientAsync(GovernanceState.Snapshot snapshot)
    {
        Assert.True((await _state.FindClientAsync(snapshot, "t", "c", CancellationToken.None)).Succeeded(out var access, out var refusal), refusal?.OperatorNote);
        return access!;
    }

    private sealed class ScriptedStores : IAccessStore, ICatalogueStore
    {
        private int _epochReads;
        private int _clientReads;

        public string Epoch { get; set; } = "1";

        public bool IsDown { get; set; }

        public bool IsRegistered { get; set; } = true;

        public List<Grant> Grants { get; } =
        [
            new Grant { GrantId = "g", ClientId = "c", Server = "s", Tools = ["*"], ExpiresAt = DateTimeOffset.MaxValue, Justification = "j", Approver = "a" },
        ];

        public int EpochReads => Volatile.Read(ref _epochReads);

        public int ClientReads => Volatile.Read(ref _clientReads);

        public int CatalogueReads { get; private set; }

        /// <summary>Reads go on beside the calls; this waits for the one under way.</summary>
        public async Task ReadsReachAsync(int reads)
        {
            for (var i = 0; i < 2000 && EpochReads < reads; i++) await Task.Delay(1);
        }

        public ValueTask<string> ReadEpochAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref _epochReads);
            ThrowIfDown();
            return ValueTask.FromResult(Epoch);
        }

        public ValueTask<CatalogueVersion?> ReadActiveAsync(CancellationToken ct)
        {
            ThrowIfDown();
            CatalogueReads++;
            var definition = JsonDocument.Parse("""{"name":"x","inputSchema":{"type":"object"}}""").RootElement;
            return ValueTask.FromResult<CatalogueVersion?>(new CatalogueVersion
            {
                Number = 1,
                Upstreams = [new Upstream { Name = "u", Url = new Uri("https://example.org/mcp") }],
                Tools = [new ToolContract { Upstream = "u", Name = "x", Definition = definition, Hash = CanonicalJson.Hash(definition), Version = "1", Team = "t" }],
                Servers = [new VirtualServer { Name = "s", Tools = [new FeatureSelection { Upstream = "u", Names = ["*"] }] }],
            });
        }

        public ValueTask<Client?> FindClientAsync(string tenantId, string clientId, CancellationToken ct)
        {
            ThrowIfDown();
            Interlocked.Increment(ref _clientReads);
            return ValueTask.FromResult(!IsRegistered ? null : new Client
            {
                TenantId = tenantId,
                ClientId = clientId,
                DisplayName = "d",
                Owner = "o",
                Purpose = "p",
                State = ClientState.Active,
                ExpiresAt = DateTimeOffset.MaxValue,
            });
        }

        public ValueTask<IReadOnlyList<Grant>> ReadGrantsAsync(string clientId, CancellationToken ct)
        {
            ThrowIfDown();
            return ValueTask.FromResult<IReadOnlyList<Grant>>([.. Grants]);
        }

        public ValueTask<IReadOnlyList<KillSwitch>> ReadSwitchesAsync(CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<KillSwitch>>([]);

        public ValueTask BumpEpochAsync(CancellationToken ct) => throw new NotSupportedException();

        public ValueTask SaveClientAsync(Client client, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask SaveGrantAsync(Grant grant, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DeleteGrantAsync(Grant grant, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<long?> PublishAsync(CatalogueVersion content, long expectedActive, CancellationToken ct) => throw new NotSupportedException();

        private void ThrowIfDown()
        {
            if (IsDown) throw new StoreUnavailableException("down");
        }
    }
}
