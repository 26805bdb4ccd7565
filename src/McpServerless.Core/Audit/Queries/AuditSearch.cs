using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using McpServerless.Audit.Indexing;

namespace McpServerless.Audit.Queries;

/// <summary>A record that answers a query.</summary>
/// <param name="Json">As it was written.</param>
/// <param name="Root">The same, read.</param>
/// <param name="At">Where it stands, so that the rest can be asked for later.</param>
public sealed record FoundRecord(ReadOnlyMemory<byte> Json, JsonElement Root, AuditCursor At);

/// <summary>A part of an answer.</summary>
/// <param name="Records">By day, client, writer and sequence.</param>
/// <param name="Next">Where the next page begins; null when this is the last.</param>
public sealed record AuditPage(IReadOnlyList<FoundRecord> Records, AuditCursor? Next);

/// <summary>Answers queries with as little reading as the ledger allows.</summary>
/// <remarks>
/// With a client, one partition for each day. By request, trace, session or tool, the segments that the index names, and of instances whose index is not
/// complete what comes after their mark. Otherwise the days themselves, client by client. No more than a few segments are held.
/// </remarks>
/// <param name="audit">The ledger or an export of it.</param>
/// <param name="index">Null where there is none, as for an export.</param>
public sealed class AuditSearch(IAuditReader audit, IAuditIndex? index)
{
    /// <summary>Segments that are read ahead.</summary>
    private const int Ahead = 8;

    /// <summary>One page.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="size">The most records of it.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">Something could not be read; nothing is claimed then.</exception>
    public async Task<AuditPage> PageAsync(AuditQuery query, AuditCursor? after, int size, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var records = new List<FoundRecord>();
        await foreach (var found in FindAsync(query, after, progress: null, ct))
        {
            // One more than a page tells whether there is another.
            if (records.Count == size) return new AuditPage(records, records[^1].At);
            records.Add(found);
        }

        return new AuditPage(records, null);
    }

    /// <summary>What was asked in a session, a trace or a request, and how it was decided: in the order in which it stands in the ledger.</summary>
    /// <param name="id">The id of one of them, in lower case.</param>
    /// <param name="query">The days, and the client where it is known.</param>
    /// <param name="most">The most records that are read.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">Something could not be read.</exception>
    public async Task<IReadOnlyList<FoundRecord>> TimelineAsync(string id, AuditQuery query, int most, CancellationToken ct)
    {
        var records = new Dictionary<AuditCursor, FoundRecord>();
        foreach (var each in (AuditQuery[])[query with { SessionId = id }, query with { TraceId = id }, query with { RequestId = id }])
        {
            await foreach (var found in FindAsync(each, after: null, progress: null, ct))
            {
                records[found.At] = found;
                if (records.Count >= most) return [.. records.Values];
            }
        }

        return [.. records.Values];
    }

    /// <summary>All records, as they are read.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="after">Only what stands after this place; null for all.</param>
    /// <param name="progress">Told now and then how many records were looked at.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="StoreUnavailableException">Something could not be read.</exception>
    public async IAsyncEnumerable<FoundRecord> FindAsync(AuditQuery query, AuditCursor? after, IProgress<long>? progress, [EnumeratorCancellation] CancellationToken ct)
    {
        var looked = 0L;
        for (var day = DateOnly.FromDateTime(query.From.UtcDateTime); day.ToDateTime(TimeOnly.MinValue) < query.Until.UtcDateTime; day = day.AddDays(1))
        {
            var name = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
            var rest = after;
            if (after is not null && string.CompareOrdinal(after.Day, name) is not 0 and var order)
            {
                if (order > 0) continue;
                rest = null;
            }

            await foreach (var segment in ReadDayAsync(query, name, rest, ct))
            {
                for (var i = 0; i < segment.Records.Count; i++)
                {
                    var sequence = segment.FirstSequence + i;
                    if (rest is not null && rest.CompareChain(segment.ClientId, segment.Writer) == 0 && sequence <= rest.Sequence) continue;
                    if (++looked % 50_000 == 0) progress?.Report(looked);
                    if (Read(query, segment.Records[i]) is { } root) yield return new FoundRecord(segment.Records[i], root, new AuditCursor(name, segment.ClientId, segment.Writer, sequence));
                }
            }
        }
    }

