using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Catalogue.Publishing;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Access.Expiring;

/// <summary>What has ended, for the timers. Only what ended is read, never everything.</summary>
public interface IEndedAccess
{
    /// <summary>Clients whose end is at a moment or before it.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Versioned<Client>> ReadEndedClientsAsync(DateTimeOffset moment, CancellationToken ct);

    /// <summary>Grants whose end is at a moment or before it, just-in-time ones among them.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<Versioned<Grant>> ReadEndedGrantsAsync(DateTimeOffset moment, CancellationToken ct);

    /// <summary>False when the request is no longer the one that was read.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> RemoveRequestAsync(GrantRequest request, string read, CancellationToken ct);
}

/// <summary>What one run of a timer did.</summary>
/// <param name="Changed">What it changed.</param>
/// <param name="IsComplete">False when it stopped at its bound; the next run goes on.</param>
public sealed record ExpiryRun(int Changed, bool IsComplete);

/// <summary>Puts on record what has ended, and later takes it away.</summary>
/// <remarks>
/// Nobody waits for it: what has ended is refused from that moment on, by its date. Each change is marked in the row that it is about, under the row's ETag.
/// So a run that was cut off is gone on with by the next, two at once do everything once, and a run that comes late does what is due by then.
/// </remarks>
public sealed partial class AccessExpiry(
    IEndedAccess ended, IAccessEditor editor, IAccessStore access, IClientDirectory directory, ChangeRecords records, IOptions<AccessOptions> options, TimeProvider time, ILogger<AccessExpiry> logger)
{
    private const string By = "expiry";

    /// <summary>Marks clients and grants that are past their end.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be used, or the ledger not be written; the next run goes on.</exception>
    public async Task<ExpiryRun> ExpireAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var changed = 0;
        var complete = true;
        await foreach (var (client, etag) in ended.ReadEndedClientsAsync(now, ct))
        {
            if (client.State is ClientState.Expired or ClientState.Deprovisioned) continue;
            if (changed >= options.Value.MaxExpiriesPerRun)
            {
                complete = false;
                break;
            }

            var after = client.In(ClientState.Expired, now, By, $"Its registration ended {client.ExpiresAt:O}.");
            var subject = Subject("clientExpired", $"Its registration ended. To renew it, set a later end in its file and state: active, and apply.") with { ClientId = client.ClientId, Notice = AccessNotices.ClientExpired(client, now) };
            if (await ChangeAsync(subject, client, after, GovernanceJson.Default.Client, token => editor.ReplaceClientAsync(after, etag, token), ct)) changed++;
        }

        Dictionary<string, Client>? clients = null;
        await foreach (var (grant, etag) in ended.ReadEndedGrantsAsync(now, ct))
        {
            if (grant.EndRecorded) continue;
            if (changed >= options.Value.MaxExpiriesPerRun)
            {
                complete = false;
                break;
            }

            clients ??= await directory.ReadClientsByIdAsync(ct);
            var after = grant with { EndRecorded = true };
            var denies = grant.Effect == GrantEffect.Deny;
            var client = clients.GetValueOrDefault(grant.ClientId);
            var subject = (denies ? Subject("denialDue", "Its date is past. It goes on to deny until an administrator decides.") : Subject("grantExpired", "It is past its end.")) with
            {
                ClientId = grant.ClientId,
                Server = grant.Server,
                GrantId = grant.GrantId,
                Notice = denies ? AccessNotices.DenialDue(grant, client, now) : AccessNotices.GrantExpired(grant, client, now),
            };
            if (await ChangeAsync(subject, grant, after, GovernanceJson.Default.Grant, token => editor.ReplaceGrantAsync(after, etag, token), ct)) changed++;
        }

        if (changed > 0) await access.BumpEpochAsync(ct);
        Log.Expired(logger, changed, complete);
        return new ExpiryRun(changed, complete);
    }

    /// <summary>Takes away grants that ended, and requests that were decided or forgotten, so long ago that nobody looks for them here: the ledger has them.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be used, or the ledger not be written; the next run goes on.</exception>
    public async Task<ExpiryRun> PurgeAsync(CancellationToken ct)
    {
        var before = time.GetUtcNow().AddDays(-options.Value.KeepExpiredDays);
        var changed = 0;
        await foreach (var (grant, etag) in ended.ReadEndedGrantsAsync(before, ct))
        {
            // What ended without a record has to get one first. What denies has not ended.
            if (!grant.EndRecorded || grant.Effect == GrantEffect.Deny) continue;
            if (changed >= options.Value.MaxExpiriesPerRun) return Purged(changed, complete: false);
            var subject = Subject("grantPurged", "It ended long ago.") with { ClientId = grant.ClientId, Server = grant.Server, GrantId = grant.GrantId };
            if (await ChangeAsync(subject, grant, null, GovernanceJson.Default.Grant, token => editor.RemoveGrantAsync(grant, etag, token), ct)) changed++;
        }

        await foreach (var (request, etag) in editor.ReadRequestsAsync(ct))
        {
            if ((request.DecidedAt ?? request.RequestedAt.AddDays(GrantRequests.MaxPendingDays)) > before) continue;
            if (changed >= options.Value.MaxExpiriesPerRun) return Purged(changed, complete: false);
            var subject = Subject("requestPurged", "It was decided, or lapsed, long ago.") with { ClientId = request.ClientId, Server = request.Server, GrantId = request.GrantId };
            if (await ChangeAsync(subject, request, null, GovernanceJson.Default.GrantRequest, token => ended.RemoveRequestAsync(request, etag, token), ct)) changed++;
        }

        return Purged(changed, complete: true);
    }

    private ExpiryRun Purged(int changed, bool complete)
    {
        Log.Purged(logger, changed, complete);
        return new ExpiryRun(changed, complete);
    }

    /// <returns>False when somebody else changed it meanwhile: what is due then is done by the next run.</returns>
    private async Task<bool> ChangeAsync<T>(
        ChangeSubject subject, T before, T? after, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Func<CancellationToken, ValueTask<bool>> change, CancellationToken ct)
        where T : class
    {
        var met = await records.AroundAsync(subject, before, after, type, async token => await change(token), ct);
        if (met is { Problem: ChangeProblem.NotRecorded }) throw new StoreUnavailableException("An expiry could not be recorded.");
        return met is null;
    }

    private static ChangeSubject Subject(string happening, string reason) => new(happening, By, reason) { Event = AuditEvent.Timer };

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Information, "Marked {Count} clients and grants as expired; complete: {Complete}")]
        public static partial void Expired(ILogger logger, int count, bool complete);

        [LoggerMessage(2102, LogLevel.Information, "Took {Count} grants and requests away that ended long ago; complete: {Complete}")]
        public static partial void Purged(ILogger logger, int count, bool complete);
    }
}
