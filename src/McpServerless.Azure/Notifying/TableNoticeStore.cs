using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Notifying;

namespace McpServerless.Azure.Notifying;

/// <summary>The outbox of notices in Table Storage: a partition of notices, and one of what is left to do with them, which alone is looked through every minute.</summary>
internal sealed class TableNoticeStore(TableSet tables) : INoticeStore
{
    private const string NoticeKey = "notice";
    private const string OpenKey = "open";
    private const string GoneKey = "gone";

    public async ValueTask<bool> AddAsync(Notice notice, DateTimeOffset now, CancellationToken ct)
    {
        if (await FindRowAsync(NoticeKey, notice.NoticeId, ct) is not null) return false;
        await tables.Notices.AddAsync(EntityOf(new OpenNotice(notice.NoticeId, now, now, null, [], "")), ct);
        return await tables.Notices.AddAsync(EntityOf(new StoredNotice(notice, NoticeState.Waiting, now, [])), ct);
    }

    public async ValueTask HoldAsync(HeldNotice held, DateTimeOffset now, DateTimeOffset until, CancellationToken ct)
    {
        if (await FindRowAsync(NoticeKey, held.Notice.NoticeId, ct) is null) await tables.Notices.PutAsync(EntityOf(new OpenNotice(held.Notice.NoticeId, now, until, held, [], "")), ct);
    }

    public async ValueTask ReleaseAsync(Notice notice, DateTimeOffset now, CancellationToken ct)
    {
        var isNew = await tables.Notices.AddAsync(EntityOf(new StoredNotice(notice, NoticeState.Waiting, now, [])), ct);
        if (isNew || await FindOpenAsync(notice.NoticeId, ct) is { Held: not null }) await tables.Notices.PutAsync(EntityOf(new OpenNotice(notice.NoticeId, now, now, null, [], "")), ct);
    }

    public ValueTask<bool> ForgetAsync(OpenNotice open, CancellationToken ct) => tables.Notices.DeleteAsync(OpenKey, TableKey.Of(open.NoticeId), new ETag(open.ETag), ct);

