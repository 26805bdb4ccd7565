using McpServerless.Access.Administration;

namespace McpServerless.Notifying;

/// <summary>What operators do with notices that did not arrive.</summary>
public sealed class NoticeAdministration(INoticeStore store, ChangeRecords records, TimeProvider time)
{
    /// <summary>Sends a closed notice again, under its id, to the endpoints that do not have it.</summary>
    /// <param name="toAll">Also to those that have it.</param>
    public async Task<ChangeOutcome<StoredNotice>> ReplayAsync(Actor actor, string noticeId, bool toAll, string reason, CancellationToken ct)
    {
        if (Judge(actor, reason) is { } problem) return problem;
        if (await store.FindAsync(noticeId, ct) is not { } found) return (ChangeProblem.NotFound, $"There is no notice {noticeId}.");
        if (found.State == NoticeState.Waiting) return (ChangeProblem.Invalid, "The notice is on its way already.");
        if (found.State == NoticeState.Delivered && !toAll) return (ChangeProblem.Invalid, "Every endpoint that wanted the notice has it.");
        var now = time.GetUtcNow();
        var deliveries = found.Deliveries.Select(d => d.State == DeliveryState.Taken && !toAll ? d : new NoticeDelivery(d.Endpoint, DeliveryState.Waiting, 0, now, d.LastAt, null)).ToList();
        var after = found with { State = NoticeState.Waiting, Deliveries = deliveries };
        return await ChangeAsync("noticeReplayed", actor, reason, found, after, token => store.ReopenAsync(found, deliveries, now, token), ct);
    }

    /// <summary>Gives a notice up.</summary>
    public async Task<ChangeOutcome<StoredNotice>> DropAsync(Actor actor, string noticeId, string reason, CancellationToken ct)
    {
        if (Judge(actor, reason) is { } problem) return problem;
        if (await store.FindAsync(noticeId, ct) is not { } found) return (ChangeProblem.NotFound, $"There is no notice {noticeId}.");
        if (found.State is NoticeState.Delivered or NoticeState.Dropped) return (ChangeProblem.Invalid, $"The notice is {found.State.ToString().ToLowerInvariant()}.");
        var open = await store.FindOpenAsync(noticeId, ct) ?? new OpenNotice(noticeId, found.StoredAt, found.StoredAt, null, found.Deliveries, "");
        return await ChangeAsync("noticeDropped", actor, reason, found, found with { State = NoticeState.Dropped }, token => store.CloseAsync(open, NoticeState.Dropped, token), ct);
    }

    /// <summary>Lets an endpoint that said it is gone have notices again.</summary>
    public async Task<ChangeOutcome<GoneEndpoint>> EnableAsync(Actor actor, string endpoint, string reason, CancellationToken ct)
    {
        if (Judge(actor, reason) is { } problem) return problem;
        if ((await store.ReadGoneAsync(ct)).FirstOrDefault(g => g.Name == endpoint) is not { } gone) return (ChangeProblem.NotFound, $"No endpoint {endpoint} said that it is gone.");
        var met = await records.AroundAsync(new ChangeSubject("noticeEndpointEnabled", actor, reason), gone, null, NoticeJson.Default.GoneEndpoint, async token =>
        {
            await store.ForgetGoneAsync(endpoint, token);
            return true;
        }, ct);
        return met is { } other ? other : gone;
    }

    private async Task<ChangeOutcome<StoredNotice>> ChangeAsync(string happening, Actor actor, string reason, StoredNotice before, StoredNotice after, Func<CancellationToken, ValueTask> change, CancellationToken ct)
    {
        var subject = new ChangeSubject(happening, actor, reason) { ClientId = before.Notice.ClientId, Server = before.Notice.Server, GrantId = before.Notice.GrantId };
        var met = await records.AroundAsync(subject, before, after, NoticeJson.Default.StoredNotice, async token =>
        {
            await change(token);
            return true;
        }, ct);
        return met is { } problem ? problem : after;
    }

    private static (ChangeProblem, string)? Judge(Actor actor, string reason) =>
        !actor.IsAdmin ? (ChangeProblem.NotAllowed, "Only an administrator decides on notices.")
        : string.IsNullOrWhiteSpace(reason) ? (ChangeProblem.Invalid, "Say why.")
        : null;
}
