using System.Collections.Concurrent;
using McpServerless.Catalogue;
using McpServerless.Contracts.Watching;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Access;

/// <summary>Clients, grants and the active catalogue as this instance knows them, never older than it may be.</summary>
/// <remarks>
/// While an instance serves, the epoch is read about once a second, beside the calls and not before them. A changed epoch
/// replaces the whole snapshot. When the last good read is older than <see cref="AccessOptions.MaxStalenessSeconds"/>, calls wait for
/// a read and are refused with <c>state_unavailable</c> if it fails. An instance that does not serve reads nothing.
/// </remarks>
public sealed partial class GovernanceState(
    IAccessStore access,
    ICatalogueStore catalogues,
    IOptions<AccessOptions> options,
    TimeProvider time,
    ILogger<GovernanceState> logger,
    IHeldToolReader? heldTools = null)
{
    private readonly AccessOptions _options = options.Value;
    private readonly Lock _gate = new();
    private Snapshot? _snapshot;
    private Task<Refusal?>? _reading;
    private long _nextAttempt;

    /// <summary>What is known now, fresh enough to decide on; or <c>state_unavailable</c>.</summary>
    public async ValueTask<Outcome<Snapshot>> CurrentAsync(CancellationToken ct)
    {
        var now = time.GetTimestamp();
        var snapshot = Volatile.Read(ref _snapshot);
        if (snapshot is not null && Age(snapshot, now) < TimeSpan.FromMilliseconds(_options.PollMilliseconds)) return snapshot;

        var reading = Read();
        if (snapshot is not null && Age(snapshot, now) < TimeSpan.FromSeconds(_options.MaxStalenessSeconds)) return snapshot;
        if (await reading.WaitAsync(ct) is { } refusal) return refusal;
        return Volatile.Read(ref _snapshot) is { } fresh && Age(fresh, time.GetTimestamp()) < TimeSpan.FromSeconds(_options.MaxStalenessSeconds)
            ? fresh
            : Unavailable("the state was read, but is already too old");
    }

    /// <summary>A client with its grants, or <c>client_unknown</c>, or <c>state_unavailable</c>.</summary>
    public async ValueTask<Outcome<ClientAccess>> FindClientAsync(Snapshot snapshot, string tenantId, string clientId, CancellationToken ct)
    {
        var key = (tenantId, clientId);
        var now = time.GetTimestamp();
        if (snapshot.Clients.TryGetValue(key, out var known) && time.GetElapsedTime(known.ReadAt, now) < TimeSpan.FromSeconds(_options.ReloadSeconds))
        {
            return known.Access;
        }

        // Of several calls that miss at once, one reads: the dictionary keeps the first task, and a failed one is taken out again.
        var reading = snapshot.Reading.GetOrAdd(key, _ => new Lazy<Task<Outcome<ClientAccess>>>(() => ReadClientAsync(snapshot, tenantId, clientId)));
        return await reading.Value.WaitAsync(ct);
    }

    private async Task<Outcome<ClientAccess>> ReadClientAsync(Snapshot snapshot, string tenantId, string clientId)
    {
        await Task.Yield();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.ReadTimeoutMilliseconds), time);
        try
        {
            var readAt = time.GetTimestamp();
            if (await access.FindClientAsync(tenantId, clientId, limit.Token) is not { } client)
            {
                return new Refusal(RefusalCode.ClientUnknown, "The calling application is not registered with this gateway.");
            }

            var found = new ClientAccess(client, await access.ReadGrantsAsync(clientId, limit.Token));
            snapshot.Clients[(tenantId, clientId)] = new KnownClient(found, readAt);
            return found;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            Log.ReadFailed(logger, e, "client");
            return Unavailable("client or grants could not be read");
        }
        finally
        {
            snapshot.Reading.TryRemove((tenantId, clientId), out _);
        }
    }

    /// <summary>Starts reading the epoch unless that is under way; a failed read is not tried again before the next poll is due.</summary>
    private Task<Refusal?> Read()
    {
        lock (_gate)
        {
            if (_reading is { IsCompleted: false }) return _reading;
            if (_reading is { IsCompletedSuccessfully: true } && time.GetTimestamp() < _nextAttempt) return _reading;
            _nextAttempt = time.GetTimestamp() + (_options.PollMilliseconds * time.TimestampFrequency / 1000);
            return _reading = Task.Run(ReadAsync);
        }
    }

    private async Task<Refusal?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.ReadTimeoutMilliseconds), time);
        try
        {
            // Taken before the read: what is older than this cannot be in what is read.
            var readAt = time.GetTimestamp();
            var epoch = await access.ReadEpochAsync(limit.Token);
            var current = Volatile.Read(ref _snapshot);
            if (current is not null && current.Epoch == epoch)
            {
                Volatile.Write(ref current.ReadAt, readAt);
                return null;
            }

            var version = await catalogues.ReadActiveAsync(limit.Token);
            var catalogue = version is null ? ActiveCatalogue.None
                : current?.Catalogue.Number == version.Number ? current.Catalogue
                : ActiveCatalogue.Compile(version);
            var held = heldTools is null ? HeldTools.None : HeldTools.In(catalogue, await heldTools.ReadHeldAsync(limit.Token));
            Volatile.Write(ref _snapshot, new Snapshot(epoch, catalogue, readAt) { Held = held });
            Log.StateChanged(logger, catalogue.Number, epoch);
            return null;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            Log.ReadFailed(logger, e, "epoch or catalogue");
            return Unavailable("epoch or catalogue could not be read");
        }
        catch (Exception e)
        {
            // Whatever it is, calls are refused by name and the next poll tries again.
            Log.ReadFailed(logger, e, "epoch or catalogue");
            return Unavailable($"epoch or catalogue could not be read: {e.GetType().Name}");
        }
    }

    private TimeSpan Age(Snapshot snapshot, long now) => time.GetElapsedTime(Volatile.Read(ref snapshot.ReadAt), now);

    private static Refusal Unavailable(string note) =>
        new(RefusalCode.StateUnavailable, "The gateway cannot read its state; try again shortly.") { OperatorNote = note, RetryAfterSeconds = 2 };

    /// <summary>One consistent view: the catalogue, and the clients that were read under the same epoch.</summary>
    public sealed class Snapshot
    {
        internal long ReadAt;

        internal Snapshot(string epoch, ActiveCatalogue catalogue, long readAt) => (Epoch, Catalogue, ReadAt) = (epoch, catalogue, readAt);

        public string Epoch { get; }

        public ActiveCatalogue Catalogue { get; }

        /// <summary>Tools that the watch or a person took out of service.</summary>
        public HeldTools Held { get; init; } = HeldTools.None;

        internal ConcurrentDictionary<(string Tenant, string Client), KnownClient> Clients { get; } = new();

        internal ConcurrentDictionary<(string Tenant, string Client), Lazy<Task<Outcome<ClientAccess>>>> Reading { get; } = new();
    }

    internal sealed record KnownClient(ClientAccess Access, long ReadAt);

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Warning, "Could not read the {What} from the store")]
        public static partial void ReadFailed(ILogger logger, Exception exception, string what);

        [LoggerMessage(2002, LogLevel.Information, "State read: catalogue version {Catalogue}, epoch {Epoch}")]
        public static partial void StateChanged(ILogger logger, long catalogue, string epoch);
    }
}
