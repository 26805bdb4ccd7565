using System.Globalization;
using McpServerless.Audit.Indexing;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Sinks;

/// <summary>Sends what the ledger has and a sink does not: each record at least once, those of one chain in their order.</summary>
/// <remarks>
/// The ledger is the queue, so that nothing can be full and nothing is dropped: a sink that is down only falls behind. How far chains have come is known
/// from the marks of the index, without looking for records. A record that a sink refuses for good is put on record as not sent.
/// </remarks>
public sealed partial class Outbox(
    IEnumerable<IRecordSink> sinks,
    IOutboxStore store,
    IAuditReader audit,
    IAuditIndex index,
    Ledger ledger,
    IOptions<SinkOptions> options,
    TimeProvider time,
    ILogger<Outbox> logger,
    NoticeBox? notices = null)
{
    /// <summary>The most records of one batch.</summary>
    private const int MaxBatch = 500;

    /// <summary>How long one instance may be at an outbox; a run ends before.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(4);

    /// <summary>A day is looked at so long after its end, until all its instances are done.</summary>
    private const int DaysAfter = 3;

    private static readonly TimeSpan AlertEvery = TimeSpan.FromHours(1);

    /// <summary>One turn at each outbox.</summary>
    /// <returns>How many records were taken.</returns>
    public async Task<long> RunAsync(CancellationToken ct)
    {
        var taken = 0L;
        foreach (var sink in sinks)
        {
            try
            {
                taken += await RunAsync(sink, ct);
            }
            catch (StoreUnavailableException e)
            {
                Log.StoreFailed(logger, e, sink.Name);
            }
        }

        return taken;
    }

    private async Task<long> RunAsync(IRecordSink sink, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (!await store.TakeAsync(sink.Name, ledger.Writer, now, now + Turn, ct)) return 0;
        var state = await store.ReadStateAsync(sink.Name, ct) ?? new OutboxState(NameOf(now), now, null, null, null);
        var turn = new SinkTurn(sink, store, audit, index, now + Turn - TimeSpan.FromSeconds(30), time, options.Value.TimeoutMilliseconds);
        try
        {
            await turn.RunAsync(OutboxSurvey.DaysFrom(state.Since, now), ct);
        }
        finally
        {
            foreach (var (record, reason) in turn.Refused) await RecordAsync(sink, "refused", record.Text("recordId"), reason, ct);
            state = state with { Since = turn.Since ?? state.Since, LastRun = now, WaitingSince = turn.WaitingSince, Fault = turn.Fault };
            var behind = turn.WaitingSince is { } since ? now - since : TimeSpan.Zero;
            if (turn.Fault is not null) Log.Behind(logger, sink.Name, (long)behind.TotalSeconds, turn.Fault);
            if (behind.TotalSeconds > options.Value.AlertAfterSeconds && (state.AlertedAt is not { } last || now - last >= AlertEvery))
            {
                Log.Alert(logger, sink.Name, (long)behind.TotalSeconds);
                await RecordAsync(sink, "behind", null, string.Create(CultureInfo.InvariantCulture, $"{(long)behind.TotalSeconds} s: {turn.Fault ?? "more records than it takes"}"), ct);
                if (notices is not null) await notices.PostAsync(NoticeOf(sink, behind, turn.Fault, now), ct);
                state = state with { AlertedAt = now };
            }

            await store.SaveStateAsync(sink.Name, state, ct);
            await store.GiveBackAsync(sink.Name, ledger.Writer, ct);
        }

        return turn.Taken;
    }

    /// <summary>Once a day and sink; the log says it once an hour.</summary>
    private static Notice NoticeOf(IRecordSink sink, TimeSpan behind, string? fault, DateTimeOffset now) => new()
    {
        NoticeId = Notice.IdOf(NoticeTypes.AuditFault, "sink", sink.Name, NameOf(now)),
        Type = NoticeTypes.AuditFault,
        Subject = $"audit/sinks/{sink.Name}",
        Time = now,
        Summary = $"Sink {sink.Name} of the ledger is {(int)behind.TotalMinutes} minutes behind: {fault ?? "more records come than it takes"}.",
        ToDo = "Repair the place that takes the records. Nothing is lost: they wait in the ledger and are sent in their order.",
    };

    private async Task RecordAsync(IRecordSink sink, string what, string? recordId, string reason, CancellationToken ct) => await ledger.PostAsync(
        AuditRecords.OfGateway(AuditEvent.Timer, time.GetUtcNow()) with
        {
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteString("reason"u8, reason);
                if (recordId is not null) json.WriteString("recordId"u8, recordId);
                json.WriteString("sink"u8, sink.Name);
                json.WriteString("timer"u8, "outbox");
                json.WriteString("what"u8, what);
            }),
        },
        ct);

    private static string NameOf(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(3301, LogLevel.Warning, "The outbox of {Sink} cannot be read or written; it goes on with the next run")]
        public static partial void StoreFailed(ILogger logger, Exception exception, string sink);

        [LoggerMessage(3302, LogLevel.Warning, "Sink {Sink} is {Seconds} s behind: {Fault}")]
        public static partial void Behind(ILogger logger, string sink, long seconds, string fault);

        [LoggerMessage(3303, LogLevel.Error, "Sink {Sink} has been behind for {Seconds} s; nothing is lost, records wait in the ledger")]
        public static partial void Alert(ILogger logger, string sink, long seconds);
    }

    /// <summary>One sink's turn.</summary>
    private sealed class SinkTurn(IRecordSink sink, IOutboxStore store, IAuditReader audit, IAuditIndex index, DateTimeOffset until, TimeProvider time, int timeoutMilliseconds)
    {
        public long Taken { get; private set; }

        /// <summary>The first day that is not finished.</summary>
        public string? Since { get; private set; }

        public DateTimeOffset? WaitingSince { get; private set; }

        public string? Fault { get; private set; }

        public List<(OutgoingRecord Record, string Reason)> Refused { get; } = [];

        private bool IsOver => Fault is not null || time.GetUtcNow() >= until;

        public async Task RunAsync(IEnumerable<string> days, CancellationToken ct)
        {
            var today = time.GetUtcNow().UtcDateTime.Date;
            foreach (var day in days)
            {
                var isDone = await RunDayAsync(day, ct);
                var isOld = DateTime.ParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture).AddDays(DaysAfter) < today;
                if (Since is null && !(isDone && isOld)) Since = day;
                if (IsOver) return;
            }
        }

        private async Task<bool> RunDayAsync(string day, CancellationToken ct)
        {
            var positions = await store.ReadPositionsAsync(sink.Name, day, ct).ToDictionaryAsync(p => p.Writer, StringComparer.Ordinal, ct);
            var isDone = true;
            await foreach (var mark in index.ReadMarksAsync(day, ct))
            {
                var position = positions.GetValueOrDefault(mark.Writer);
                if (position is { IsDone: true }) continue;
                var taken = new Dictionary<string, long>(position?.Taken ?? new Dictionary<string, long>(), StringComparer.Ordinal);
                try
                {
                    foreach (var client in mark.Covered.Keys.Append(AuditRecord.Gateway).Order(StringComparer.Ordinal).ToList())
                    {
                        if (IsOver) return false;
                        var last = client == AuditRecord.Gateway ? long.MaxValue : mark.Covered[client];
                        if (taken.GetValueOrDefault(client) < last) await RunChainAsync(day, client, mark.Writer, last, taken, ct);
                    }
                }
                finally
                {
                    var done = mark.IsClosed && !IsOver;
                    if (done || taken.Any(t => t.Value != position?.Taken.GetValueOrDefault(t.Key))) await store.SavePositionAsync(sink.Name, new OutboxPosition(day, mark.Writer, taken, done), ct);
                    isDone &= done;
                }
            }

            return isDone;
        }

        private async Task RunChainAsync(string day, string client, string writer, long last, Dictionary<string, long> taken, CancellationToken ct)
        {
            var batch = new List<OutgoingRecord>();
            var bytes = 0;
            var from = taken.GetValueOrDefault(client) + 1;
            // A segment that began before may go on after what was taken.
            await foreach (var segment in audit.ReadWriterAsync(day, client, writer, Math.Max(1, from - AuditSegment.MaxRecords + 1), ct))
            {
                foreach (var (sequence, json, isRecord) in segment.Lines)
                {
                    // What was purged before it was sent is gone.
                    if (sequence < from || sequence > last || !isRecord) continue;
                    if (batch.Count > 0 && (batch.Count == MaxBatch || bytes + json.Length > sink.MaxBatchBytes))
                    {
                        if (!await SendAsync(batch, ct)) return;
                        taken[client] = batch[^1].Sequence;
                        (batch, bytes) = ([], 0);
                    }

                    batch.Add(OutgoingRecord.Of(segment, sequence, json));
                    bytes += json.Length;
                }

                if (time.GetUtcNow() >= until) break;
            }

            if (batch.Count > 0 && await SendAsync(batch, ct)) taken[client] = batch[^1].Sequence;
        }

        /// <summary>False when the sink does not take records now. A batch that is refused for good is sent record by record, to find those that are the reason.</summary>
        private async Task<bool> SendAsync(List<OutgoingRecord> batch, CancellationToken ct)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(timeoutMilliseconds), time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
            try
            {
                await sink.SendAsync(batch, both.Token);
                Taken += batch.Count;
                return true;
            }
            catch (RecordRefusedException e) when (batch.Count == 1)
            {
                Refused.Add((batch[0], e.Message));
                return true;
            }
            catch (RecordRefusedException)
            {
                foreach (var record in batch)
                {
                    if (!await SendAsync([record], ct)) return false;
                }

                return true;
            }
            catch (Exception e) when (e is SinkUnavailableException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                Fault = e is SinkUnavailableException ? e.Message : "It did not answer in time.";
                WaitingSince = batch[0].Time ?? time.GetUtcNow();
                return false;
            }
        }
    }
}
