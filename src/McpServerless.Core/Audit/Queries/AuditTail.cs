using System.Globalization;
using McpServerless.Audit.Indexing;

namespace McpServerless.Audit.Queries;

/// <summary>What was added to the ledger since the last look.</summary>
/// <param name="Records">By time, writer and sequence.</param>
/// <param name="HasMore">Whether there is more than one look takes; the next one may follow at once.</param>
public sealed record AuditLook(IReadOnlyList<FoundRecord> Records, bool HasMore);

/// <summary>Follows the ledger from a moment on, however many instances write and whichever day it is.</summary>
/// <remarks>
/// Of all clients, the marks of the index say which chains grew, and only their ends are read: a record is seen when its instance has written its index
/// (<see cref="AuditOptions.IndexSeconds"/>). Of one client, the ends of its chains are read themselves. A look that fails changes nothing: the next one begins where
/// the last good one ended.
/// </remarks>
public sealed class AuditTail(IAuditReader audit, IAuditIndex index, AuditQuery query, TimeProvider time)
{
    /// <summary>The most records of one look, so that one after a long outage does not fill the memory.</summary>
    private const int MaxPerLook = 10_000;

    /// <summary>A record can come after its day has ended, since its write was tried again.</summary>
    private static readonly TimeSpan DayGoesOn = TimeSpan.FromHours(1);

    /// <summary>How far the clock of whoever begins to write may be behind.</summary>
    private static readonly TimeSpan Behind = TimeSpan.FromMinutes(10);

    private readonly AuditQuery _query = query with { From = time.GetUtcNow(), Until = DateTimeOffset.MaxValue };
    private Dictionary<(string Day, string Client, string Writer), long> _read = [];
    private HashSet<(string Day, string Writer)> _ended = [];
    private DateOnly _day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
    private bool _began;

    /// <summary>One look.</summary>
    /// <exception cref="StoreUnavailableException">Something could not be read; nothing is passed over by that.</exception>
    public async Task<AuditLook> LookAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var look = new Look(new Dictionary<(string, string, string), long>(_read), [.. _ended]);
        for (var day = _day; day <= DateOnly.FromDateTime(now.UtcDateTime) && !look.IsFull; day = day.AddDays(1))
        {
            await ReadDayAsync(look, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), now, ct);
        }

        (_read, _ended, _began) = (look.Read, look.Ended, true);
        if (!look.IsFull) LeaveOldDays(now);
        return new AuditLook([.. look.Found.OrderBy(f => JsonMembers.Text(f.Root, "time"), StringComparer.Ordinal).ThenBy(f => f.At.Writer, StringComparer.Ordinal).ThenBy(f => f.At.Sequence)], look.IsFull);
    }

    private async Task ReadDayAsync(Look look, string day, DateTimeOffset now, CancellationToken ct)
    {
        await foreach (var mark in index.ReadMarksAsync(day, ct))
        {
            if (look.Ended.Contains((day, mark.Writer))) continue;
            if (query.ClientId is { } client)
            {
                // What was there before the first look is known from the mark; what it does not cover is left out by its time.
                if (!_began) look.Read.TryAdd((day, client, mark.Writer), mark.Covered.GetValueOrDefault(client));
                await ReadChainAsync(look, (day, client, mark.Writer), ct);
            }
            else
            {
                foreach (var (each, last) in mark.Covered.Where(c => c.Key != AuditRecord.Gateway))
                {
                    var chain = (day, each, mark.Writer);
                    if (!_began) look.Read.TryAdd(chain, last);
                    else if (look.Read.GetValueOrDefault(chain) < last) await ReadChainAsync(look, chain, ct);
                }
            }

            if (look.IsFull) return;
            if (mark.IsClosed) look.Ended.Add((day, mark.Writer));
        }

        if (query.ClientId == AuditRecord.Gateway) await ReadUnlistedAsync(look, day, now, ct);
    }

    /// <summary>Commands write into the gateway's own partition and are not listed in the index. Their ids are as old as they are.</summary>
    private async Task ReadUnlistedAsync(Look look, string day, DateTimeOffset now, CancellationToken ct)
    {
        var from = $"{(now - Behind).ToUnixTimeMilliseconds():x12}00000000000000000000";
        await foreach (var segment in audit.ReadFromAsync(day, AuditRecord.Gateway, from, 1, ct))
        {
            look.Take(segment, _query);
            if (look.IsFull) return;
        }
    }

    private async Task ReadChainAsync(Look look, (string Day, string Client, string Writer) chain, CancellationToken ct)
    {
        if (look.IsFull) return;
        await foreach (var segment in audit.ReadWriterAsync(chain.Day, chain.Client, chain.Writer, look.Read.GetValueOrDefault(chain) + 1, ct))
        {
            look.Take(segment, _query);
            if (look.IsFull) return;
        }
    }

    private void LeaveOldDays(DateTimeOffset now)
    {
        while (now - DayGoesOn >= new DateTimeOffset(_day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)) _day = _day.AddDays(1);
        var name = _day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        foreach (var old in _read.Keys.Where(k => string.CompareOrdinal(k.Day, name) < 0).ToList()) _read.Remove(old);
        _ended.RemoveWhere(e => string.CompareOrdinal(e.Day, name) < 0);
    }

    /// <summary>What one look has read so far; it counts once nothing of it failed.</summary>
    private sealed class Look(Dictionary<(string Day, string Client, string Writer), long> read, HashSet<(string Day, string Writer)> ended)
    {
        private int _looked;

        public Dictionary<(string Day, string Client, string Writer), long> Read => read;

        public HashSet<(string Day, string Writer)> Ended => ended;

        public List<FoundRecord> Found { get; } = [];

        public bool IsFull => _looked >= MaxPerLook;

        public void Take(AuditSegment segment, AuditQuery query)
        {
            var chain = (segment.Day, segment.ClientId, segment.Writer);
            var last = read.GetValueOrDefault(chain);
            foreach (var (sequence, json, isRecord) in segment.Lines)
            {
                if (sequence <= last || !isRecord) continue;
                _looked++;
                if (AuditSearch.Read(query, json) is { } root) Found.Add(new FoundRecord(json, root, new AuditCursor(segment.Day, segment.ClientId, segment.Writer, sequence)));
            }

            read[chain] = Math.Max(last, segment.LastSequence);
        }
    }
}