    public async IAsyncEnumerable<OpenNotice> ReadDueAsync(DateTimeOffset now, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.Notices.ReadUntilAsync(OpenKey, "Due", now, ct)) yield return OpenOf(entity);
    }

    public async ValueTask<OpenNotice?> FindOpenAsync(string noticeId, CancellationToken ct) => await FindRowAsync(OpenKey, noticeId, ct) is { } entity ? OpenOf(entity) : null;

    public ValueTask<bool> SaveAsync(OpenNotice open, CancellationToken ct) => tables.Notices.ReplaceAsync(EntityOf(open), new ETag(open.ETag), ct);

    public async ValueTask CloseAsync(OpenNotice open, NoticeState state, CancellationToken ct)
    {
        if (await FindAsync(open.NoticeId, ct) is { } notice) await tables.Notices.PutAsync(EntityOf(notice with { State = state, Deliveries = open.Deliveries }), ct);
        await tables.Notices.DeleteAsync(OpenKey, TableKey.Of(open.NoticeId), ct);
    }

    /// <remarks>The work is not due for a minute: beside a notice that is still closed it would be taken for what a crash left.</remarks>
    public async ValueTask ReopenAsync(StoredNotice notice, IReadOnlyList<NoticeDelivery> deliveries, DateTimeOffset now, CancellationToken ct)
    {
        await tables.Notices.PutAsync(EntityOf(new OpenNotice(notice.Notice.NoticeId, now, now.AddMinutes(1), null, deliveries, "")), ct);
        await tables.Notices.PutAsync(EntityOf(notice with { State = NoticeState.Waiting, Deliveries = deliveries }), ct);
    }

    public async ValueTask<StoredNotice?> FindAsync(string noticeId, CancellationToken ct) => await FindRowAsync(NoticeKey, noticeId, ct) is { } entity ? NoticeOf(entity) : null;

    public async IAsyncEnumerable<StoredNotice> ReadAsync(NoticeState? state, [EnumeratorCancellation] CancellationToken ct)
    {
        var rows = state is { } wanted ? tables.Notices.ReadWithAsync(NoticeKey, "State", wanted.ToString(), ct) : tables.Notices.ReadPartitionAsync(NoticeKey, rowsPerPage: null, ct);
        await foreach (var entity in rows) yield return NoticeOf(entity);
    }

    public async ValueTask<int> PurgeAsync(DateTimeOffset before, int most, CancellationToken ct)
    {
        var removed = 0;
        await foreach (var entity in tables.Notices.ReadUntilAsync(NoticeKey, "StoredAt", before, ct))
        {
            if (NoticeOf(entity).State is NoticeState.Waiting or NoticeState.Dead) continue;
            if (removed == most) break;
            if (await tables.Notices.DeleteAsync(NoticeKey, entity.RowKey, entity.ETag, ct)) removed++;
        }

        return removed;
    }

    public async ValueTask<IReadOnlyList<GoneEndpoint>> ReadGoneAsync(CancellationToken ct)
    {
        var gone = new List<GoneEndpoint>();
        await foreach (var entity in tables.Notices.ReadPartitionAsync(GoneKey, rowsPerPage: null, ct))
        {
            var row = new Row(tables.Notices, entity);
            gone.Add(new GoneEndpoint(row.RowKeyParts(1)[0], row.Text("Address"), row.Date("Since")));
        }

        return gone;
    }

    public ValueTask SaveGoneAsync(GoneEndpoint gone, CancellationToken ct) =>
        tables.Notices.PutAsync(new TableEntity(GoneKey, TableKey.Of(gone.Name)) { ["Address"] = gone.Address, ["Since"] = gone.Since }, ct);

    public ValueTask ForgetGoneAsync(string endpoint, CancellationToken ct) => tables.Notices.DeleteAsync(GoneKey, TableKey.Of(endpoint), ct);

    private ValueTask<TableEntity?> FindRowAsync(string partition, string noticeId, CancellationToken ct) => tables.Notices.FindAsync(partition, TableKey.Of(noticeId), ct);

    private static TableEntity EntityOf(OpenNotice open)
    {
        var entity = new TableEntity(OpenKey, TableKey.Of(open.NoticeId)) { ["Since"] = open.Since, ["Due"] = open.Due };
        if (open.Held is { } held) ChunkedText.Write(entity, "Held", JsonSerializer.Serialize(held, NoticeJson.Default.HeldNotice));
        if (open.Deliveries.Count > 0) ChunkedText.Write(entity, "Deliveries", JsonSerializer.Serialize(open.Deliveries, NoticeJson.Default.IReadOnlyListNoticeDelivery));
        return entity;
    }

    private static TableEntity EntityOf(StoredNotice notice)
    {
        var entity = new TableEntity(NoticeKey, TableKey.Of(notice.Notice.NoticeId)) { ["State"] = notice.State.ToString(), ["StoredAt"] = notice.StoredAt };
        ChunkedText.Write(entity, JsonSerializer.Serialize(notice.Notice, NoticeJson.Default.Notice));
        if (notice.Deliveries.Count > 0) ChunkedText.Write(entity, "Deliveries", JsonSerializer.Serialize(notice.Deliveries, NoticeJson.Default.IReadOnlyListNoticeDelivery));
        return entity;
    }

    private OpenNotice OpenOf(TableEntity entity)
    {
        var row = new Row(tables.Notices, entity);
        return new OpenNotice(
            row.RowKeyParts(1)[0],
            row.Date("Since"),
            row.Date("Due"),
            ChunkedText.Read(row, "Held") is { } held ? Read(row, held, NoticeJson.Default.HeldNotice) : null,
            DeliveriesOf(row),
            entity.ETag.ToString());
    }

    private StoredNotice NoticeOf(TableEntity entity)
    {
        var row = new Row(tables.Notices, entity);
        return new StoredNotice(Read(row, ChunkedText.Read(row), NoticeJson.Default.Notice), row.Enum<NoticeState>("State"), row.Date("StoredAt"), DeliveriesOf(row));
    }

    private static IReadOnlyList<NoticeDelivery> DeliveriesOf(Row row) => ChunkedText.Read(row, "Deliveries") is { } text ? Read(row, text, NoticeJson.Default.IReadOnlyListNoticeDelivery) : [];

    private static T Read<T>(Row row, string text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw row.Unreadable("it is null");
        }
        catch (JsonException e)
        {
            throw row.Unreadable("it is no notice", e);
        }
    }
}