    private static JsonElement? Read(AuditQuery query, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return query.Matches(document.RootElement) ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            // Verification names it.
            return null;
        }
    }

    private async IAsyncEnumerable<AuditSegment> ReadDayAsync(AuditQuery query, string day, AuditCursor? after, [EnumeratorCancellation] CancellationToken ct)
    {
        if (query.Indexed is { } indexed && query.ClientId != AuditRecord.Gateway && index is not null
            && await index.ReadMarksAsync(day, ct).ToListAsync(ct) is { Count: > 0 } marks)
        {
            var reads = await PlanAsync(query, day, indexed, marks, ct);
            await foreach (var segment in ReadPlannedAsync(day, [.. reads.Where(r => IsAhead(r.ClientId, r.Writer, r.Last))], ct)) yield return segment;
            yield break;
        }

        var clients = query.ClientId is not null ? [query.ClientId] : await audit.ReadClientsAsync(day, ct).Where(c => c != AuditRecord.Gateway).Order(StringComparer.Ordinal).ToListAsync(ct);
        foreach (var client in clients)
        {
            var order = after is null ? -1 : string.CompareOrdinal(after.ClientId, client);
            if (order > 0) continue;
            // A segment that began before the place may go on after it.
            var segments = order == 0 ? audit.ReadFromAsync(day, client, after!.Writer, Math.Max(1, after.Sequence - AuditSegment.MaxRecords + 2), ct) : audit.ReadFromAsync(day, client, "", 1, ct);
            await foreach (var segment in segments) yield return segment;
        }

        bool IsAhead(string client, string writer, long last) => after?.CompareChain(client, writer) switch
        {
            null or < 0 => true,
            0 => last > after.Sequence,
            _ => false,
        };
    }

    /// <summary>What has to be read, in the order of answers.</summary>
    private async Task<List<PlannedRead>> PlanAsync(AuditQuery query, string day, (IndexKind Kind, string Key) indexed, List<IndexMark> marks, CancellationToken ct)
    {
        var reads = new HashSet<PlannedRead>();
        await foreach (var place in index!.FindAsync(day, indexed.Kind, indexed.Key, ct))
        {
            if (query.ClientId is null || query.ClientId == place.ClientId) reads.Add(new PlannedRead(place.ClientId, place.Writer, place.FirstSequence, IsRange: false));
        }

        var open = marks.Where(m => !m.IsClosed).ToList();
        if (open.Count > 0)
        {
            var clients = query.ClientId is not null ? [query.ClientId] : await audit.ReadClientsAsync(day, ct).Where(c => c != AuditRecord.Gateway).ToListAsync(ct);
            foreach (var client in clients)
            {
                foreach (var mark in open) reads.Add(new PlannedRead(client, mark.Writer, mark.Covered.GetValueOrDefault(client) + 1, IsRange: true));
            }

            // What the index names and the mark does not cover yet would be read twice.
            reads.RemoveWhere(r => !r.IsRange && open.Find(m => m.Writer == r.Writer) is { } mark && r.FirstSequence > mark.Covered.GetValueOrDefault(r.ClientId));
        }

        return [.. reads.OrderBy(r => r.ClientId, StringComparer.Ordinal).ThenBy(r => r.Writer, StringComparer.Ordinal).ThenBy(r => r.FirstSequence)];
    }

    private async IAsyncEnumerable<AuditSegment> ReadPlannedAsync(string day, List<PlannedRead> reads, [EnumeratorCancellation] CancellationToken ct)
    {
        var running = new Queue<Task<List<AuditSegment>>>();
        var next = 0;
        while (running.Count > 0 || next < reads.Count)
        {
            while (running.Count < Ahead && next < reads.Count) running.Enqueue(ReadAsync(reads[next++]));
            foreach (var segment in await running.Dequeue()) yield return segment;
        }

        async Task<List<AuditSegment>> ReadAsync(PlannedRead read)
        {
            if (read.IsRange) return await audit.ReadWriterAsync(day, read.ClientId, read.Writer, read.FirstSequence, ct).ToListAsync(ct);
            return await audit.FindAsync(day, read.ClientId, read.Writer, read.FirstSequence, ct) is { } segment ? [segment] : [];
        }
    }

    /// <param name="ClientId">Whose records.</param>
    /// <param name="Writer">The instance.</param>
    /// <param name="FirstSequence">Where the segment begins.</param>
    /// <param name="IsRange">Whether everything from there on is read, or this segment alone.</param>
    private sealed record PlannedRead(string ClientId, string Writer, long FirstSequence, bool IsRange)
    {
        public long Last => IsRange ? long.MaxValue : FirstSequence + AuditSegment.MaxRecords - 1;
    }
}
