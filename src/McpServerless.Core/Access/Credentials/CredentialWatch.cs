using System.Globalization;
using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Access.Credentials;

/// <summary>What one run did.</summary>
/// <param name="Looked">Clients that the directory answered for.</param>
/// <param name="Told">Things that were told of now.</param>
/// <param name="Suspended">Clients that were suspended.</param>
/// <param name="IsComplete">Whether the day's work is done.</param>
public sealed record CredentialRun(int Looked, int Told, int Suspended, bool IsComplete);

/// <summary>Looks once a day at secrets, certificates, federations and owners of all clients' applications, and at whether they are used.</summary>
/// <remarks>
/// It only tells; clients are suspended where settings say so, and only on an answer of the directory. When the directory does not answer, the run ends, and the next one goes on at that client.
/// A day that could not be finished is begun anew the next day.
/// </remarks>
public sealed partial class CredentialWatch(
    IDirectory entra,
    ICredentialStore store,
    IClientDirectory clients,
    ClientAdministration administration,
    IAuditReader audit,
    Ledger ledger,
    NoticeBox notices,
    IOptions<CredentialWatchOptions> options,
    TimeProvider time,
    ILogger<CredentialWatch> logger)
{
    private const string By = "credentials";

    /// <summary>How exactly the last use of a client is known: no further than is needed.</summary>
    private const int RecentDays = 7;

    /// <summary>How many clients are looked at again after a crash.</summary>
    private const int SaveEvery = 20;

    private readonly CredentialWatchOptions _options = options.Value;

    /// <exception cref="StoreUnavailableException">Store or ledger cannot be used; the next run goes on.</exception>
    public async Task<CredentialRun> RunAsync(CancellationToken ct)
    {
        if (!_options.Watch) return new CredentialRun(0, 0, 0, true);
        var now = time.GetUtcNow();
        var day = NameOf(now.UtcDateTime);
        var progress = await store.ReadProgressAsync(ct) is { } before && before.Day == day ? before : new CredentialProgress(day, null, false);
        if (progress.IsDone) return new CredentialRun(0, 0, 0, true);
        var findings = new CredentialFindings(_options, now);
        var days = new LedgerDays(audit);
        var known = await store.ReadClientsAsync(ct).ToDictionaryAsync(c => (c.TenantId, c.ClientId), cancellationToken: ct);
        var (looked, told, suspended) = (0, 0, 0);
        await foreach (var client in clients.ReadClientsAsync(ct))
        {
            if (progress.After is { } after && string.CompareOrdinal(PlaceOf(client), after) <= 0) continue;
            if (looked == _options.MaxPerRun)
            {
                await store.SaveProgressAsync(progress, ct);
                return Ended(looked, told, suspended, complete: false);
            }

            if (client.State is not (ClientState.Expired or ClientState.Deprovisioned))
            {
                List<CredentialFinding> found;
                try
                {
                    found = await LookAtAsync(client, findings, ct);
                }
                catch (DirectoryUnavailableException e)
                {
                    Log.Unavailable(logger, e, client.ClientId);
                    await store.SaveProgressAsync(progress, ct);
                    return Ended(looked, told, suspended, complete: false);
                }

                if (await IsUnusedAsync(client, known, days, now, ct)) found.Add(findings.Unused(client));
                foreach (var finding in found)
                {
                    if (await TellAsync(client, finding, ct)) told++;
                }

                if (found.Find(f => f.Suspends) is { } reason && client.State == ClientState.Active && await SuspendAsync(client, reason, ct)) suspended++;
                looked++;
            }

            progress = progress with { After = PlaceOf(client) };
            if (looked % SaveEvery == SaveEvery - 1) await store.SaveProgressAsync(progress, ct);
        }

        await store.SaveProgressAsync(progress with { IsDone = true }, ct);
        return Ended(looked, told, suspended, complete: true);
    }

    /// <summary>All that the directory is asked about one client, within its time.</summary>
    private async Task<List<CredentialFinding>> LookAtAsync(Client client, CredentialFindings findings, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_options.SecondsPerClient), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var application = await entra.FindApplicationAsync(client.ClientId, both.Token);
            var owners = new List<(string, DirectoryUser?)>();
            foreach (var name in ((string?[])[client.Owner, client.BackupOwner]).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)) owners.Add((name, await entra.FindUserAsync(name, both.Token)));
            return [.. findings.OfApplication(client, application), .. findings.OfOwners(client, owners)];
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new DirectoryUnavailableException("It did not answer in time.", e);
        }
    }

    /// <summary>The record first: whoever dies in between writes it again, and tells once.</summary>
    /// <returns>False when it was told of before.</returns>
    private async Task<bool> TellAsync(Client client, CredentialFinding finding, CancellationToken ct)
    {
        if (await notices.IsPostedAsync(finding.Notice.NoticeId, ct)) return false;
        var record = AuditRecords.OfGateway(AuditEvent.Timer, time.GetUtcNow()) with
        {
            ClientId = client.ClientId,
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteString("clientId"u8, client.ClientId);
                json.WriteString("happening"u8, finding.Happening);
                json.WriteString("noticeId"u8, finding.Notice.NoticeId);
                json.WriteString("reason"u8, finding.Notice.Summary);
            }),
        };
        if (!await ledger.AppendAsync(record, ct)) throw new StoreUnavailableException("What was found of a credential could not be recorded.");
        return await notices.PostAsync(finding.Notice, ct);
    }

    private async Task<bool> SuspendAsync(Client client, CredentialFinding finding, CancellationToken ct)
    {
        var outcome = await administration.SuspendAsync(new Actor(By, true, []), client.ClientId, finding.Notice.Summary, null, ct);
        if (outcome is { Value: null, Problem: ChangeProblem.NotRecorded }) throw new StoreUnavailableException("A suspension could not be recorded.");
        return outcome.Value is not null;
    }

    /// <summary>Known long enough, and without a request in the ledger. Records of what was done about a client are not its use.</summary>
    private async Task<bool> IsUnusedAsync(Client client, Dictionary<(string, string), WatchedClient> known, LedgerDays days, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var before = known.GetValueOrDefault((client.TenantId, client.ClientId));
        var after = before ?? new WatchedClient(client.TenantId, client.ClientId, now, null, today);

        // A client that was seen lately need not be looked for, and the ledger is read on from where it was.
        if (after.LastUsed is not { } last || last < today.AddDays(-RecentDays))
        {
            var from = after.ReadTo > today.AddDays(-_options.UnusedDays) ? after.ReadTo : today.AddDays(-_options.UnusedDays);
            for (var day = today; day >= from; day = day.AddDays(-1))
            {
                if (!await days.HasRequestAsync(day, client.ClientId, ct)) continue;
                after = after with { LastUsed = day };
                break;
            }

            if (after.ReadTo < today.AddDays(-RecentDays) || after.LastUsed == today) after = after with { ReadTo = today };
        }

        if (after != before) await store.SaveClientAsync(after, ct);
        var seen = after.LastUsed is { } used ? new DateTimeOffset(used.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero) : after.FirstSeen;
        return seen <= now.AddDays(-_options.UnusedDays) && after.FirstSeen <= now.AddDays(-_options.UnusedDays);
    }

    private CredentialRun Ended(int looked, int told, int suspended, bool complete)
    {
        Log.Ran(logger, looked, told, suspended, complete);
        return new CredentialRun(looked, told, suspended, complete);
    }

    private static string PlaceOf(Client client) => $"{client.TenantId}|{client.ClientId}";

    private static string NameOf(DateTime day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Who made requests on which day, read once for each day that is asked about.</summary>
    private sealed class LedgerDays(IAuditReader audit)
    {
        private readonly Dictionary<DateOnly, HashSet<string>> _clients = [];

        public async ValueTask<bool> HasRequestAsync(DateOnly day, string client, CancellationToken ct)
        {
            var name = NameOf(day.ToDateTime(TimeOnly.MinValue));
            if (!_clients.TryGetValue(day, out var clients)) _clients[day] = clients = await audit.ReadClientsAsync(name, ct).ToHashSetAsync(StringComparer.Ordinal, ct);
            if (!clients.Contains(client)) return false;
            await foreach (var segment in audit.ReadAsync(name, client, ct))
            {
                if (segment.Records.Any(IsRequest)) return true;
            }

            return false;
        }

        private static bool IsRequest(ReadOnlyMemory<byte> json) => json.Span.IndexOf("\"event\":\"outcome\""u8) >= 0;
    }

    private static partial class Log
    {
        [LoggerMessage(2301, LogLevel.Information, "Credentials: {Looked} clients looked at, {Told} things told, {Suspended} suspended; complete: {Complete}")]
        public static partial void Ran(ILogger logger, int looked, int told, int suspended, bool complete);

        [LoggerMessage(2302, LogLevel.Warning, "The directory did not answer for client {ClientId}; nothing follows from that, and the next run goes on there")]
        public static partial void Unavailable(ILogger logger, Exception exception, string clientId);
    }
}
