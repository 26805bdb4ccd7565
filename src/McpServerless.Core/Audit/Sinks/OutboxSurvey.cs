using System.Globalization;
using McpServerless.Audit.Indexing;

namespace McpServerless.Audit.Sinks;

/// <summary>How far a sink is with what one instance wrote on a day.</summary>
/// <param name="Day">The UTC day.</param>
/// <param name="Writer">The instance.</param>
/// <param name="Taken">How many records the sink has.</param>
/// <param name="Waiting">How many it does not have yet, as far as the index has come.</param>
/// <param name="WaitingSince">When the oldest of these was written; null when none waits.</param>
public sealed record WriterLag(string Day, string Writer, long Taken, long Waiting, DateTimeOffset? WaitingSince);

/// <summary>How far a sink is.</summary>
/// <param name="Sink">Its name.</param>
/// <param name="State">What its last run left.</param>
/// <param name="Writers">By day and instance, those that are not done.</param>
public sealed record SinkLag(string Sink, OutboxState State, IReadOnlyList<WriterLag> Writers)
{
    public long Waiting => Writers.Sum(w => w.Waiting);

    public DateTimeOffset? WaitingSince => Writers.Min(w => w.WaitingSince);
}

/// <summary>What an operator changes of an outbox, as the ledger keeps it.</summary>
/// <param name="Sink">Whose outbox.</param>
/// <param name="SentAgainFrom">The first UTC day that is sent again.</param>
public sealed record SinkChange(string Sink, DateOnly SentAgainFrom);

/// <summary>Tells how far outboxes are, and lets them begin again.</summary>
public sealed class OutboxSurvey(IOutboxStore store, IAuditReader audit, IAuditIndex index)
{
    /// <summary>Of so many chains of an instance the oldest waiting record is looked for.</summary>
    private const int MaxLookedUp = 50;

    /// <summary>The sinks that ever ran.</summary>
    /// <exception cref="StoreUnavailableException">Something could not be read.</exception>
    public async Task<IReadOnlyList<SinkLag>> ReadAsync(DateTimeOffset now, CancellationToken ct)
    {
        var sinks = new List<SinkLag>();
        foreach (var name in RecordSinks.Names)
        {
            if (await store.ReadStateAsync(name, ct) is { } state) sinks.Add(new SinkLag(name, state, await ReadWritersAsync(name, state.Since, now, ct)));
        }

        return sinks;
    }

    /// <summary>Forgets what a sink has of the days from one on, so that all of it is sent again with the next runs.</summary>
    /// <returns>False while an instance is sending.</returns>
    /// <exception cref="StoreUnavailableException">Something could not be read or written; doing it again is no harm.</exception>
    public async Task<bool> BeginAgainAsync(string sink, DateOnly from, DateTimeOffset now, CancellationToken ct)
    {
        var holder = Guid.CreateVersion7(now).ToString("N");
        if (!await store.TakeAsync(sink, holder, now, now.AddMinutes(4), ct)) return false;
        try
        {
            foreach (var day in DaysFrom(Name(from), now))
            {
                await foreach (var position in store.ReadPositionsAsync(sink, day, ct))
                {
                    await store.SavePositionAsync(sink, position with { Taken = new Dictionary<string, long>(), IsDone = false }, ct);
                }
            }

            if (await store.ReadStateAsync(sink, ct) is { } state && string.CompareOrdinal(Name(from), state.Since) < 0) await store.SaveStateAsync(sink, state with { Since = Name(from) }, ct);
            return true;
        }
        finally
        {
            await store.GiveBackAsync(sink, holder, ct);
        }
    }

    /// <summary>The days of an outbox, the oldest first.</summary>
    internal static IEnumerable<string> DaysFrom(string since, DateTimeOffset now)
    {
        var day = DateTime.ParseExact(since, "yyyyMMdd", CultureInfo.InvariantCulture);
        for (; day <= now.UtcDateTime.Date; day = day.AddDays(1)) yield return day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    }

    private async Task<List<WriterLag>> ReadWritersAsync(string sink, string since, DateTimeOffset now, CancellationToken ct)
    {
        var writers = new List<WriterLag>();
        foreach (var day in DaysFrom(since, now))
        {
            var positions = await store.ReadPositionsAsync(sink, day, ct).ToDictionaryAsync(p => p.Writer, StringComparer.Ordinal, ct);
            await foreach (var mark in index.ReadMarksAsync(day, ct))
            {
                var position = positions.GetValueOrDefault(mark.Writer);
                if (position is not { IsDone: true }) writers.Add(await ReadWriterAsync(mark, position?.Taken ?? new Dictionary<string, long>(), ct));
            }
        }

        return writers;
    }

    private async Task<WriterLag> ReadWriterAsync(IndexMark mark, IReadOnlyDictionary<string, long> taken, CancellationToken ct)
    {
        var waiting = 0L;
        DateTimeOffset? since = null;
        var behind = mark.Covered.Where(c => c.Key != AuditRecord.Gateway && c.Value > taken.GetValueOrDefault(c.Key)).ToList();
        foreach (var (client, last) in behind) waiting += last - taken.GetValueOrDefault(client);
        foreach (var (client, _) in behind.Take(MaxLookedUp)) since = Earlier(since, await TimeOfAsync(mark, client, taken.GetValueOrDefault(client) + 1, ct));

        // Of an instance's own chain the index says nothing.
        var own = taken.GetValueOrDefault(AuditRecord.Gateway);
        var before = waiting;
        await foreach (var segment in audit.ReadWriterAsync(mark.Day, AuditRecord.Gateway, mark.Writer, Math.Max(1, own - AuditSegment.MaxRecords + 2), ct))
        {
            waiting += Math.Max(0, segment.LastSequence - Math.Max(own, segment.FirstSequence - 1));
        }

        if (waiting > before) since = Earlier(since, await TimeOfAsync(mark, AuditRecord.Gateway, own + 1, ct));
        return new WriterLag(mark.Day, mark.Writer, taken.Values.Sum(), waiting, since);
    }

    private async Task<DateTimeOffset?> TimeOfAsync(IndexMark mark, string client, long sequence, CancellationToken ct)
    {
        // A segment that began before may go on after it.
        await foreach (var segment in audit.ReadFromAsync(mark.Day, client, mark.Writer, Math.Max(1, sequence - AuditSegment.MaxRecords + 1), ct))
        {
            if (segment.Writer != mark.Writer || sequence < segment.FirstSequence) return null;
            foreach (var (at, json, _) in segment.Lines.Where(l => l.Sequence == sequence)) return OutgoingRecord.Of(segment, at, json).Time;
        }

        return null;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    private static string Name(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
