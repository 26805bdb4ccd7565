using System.Globalization;
using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Audit.Sinks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Notifying;

/// <summary>What a run did.</summary>
/// <param name="Sent">Deliveries that were taken.</param>
/// <param name="Failed">Deliveries that were not.</param>
/// <param name="Dead">Notices that became dead letters.</param>
/// <param name="IsComplete">False when it stopped at its bound; the next run goes on.</param>
public sealed record NoticeRun(int Sent, int Failed, int Dead, bool IsComplete);

/// <summary>Sends what is due: each notice to every endpoint that wants it, at least once and always under the same id.</summary>
/// <remarks>
/// One instance at a time. An endpoint that fails again and again is left alone for the rest of a run, so that one that is down costs little and holds nobody up. One that answers 410 gets
/// nothing more until an operator says so, or its address changes.
/// </remarks>
public sealed partial class NoticeDispatch(
    INoticeStore store,
    IOutboxStore leases,
    IAccessEditor editor,
    Webhook webhook,
    Ledger ledger,
    IOptions<NoticeOptions> options,
    TimeProvider time,
    ILogger<NoticeDispatch> logger)
{
    private const string LeaseName = "notices";

    /// <summary>How long one instance may be at it; a run ends before.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(4);

    /// <summary>How long work without its notice is left alone: whoever writes the two may be between them.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    private readonly NoticeOptions _options = options.Value;

    /// <exception cref="StoreUnavailableException">The outbox cannot be used; the next run goes on.</exception>
    public async Task<NoticeRun> RunAsync(CancellationToken ct)
    {
        var started = time.GetUtcNow();
        if (!await leases.TakeAsync(LeaseName, ledger.Writer, started, started + Turn, ct)) return new NoticeRun(0, 0, 0, true);
        var run = new NoticeTurn(await EndpointsAsync(ct));
        var (looked, complete) = (0, true);
        await foreach (var open in store.ReadDueAsync(started, ct))
        {
            if (looked == _options.MaxPerRun || time.GetUtcNow() - started > Turn - TimeSpan.FromSeconds(75))
            {
                complete = false;
                break;
            }

            if (await LookAtAsync(open, run, ct)) looked++;
        }

        await leases.GiveBackAsync(LeaseName, ledger.Writer, ct);
        var result = new NoticeRun(run.Sent, run.Failed, run.Dead, complete);
        if (looked > 0) Log.Ran(logger, result.Sent, result.Failed, result.Dead, result.IsComplete);
        return result;
    }

    /// <summary>Takes away what was delivered or dropped long ago.</summary>
    /// <exception cref="StoreUnavailableException">The outbox cannot be used; the next run goes on.</exception>
    public ValueTask<int> PurgeAsync(CancellationToken ct) => store.PurgeAsync(time.GetUtcNow().AddDays(-_options.KeepDays), 5_000, ct);

    /// <returns>False when there was nothing to do with it now.</returns>
    private async Task<bool> LookAtAsync(OpenNotice open, NoticeTurn run, CancellationToken ct)
    {
        var stored = await store.FindAsync(open.NoticeId, ct);
        if (stored is null)
        {
            if (open.Held is not { } held)
            {
                if (time.GetUtcNow() - open.Since >= Grace) await store.ForgetAsync(open, ct);
            }
            else if (await held.Proof.HoldsAsync(editor, ct))
            {
                await store.ReleaseAsync(held.Notice, time.GetUtcNow(), ct);
            }
            else
            {
                await store.ForgetAsync(open, ct);
            }

            return true;
        }

        if (stored.State != NoticeState.Waiting)
        {
            // Closed by a run that died before it could say so here.
            await store.ForgetAsync(open, ct);
            return true;
        }

        // What was held has its notice, so it was released.
        return await SendAsync(open with { Held = null }, stored.Notice, run, ct);
    }

    private async Task<bool> SendAsync(OpenNotice open, Notice notice, NoticeTurn run, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var deliveries = open.Deliveries.Count > 0 ? [.. open.Deliveries] : run.Endpoints.Where(e => e.Wants(notice.Type)).Select(e => new NoticeDelivery(e.Name, DeliveryState.Waiting, 0, now, null, null)).ToList();
        var tried = false;
        for (var i = 0; i < deliveries.Count; i++)
        {
            if (deliveries[i].State != DeliveryState.Waiting || deliveries[i].NextAt > now || run.IsResting(deliveries[i].Endpoint)) continue;
            tried = true;
            deliveries[i] = await DeliverAsync(open, deliveries[i], notice, run, ct);
        }

        if (deliveries.TrueForAll(d => d.State != DeliveryState.Waiting))
        {
            var isDead = deliveries.Exists(d => d.State == DeliveryState.Dead);
            // A dead letter without a record would be a notice that is lost.
            if (isDead && !await RecordAsync("noticeUndelivered", notice.NoticeId, notice.Type, deliveries.First(d => d.State == DeliveryState.Dead), ct)) return true;
            if (isDead) run.Dead++;
            await store.CloseAsync(open with { Deliveries = deliveries }, isDead ? NoticeState.Dead : NoticeState.Delivered, ct);
            return true;
        }

        if (tried || open.Deliveries.Count == 0) await store.SaveAsync(open with { Deliveries = deliveries, Due = deliveries.Where(d => d.State == DeliveryState.Waiting).Min(d => d.NextAt) }, ct);
        return tried;
    }

    private async Task<NoticeDelivery> DeliverAsync(OpenNotice open, NoticeDelivery delivery, Notice notice, NoticeTurn run, CancellationToken ct)
    {
        // One that settings name no more, or that said it is gone.
        if (run.Find(delivery.Endpoint) is not { } endpoint) return delivery with { State = DeliveryState.Dead, Fault = run.WhyNot(delivery.Endpoint) };
        var answer = await SendAsync(endpoint, notice, ct);
        var now = time.GetUtcNow();
        if (answer.Taken)
        {
            run.Sent++;
            run.Recover(endpoint.Name);
            return delivery with { State = DeliveryState.Taken, Attempts = delivery.Attempts + 1, LastAt = now, Fault = null };
        }

        run.Failed++;
        var failed = delivery with { Attempts = delivery.Attempts + 1, LastAt = now, Fault = answer.Fault };
        if (answer.Gone)
        {
            await store.SaveGoneAsync(GoneEndpoint.Of(endpoint.Name, endpoint.Address, now), ct);
            await RecordAsync("noticeEndpointGone", notice.NoticeId, notice.Type, failed, ct);
            Log.Gone(logger, endpoint.Name);
            run.Remove(endpoint);
            return failed with { State = DeliveryState.Dead };
        }

        run.Fail(endpoint.Name, atOnce: answer.RetryAfter is not null);
        var wait = NoticeSchedule.After(failed.Attempts, Random.Shared.NextDouble());
        if (answer.RetryAfter is { } asked && asked > wait) wait = asked < NoticeSchedule.Longest ? asked : NoticeSchedule.Longest;
        return now + wait > open.Since.AddDays(_options.GiveUpDays) ? failed with { State = DeliveryState.Dead } : failed with { NextAt = now + wait };
    }

    private async Task<WebhookAnswer> SendAsync(NoticeEndpoint endpoint, Notice notice, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.TimeoutMilliseconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await webhook.SendAsync(endpoint, notice, _options.Source, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new WebhookAnswer(false, false, "It did not answer in time.", null);
        }
    }

    private async Task<List<NoticeEndpoint>> EndpointsAsync(CancellationToken ct)
    {
        if (_options.Endpoints.Count == 0) return [];
        var endpoints = _options.Endpoints.ToList();
        foreach (var gone in await store.ReadGoneAsync(ct)) endpoints.RemoveAll(e => gone.Is(e.Name, e.Address));
        return endpoints;
    }

    private ValueTask<bool> RecordAsync(string happening, string noticeId, string type, NoticeDelivery delivery, CancellationToken ct) => ledger.AppendAsync(
        AuditRecords.OfGateway(AuditEvent.Timer, time.GetUtcNow()) with
        {
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteString("attempts"u8, delivery.Attempts.ToString(CultureInfo.InvariantCulture));
                json.WriteString("endpoint"u8, delivery.Endpoint);
                json.WriteString("happening"u8, happening);
                json.WriteString("noticeId"u8, noticeId);
                json.WriteString("noticeType"u8, type);
                json.WriteString("reason"u8, delivery.Fault ?? "");
            }),
        },
        ct);

    private static partial class Log
    {
        [LoggerMessage(9001, LogLevel.Information, "Notices: {Sent} deliveries taken, {Failed} not, {Dead} dead letters; complete: {Complete}")]
        public static partial void Ran(ILogger logger, int sent, int failed, int dead, bool complete);

        [LoggerMessage(9002, LogLevel.Warning, "Endpoint {Endpoint} of notices answered 410 and gets nothing more; mcpgov notice enable {Endpoint} lets it have them again")]
        public static partial void Gone(ILogger logger, string endpoint);
    }

    /// <summary>What one run knows of the endpoints.</summary>
    private sealed class NoticeTurn(List<NoticeEndpoint> endpoints)
    {
        private const int MaxFailures = 3;

        private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
        private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

        public IReadOnlyList<NoticeEndpoint> Endpoints => endpoints;

        public int Sent { get; set; }

        public int Failed { get; set; }

        public int Dead { get; set; }

        public NoticeEndpoint? Find(string name) => endpoints.Find(e => e.Name == name);

        public bool IsResting(string name) => _failures.GetValueOrDefault(name) >= MaxFailures;

        /// <param name="atOnce">Whether it asked to be left alone.</param>
        public void Fail(string name, bool atOnce) => _failures[name] = atOnce ? MaxFailures : _failures.GetValueOrDefault(name) + 1;

        public void Recover(string name) => _failures.Remove(name);

        public void Remove(NoticeEndpoint endpoint)
        {
            endpoints.Remove(endpoint);
            _gone.Add(endpoint.Name);
        }

        public string WhyNot(string name) => _gone.Contains(name) ? "It is gone (410)." : "Settings name no such endpoint, or it is gone (410).";
    }
}
