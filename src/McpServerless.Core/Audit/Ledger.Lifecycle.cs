using System.Globalization;

namespace McpServerless.Audit;

public sealed partial class Ledger
{
    /// <summary>Passes through the arrivals like a record, so that one reader alone touches the chains.</summary>
    private static readonly Pending StateHeads = new(new AuditRecord { RecordId = default, RequestId = default, Time = default, Event = AuditEvent.WriterHeads, Server = "", Decision = "" }, null, 0);

    private readonly Dictionary<string, (Chain Chain, Task Opened)> _days = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Day, string Client), ChainHead> _left = [];
    private string _newestDay = "";

    private static string DayOf(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>The start is the first thing of this instance in the ledger; with it the catalogue's number, as far as it is known.</summary>
    private async Task OpenFirstDayAsync()
    {
        var record = OwnRecord(AuditEvent.WriterStarted);
        OpenDay(DayOf(record.Time), await (identity ?? WriterIdentity.Unnamed).StartedAsync(record, time, _abandon.Token));
    }

    private ITimer StartStatements()
    {
        var period = TimeSpan.FromSeconds(_options.HeadsSeconds);
        return time.CreateTimer(_ => _arrivals.Writer.TryWrite(StateHeads), null, period, period);
    }

    private Chain ChainOf(string day, string client)
    {
        var (gateway, opened) = _days.TryGetValue(day, out var known) ? known : OpenDay(day, first: null);
        if (client == AuditRecord.Gateway) return gateway;
        if (_chains.TryGetValue((day, client), out var chain)) return chain;
        chain = _left.Remove((day, client), out var head)
            ? new Chain(this, day, client, opened, head.Sequence + 1, head.Hash)
            : new Chain(this, day, client, opened);
        _chains[(day, client)] = chain;
        return chain;
    }

    /// <param name="day">The UTC day.</param>
    /// <param name="first">What it begins with; null for a day to which the instance only goes on.</param>
    private (Chain Chain, Task Opened) OpenDay(string day, AuditRecord? first)
    {
        LeaveOldChains(day);
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var chain = new Chain(this, day, AuditRecord.Gateway, Task.CompletedTask);
        var before = _days.Values.Select(d => d.Chain.Head).Where(h => h is not null).MaxBy(h => h!.Day, StringComparer.Ordinal);
        first ??= OwnRecord(AuditEvent.WriterContinued, day) with
        {
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteStartArray("heads"u8);
                before?.WriteTo(json);
                json.WriteEndArray();
            }),
        };
        chain.Add(new Pending(first, durable, time.GetTimestamp(), TookRoom: false));
        return _days[day] = (chain, durable.Task);
    }

    /// <summary>
    /// When a day begins, the chains of days before yesterday are let go, and only how far they came is kept: a record can come late, and
    /// has to go on where its chain stands.
    /// </summary>
    private void LeaveOldChains(string day)
    {
        if (string.CompareOrdinal(day, _newestDay) <= 0) return;
        _newestDay = day;
        var yesterday = DayOf(DateTimeOffset.ParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).AddDays(-1));
        foreach (var (key, chain) in _chains.Where(c => string.CompareOrdinal(c.Key.Day, yesterday) < 0).ToArray())
        {
            if (!chain.IsIdle || chain.Unstated is not null || chain.Head is not { } head) continue;
            _left[key] = head;
            _chains.Remove(key);
        }
    }

    /// <summary>How far every chain has come since the statement before. Written also when nothing changed: the instance is alive.</summary>
    private void Statement()
    {
        var heads = new List<(Chain Chain, ChainHead Head)>();
        foreach (var chain in _chains.Values)
        {
            if (chain.Unstated is { } head) heads.Add((chain, head));
        }

        foreach (var part in heads.Chunk(ChainHead.MaxPerRecord).DefaultIfEmpty([]))
        {
            AddOwn(OwnRecord(AuditEvent.WriterHeads) with { DetailsJson = HeadsOf(part.Select(p => p.Head)) });
            foreach (var (chain, head) in part) chain.Stated(head);
        }
    }

    internal static ReadOnlyMemory<byte> HeadsOf(IEnumerable<ChainHead> heads) => AuditDetails.Write(json =>
    {
        json.WriteStartArray("heads"u8);
        foreach (var head in heads) head.WriteTo(json);
        json.WriteEndArray();
    });

    /// <summary>Writes what is left, then how far all chains came, then that this was the end.</summary>
    private async Task EndAsync()
    {
        foreach (var chain in _chains.Values) chain.HoldNoMore();
        await Task.WhenAll(_chains.Values.Concat(_days.Values.Select(d => d.Chain)).Select(c => c.IdleAsync()));
        if (_abandon.IsCancellationRequested) return;
        Statement();
        AddOwn(OwnRecord(AuditEvent.WriterEnded) with { DetailsJson = AuditDetails.Write(json => json.WriteNumber("unwritten"u8, Unwritten)) });
        foreach (var (chain, _) in _days.Values) chain.HoldNoMore();
        await Task.WhenAll(_days.Values.Select(d => d.Chain.IdleAsync()));
    }

    private void AddOwn(AuditRecord record) =>
        ChainOf(DayOf(record.Time), AuditRecord.Gateway).Add(new Pending(record, null, time.GetTimestamp(), TookRoom: false));

    /// <param name="kind">What it is about.</param>
    /// <param name="day">The day whose chain it belongs to, for one that begins a day other than today.</param>
    private AuditRecord OwnRecord(AuditEvent kind, string? day = null)
    {
        var now = time.GetUtcNow();
        if (day is not null && day != DayOf(now))
        {
            var midnight = DateTimeOffset.ParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            now = now < midnight ? midnight : midnight.AddDays(1).AddMicroseconds(-1);
        }

        return AuditRecords.OfGateway(kind, now);
    }
}
