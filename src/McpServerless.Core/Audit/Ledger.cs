using System.Threading.Channels;
using McpServerless.Audit.Indexing;
using McpServerless.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit;

/// <summary>Makes records durable: group commit, one hash chain per client, day and writer.</summary>
/// <remarks>
/// Records of concurrent requests share one write. What arrives while a partition's write is under way goes with the next, so a record that
/// somebody waits for needs no timer: one call alone is written at once, and a thousand at a time share ten writes. Records that nobody
/// waits for are held back a moment (<see cref="AuditOptions.HoldMilliseconds"/>), counted from the oldest one's arrival, so that a
/// slow store is not made slower. A write that failed is sent again, unchanged, until it is durable; the records behind it wait, because
/// the chain must have no gap.
/// An instance writes about itself into a chain of its own (<see cref="AuditRecord.Gateway"/>): that it started, before anything else of it
/// is durable; every minute how far its other chains have come; that it ended. So what is missing at the end of a chain is missed.
/// </remarks>
public sealed partial class Ledger(
    IAuditStore store,
    IOptions<AuditOptions> options,
    TimeProvider time,
    ILogger<Ledger> logger,
    WriterIdentity? identity = null,
    IAuditIndex? index = null)
    : BackgroundService
{
    private readonly AuditOptions _options = options.Value;
    private readonly Channel<Pending> _arrivals = Channel.CreateUnbounded<Pending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _room = new(options.Value.MaxPending);
    private readonly SemaphoreSlim _writes = new(options.Value.ParallelWrites);
    private readonly Dictionary<(string Day, string Client), Chain> _chains = [];
    private readonly CancellationTokenSource _abandon = new();
    private int _unwritten;
    private IndexWriter? _index;
    private bool _failing;

    /// <summary>This instance's id in the ledger.</summary>
    public string Writer { get; } = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    /// <summary>Records of requests that are not durable yet.</summary>
    public int Unwritten => Volatile.Read(ref _unwritten);

    /// <summary>Puts a record into the ledger and waits until it is durable.</summary>
    /// <returns>False when it was not in time. It is then still on its way, unless there was no room for it.</returns>
    public async ValueTask<bool> AppendAsync(AuditRecord record, CancellationToken ct)
    {
        var pending = new Pending(record, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), time.GetTimestamp());
        if (!await EnqueueAsync(pending, ct)) return false;
        try
        {
            await pending.Durable!.Task.WaitAsync(Patience, time, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Puts a record into the ledger without waiting for it to be durable.</summary>
    /// <returns>False when there was no room for it in time.</returns>
    public ValueTask<bool> PostAsync(AuditRecord record, CancellationToken ct) => EnqueueAsync(new Pending(record, null, time.GetTimestamp()), ct);

    /// <summary>While writes fail, callers are told soon instead of being held: there is no use in a queue of them.</summary>
    private TimeSpan Patience => TimeSpan.FromMilliseconds(Volatile.Read(ref _failing) ? Math.Min(_options.WaitMilliseconds, 500) : _options.WaitMilliseconds);

    private async ValueTask<bool> EnqueueAsync(Pending pending, CancellationToken ct)
    {
        if (!_room.Wait(0, CancellationToken.None) && !await WaitForRoomAsync(ct)) return false;
        Interlocked.Increment(ref _unwritten);
        GatewayTelemetry.Unwritten.Add(1);
        if (_arrivals.Writer.TryWrite(pending)) return true;
        Release([pending]);
        return false;
    }

    private async ValueTask<bool> WaitForRoomAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await _room.WaitAsync(both.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Hands arrivals to their chains. The only one to touch the chains' tables, so they need no lock.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var endOfIndexing = new CancellationTokenSource();
        if (index is not null) _index = new IndexWriter(index, Writer, TimeSpan.FromSeconds(_options.IndexSeconds), time, logger);
        var indexing = _index?.RunAsync(endOfIndexing.Token) ?? Task.CompletedTask;
        await OpenFirstDayAsync();
        using var statements = StartStatements();
        while (await _arrivals.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (_arrivals.Reader.TryRead(out var pending))
            {
                if (ReferenceEquals(pending, StateHeads)) Statement();
                else ChainOf(DayOf(pending.Record.Time), pending.Record.Partition).Add(pending);
            }
        }

        await EndAsync();
        await endOfIndexing.CancelAsync();
        await indexing;
        if (_index is not null && !_abandon.IsCancellationRequested) await _index.FlushAsync(close: true, _abandon.Token);
    }

    /// <summary>Accepts no more and waits until what was accepted is durable, as long as the host lets it.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _arrivals.Writer.TryComplete();
        await using var _ = cancellationToken.Register(_abandon.Cancel);
        if (ExecuteTask is { } running) await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Unwritten > 0) Log.Abandoned(logger, Unwritten);
        await base.StopAsync(CancellationToken.None);
    }

    public override void Dispose()
    {
        _room.Dispose();
        _writes.Dispose();
        _abandon.Dispose();
        base.Dispose();
    }

    private void Release(List<Pending> written)
    {
        var ofRequests = written.Count(p => p.TookRoom);
        if (ofRequests == 0) return;
        Interlocked.Add(ref _unwritten, -ofRequests);
        GatewayTelemetry.Unwritten.Add(-ofRequests);
        _room.Release(ofRequests);
    }

    /// <param name="Durable">Completed when the record is durable; null when nobody waits for it.</param>
    /// <param name="ArrivedAt">Timestamp of the <see cref="TimeProvider"/>.</param>
    /// <param name="TookRoom">False for the ledger's own records, which are few and must not be refused.</param>
    private sealed record Pending(AuditRecord Record, TaskCompletionSource? Durable, long ArrivedAt, bool TookRoom = true);

    private TimeProvider TimeSource => time;

    private IAuditStore StoreOf => store;

    private ILogger Logger => logger;

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "Writing {Count} audit records failed, attempt {Attempt}; they are sent again")]
        public static partial void WriteFailed(ILogger logger, Exception exception, int count, int attempt);

        [LoggerMessage(3002, LogLevel.Critical, "The host stopped before {Count} audit records were durable")]
        public static partial void Abandoned(ILogger logger, int count);
    }
}
