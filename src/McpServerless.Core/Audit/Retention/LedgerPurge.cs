using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpServerless.Audit.Checkpoints;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Retention;

/// <summary>Takes records away whose time is over, and leaves tombstones that keep the chains verifiable.</summary>
/// <remarks>
/// Day by day, the oldest first. A day is purged only when it verifies without an alarm and a checkpoint of at least a day later is signed: what was tampered with, and what nobody
/// signed, stays as it is. First a purge record names the tombstones that are about to come; when it is durable, the segments are replaced; so a run that dies in between leaves
/// records that are still there, and the next one announces them anew. What a hold covers is passed over.
/// </remarks>
public sealed partial class LedgerPurge(
    IAuditReader audit,
    IPurgeableLedger segments,
    IAuditIndex index,
    IRetentionStore store,
    Ledger ledger,
    IServiceProvider services,
    IOptions<CheckpointOptions> checkpointing,
    IOptions<RetentionOptions> options,
    TimeProvider time,
    ILogger<LedgerPurge> logger)
{
    private readonly IReadOnlyDictionary<string, int> _days = RecordClass.DaysOf(options.Value);

    private string Policy => string.Join(' ', _days.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key}={d.Value}d")));

    private IAuditReader Audit => audit;

    private IPurgeableLedger Segments => segments;

    private IAuditIndex Index => index;

    private Ledger Journal => ledger;

    private TimeProvider Time => time;

    /// <summary>One run.</summary>
    /// <returns>How many records were purged.</returns>
    /// <exception cref="StoreUnavailableException">Something could not be read or written; the next run goes on.</exception>
    public async Task<long> RunAsync(CancellationToken ct)
    {
        if (_days.Count == 0) return 0;
        if (!checkpointing.Value.IsConfigured)
        {
            Log.NotSigned(logger);
            return 0;
        }

        if (await segments.FindFirstDayAsync(ct) is not { } first) return 0;
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var holds = await store.ReadHoldsAsync(ct).ToListAsync(ct);
        var progress = new SortedDictionary<string, DateOnly>((await store.ReadProgressAsync(ct)).ToDictionary(), StringComparer.Ordinal);
        var purged = 0L;
        for (var day = _days.Keys.Select(c => progress.TryGetValue(c, out var done) ? done.AddDays(1) : first).Append(today).Min(); day < today; day = day.AddDays(1))
        {
            var due = _days.Where(c => today.DayNumber - day.DayNumber > c.Value && (!progress.TryGetValue(c.Key, out var done) || done < day)).Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
            if (due.Count == 0) continue;
            if (!await IsSoundAsync(day, ct)) break;
            var pass = new DayPass(this, day, due, holds, options.Value.MaxRecordsPerRun - purged);
            await pass.RunAsync(ct);
            purged += pass.Purged;
            if (!pass.IsComplete) break;
            foreach (var kind in due) progress[kind] = day;
            await store.SaveProgressAsync(progress, ct);
        }

        if (purged > 0) Log.Purged(logger, purged);
        return purged;
    }

    /// <summary>Whether nothing of the day was tampered with, and all of it is signed.</summary>
    private async Task<bool> IsSoundAsync(DateOnly day, CancellationToken ct)
    {
        var checkpoints = services.GetRequiredService<ICheckpointStore>();
        var keys = CheckpointKeys.Import(await checkpoints.ReadKeysAsync(ct));
        try
        {
            var report = await new LedgerVerifier(audit, checkpoints, keys, progress: null).VerifyAsync(day, day, ct);
            var signed = report.LastCheckpointTime is { } last && DateOnly.FromDateTime(last.UtcDateTime) > day.AddDays(1);
            if (report.Alarms == 0 && signed) return true;
            var why = report.FirstAlarm?.ToString() ?? "no checkpoint of after it";
            Log.NotSound(logger, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), why);
            await ledger.PostAsync(
                AuditRecords.OfGateway(AuditEvent.Timer, time.GetUtcNow()) with
                {
                    DetailsJson = AuditDetails.Write(json =>
                    {
                        json.WriteString("day"u8, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
                        // As the alert on broken chains asks for it.
                        if (report.Alarms > 0) json.WriteString("happening"u8, "chainBroken"u8);
                        json.WriteString("reason"u8, why);
                        json.WriteString("timer"u8, "purge"u8);
                        json.WriteString("what"u8, "not purged"u8);
                    }),
                },
                ct);
            return false;
        }
        finally
        {
            foreach (var key in keys.Values) key.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3401, LogLevel.Information, "{Count} records were purged by the retention policy")]
        public static partial void Purged(ILogger logger, long count);

        [LoggerMessage(3402, LogLevel.Warning, "Nothing is purged: the ledger is not signed (Checkpoints)")]
        public static partial void NotSigned(ILogger logger);

        [LoggerMessage(3403, LogLevel.Error, "The ledger of {Day} is not purged, nor what is later: {Why}")]
        public static partial void NotSound(ILogger logger, string day, string why);
    }

    /// <summary>One day.</summary>
    private sealed class DayPass(LedgerPurge purge, DateOnly day, HashSet<string> due, List<LegalHold> holds, long most)
    {
        private readonly string _day = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        private readonly List<(AuditSegment Segment, ChainHead[] Stones)> _ready = [];
        private DateTimeOffset _at;

        public long Purged { get; private set; }

        /// <summary>False when it stopped at its bound.</summary>
        public bool IsComplete { get; private set; } = true;

        public async Task RunAsync(CancellationToken ct)
        {
            await foreach (var client in purge.Audit.ReadClientsAsync(_day, ct))
            {
                if (client == AuditRecord.Gateway || holds.Exists(h => h.Covers(client, day))) continue;
                await foreach (var segment in purge.Audit.ReadAsync(_day, client, ct))
                {
                    if (Purged >= most)
                    {
                        IsComplete = false;
                        break;
                    }

                    Consider(segment);
                    if (_ready.Sum(r => r.Stones.Length) >= ChainHead.MaxPerRecord - AuditSegment.MaxRecords / 2) await ReplaceAsync(ct);
                }

                if (!IsComplete) break;
            }

            await ReplaceAsync(ct);
            if (Purged > 0) await ReindexAsync(ct);
        }

        private void Consider(AuditSegment segment)
        {
            // All tombstones of one announcement have its time, which says where it stands.
            if (_ready.Count == 0) _at = purge.Time.GetUtcNow();
            var lines = new List<ReadOnlyMemory<byte>>();
            var stones = new List<ChainHead>();
            var run = new Run(segment.Writer);
            foreach (var (sequence, line, isRecord) in segment.Lines)
            {
                if (isRecord && RecordClass.Of(line) is { } kind && due.Contains(kind))
                {
                    run.Add(sequence, line, kind);
                    continue;
                }

                Close();
                lines.Add(line);
            }

            Close();
            if (stones.Count > 0) _ready.Add((segment with { Records = lines }, [.. stones]));

            void Close()
            {
                if (run.IsEmpty) return;
                var stone = run.End(_at, purge.Policy);
                Purged += stone.Count;
                var json = stone.ToJson();
                lines.Add(json);
                stones.Add(new ChainHead(_day, segment.ClientId, segment.Writer, stone.FirstSequence, CanonicalJson.Hash(json)));
                run = new Run(segment.Writer);
            }
        }

        private async Task ReplaceAsync(CancellationToken ct)
        {
            if (_ready.Count == 0) return;
            foreach (var part in _ready.SelectMany(r => r.Stones).Chunk(ChainHead.MaxPerRecord))
            {
                var record = AuditRecords.OfGateway(AuditEvent.Timer, _at) with
                {
                    DetailsJson = AuditDetails.Write(json =>
                    {
                        json.WriteString("policy"u8, purge.Policy);
                        json.WriteString("timer"u8, "purge"u8);
                        json.WriteStartArray("tombstones"u8);
                        foreach (var stone in part) stone.WriteTo(json);
                        json.WriteEndArray();
                        json.WriteString("what"u8, "ledgerPurged"u8);
                    }),
                };
                if (!await purge.Journal.AppendAsync(record, ct)) throw new StoreUnavailableException("A purge could not be recorded, so nothing was purged.");
            }

            foreach (var (segment, _) in _ready) await purge.Segments.ReplaceAsync(segment, ct);
            _ready.Clear();
        }

        /// <summary>The index names tools, sessions, traces and requests; what is gone must be gone there too. Meanwhile questions are answered from the ledger.</summary>
        private async Task ReindexAsync(CancellationToken ct)
        {
            var marks = await purge.Index.ReadMarksAsync(_day, ct).ToListAsync(ct);
            foreach (var mark in marks) await purge.Index.MarkAsync(mark with { Covered = new Dictionary<string, long>(), IsClosed = false }, ct);
            await purge.Index.ForgetAsync(_day, ct);
            foreach (var mark in marks) await IndexRepair.CompleteAsync(purge.Audit, purge.Index, mark with { Covered = new Dictionary<string, long>(), IsClosed = false }, ct);
        }
    }

    /// <summary>Consecutive records that go.</summary>
    private sealed class Run(string writer)
    {
        private readonly SortedDictionary<string, int> _classes = new(StringComparer.Ordinal);
        private readonly StringBuilder _hashes = new();
        private string _before = "";
        private string _after = "";
        private long _first;
        private long _last;

        public bool IsEmpty => _first == 0;

        public void Add(long sequence, ReadOnlyMemory<byte> json, string kind)
        {
            if (IsEmpty)
            {
                using var document = JsonDocument.Parse(json);
                (_first, _before) = (sequence, JsonMembers.Text(document.RootElement, "previousHash") ?? "");
            }

            (_last, _after) = (sequence, CanonicalJson.Hash(json.Span));
            _hashes.Append(_after);
            _classes[kind] = _classes.GetValueOrDefault(kind) + 1;
        }

        public Tombstone End(DateTimeOffset at, string policy) => new()
        {
            Writer = writer,
            FirstSequence = _first,
            LastSequence = _last,
            HashBefore = _before,
            HashAfter = _after,
            Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(_hashes.ToString()))),
            Classes = _classes,
            PurgedAt = at,
            Policy = policy,
        };
    }
}
