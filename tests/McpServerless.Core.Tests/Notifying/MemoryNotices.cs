using McpServerless.Notifying;

namespace McpServerless.Core.Tests.Notifying;

/// <summary>The outbox of notices, in memory.</summary>
internal sealed class MemoryNotices : INoticeStore
{
    private long _mark;

    public Dictionary<string, StoredNotice> Stored { get; } = [];

    public Dictionary<string, OpenNotice> Open { get; } = [];

    public List<GoneEndpoint> Gone { get; } = [];

    /// <summary>Asked before each notice is put; it may throw.</summary>
    public Action BeforeWrite { get; set; } = () => { };

    public ValueTask<bool> AddAsync(Notice notice, DateTimeOffset now, CancellationToken ct)
    {
        BeforeWrite();
        if (!Stored.TryAdd(notice.NoticeId, new StoredNotice(notice, NoticeState.Waiting, now, []))) return new(false);
        Open[notice.NoticeId] = Marked(new OpenNotice(notice.NoticeId, now, now, null, [], ""));
        return new(true);
    }

    public ValueTask HoldAsync(HeldNotice held, DateTimeOffset now, DateTimeOffset until, CancellationToken ct)
    {
        BeforeWrite();
        if (!Stored.ContainsKey(held.Notice.NoticeId)) Open[held.Notice.NoticeId] = Marked(new OpenNotice(held.Notice.NoticeId, now, until, held, [], ""));
        return default;
    }

    public ValueTask ReleaseAsync(Notice notice, DateTimeOffset now, CancellationToken ct)
    {
        BeforeWrite();
        if (Stored.TryAdd(notice.NoticeId, new StoredNotice(notice, NoticeState.Waiting, now, [])) || Open.GetValueOrDefault(notice.NoticeId)?.Held is not null)
        {
            Open[notice.NoticeId] = Marked(new OpenNotice(notice.NoticeId, now, now, null, [], ""));
        }

        return default;
    }

    public ValueTask<bool> ForgetAsync(OpenNotice open, CancellationToken ct) => new(Open.GetValueOrDefault(open.NoticeId)?.ETag == open.ETag && Open.Remove(open.NoticeId));

    public IAsyncEnumerable<OpenNotice> ReadDueAsync(DateTimeOffset now, CancellationToken ct) => Open.Values.Where(o => o.Due <= now).ToList().ToAsyncEnumerable();

    public ValueTask<OpenNotice?> FindOpenAsync(string noticeId, CancellationToken ct) => new(Open.GetValueOrDefault(noticeId));

    public ValueTask<bool> SaveAsync(OpenNotice open, CancellationToken ct)
    {
        if (Open.GetValueOrDefault(open.NoticeId)?.ETag != open.ETag) return new(false);
        Open[open.NoticeId] = Marked(open);
        return new(true);
    }

    public ValueTask CloseAsync(OpenNotice open, NoticeState state, CancellationToken ct)
    {
        if (Stored.TryGetValue(open.NoticeId, out var stored)) Stored[open.NoticeId] = stored with { State = state, Deliveries = open.Deliveries };
        Open.Remove(open.NoticeId);
        return default;
    }

    public ValueTask ReopenAsync(StoredNotice notice, IReadOnlyList<NoticeDelivery> deliveries, DateTimeOffset now, CancellationToken ct)
    {
        Open[notice.Notice.NoticeId] = Marked(new OpenNotice(notice.Notice.NoticeId, now, now, null, deliveries, ""));
        Stored[notice.Notice.NoticeId] = notice with { State = NoticeState.Waiting, Deliveries = deliveries };
        return default;
    }

    public ValueTask<StoredNotice?> FindAsync(string noticeId, CancellationToken ct) => new(Stored.GetValueOrDefault(noticeId));

    public IAsyncEnumerable<StoredNotice> ReadAsync(NoticeState? state, CancellationToken ct) => Stored.Values.Where(s => state is null || s.State == state).ToList().ToAsyncEnumerable();

    public ValueTask<int> PurgeAsync(DateTimeOffset before, int most, CancellationToken ct) => new(0);

    public ValueTask<IReadOnlyList<GoneEndpoint>> ReadGoneAsync(CancellationToken ct) => new([.. Gone]);

    public ValueTask SaveGoneAsync(GoneEndpoint gone, CancellationToken ct)
    {
        Gone.Add(gone);
        return default;
    }

    public ValueTask ForgetGoneAsync(string endpoint, CancellationToken ct)
    {
        Gone.RemoveAll(g => g.Name == endpoint);
        return default;
    }

    private OpenNotice Marked(OpenNotice open) => open with { ETag = $"{++_mark}" };
}
