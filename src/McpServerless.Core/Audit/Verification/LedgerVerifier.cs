using System.Globalization;
using System.Security.Cryptography;
using McpServerless.Audit.Checkpoints;

namespace McpServerless.Audit.Verification;

/// <summary>Verifies some days of the ledger: every record, chain, end, checkpoint and signature.</summary>
/// <remarks>
/// Checkpoints are read first, then the instances' own chains, then all others: so a ledger that is being written to while it is verified
/// has what is stated of it, and raises no alarm. The own chains of the day after are read too, since what was written around midnight
/// is stated there.
/// </remarks>
/// <param name="audit">The ledger or an export of it.</param>
/// <param name="checkpoints">Null where there are none.</param>
/// <param name="keys">Those that may sign, by id.</param>
/// <param name="progress">Told now and then how far it is.</param>
/// <param name="onlyClient">The client whose records alone there are, with the gateway's own; null for all.</param>
public sealed class LedgerVerifier(IAuditReader audit, ICheckpointReader? checkpoints, IReadOnlyDictionary<string, ECDsa> keys, IProgress<LedgerReport>? progress, string? onlyClient = null)
{
    private const int RecordsPerProgress = 50_000;

    /// <param name="from">The first UTC day.</param>
    /// <param name="to">The last UTC day.</param>
    /// <exception cref="StoreUnavailableException">Something could not be read; nothing is claimed of the ledger then.</exception>
    public async Task<LedgerReport> VerifyAsync(DateOnly from, DateOnly to, CancellationToken ct)
    {
        var report = new LedgerReport { FromDay = Name(from), ToDay = Name(to) };
        var days = Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(i => Name(from.AddDays(i))).ToList();
        var stated = new StatedHeads();
        var gateway = new GatewayChains();
        var intents = new OpenIntents();

        var met = checkpoints is null ? [] : await CheckpointChain.VerifyAsync(checkpoints, keys, report.FromDay, stated, report, ct);
        List<string> withNext = [.. days, Name(to.AddDays(1))];
        foreach (var day in withNext) await ReadGatewayAsync(day);
        CompareNamedCheckpoints();
        foreach (var day in days) await VerifyGatewayAsync(day);

        foreach (var day in days) await VerifyDayAsync(day);
        await JudgeTombstonesAsync();
        stated.ReportMissing(days.ToHashSet(StringComparer.Ordinal), onlyClient, report);
        gateway.ReportLives(report);
        intents.Report(report);
        progress?.Report(report);
        return report;

        // Twice, since what one instance states of another can stand anywhere in them.
        async Task ReadGatewayAsync(string day)
        {
            await foreach (var segment in audit.ReadAsync(day, AuditRecord.Gateway, ct)) gateway.Read(segment, stated, report);
        }

        async Task VerifyGatewayAsync(string day)
        {
            var chain = new ChainVerification(day, AuditRecord.Gateway, stated, intents, report);
            await foreach (var segment in audit.ReadAsync(day, AuditRecord.Gateway, ct)) chain.Verify(segment);
            chain.End();
        }

        // A tombstone is as good as the record that names it, and that as its own chain, which may be of a much later day.
        async Task JudgeTombstonesAsync()
        {
            foreach (var day in report.Tombstones.Select(t => t.PurgeDay).Distinct().Order(StringComparer.Ordinal).ToList())
            {
                if (!withNext.Contains(day)) await ReadGatewayAsync(day);
                if (!days.Contains(day)) await VerifyGatewayAsync(day);
            }

            foreach (var (stone, _) in report.Tombstones.Where(t => !gateway.Purged.Contains(t.Place)))
            {
                report.Add("tombstone_unlawful", true, new LedgerPlace(stone.Day, stone.ClientId, stone.Writer, stone.Sequence), "no purge record names it");
            }
        }

        async Task VerifyDayAsync(string day)
        {
            var clients = new SortedSet<string>(StringComparer.Ordinal);
            await foreach (var client in audit.ReadClientsAsync(day, ct)) clients.Add(client);
            // A partition that is stated and not listed is read all the same: the list is not what is verified.
            clients.UnionWith(stated.Partitions.Where(p => p.Day == day).Select(p => p.Client));
            clients.Remove(AuditRecord.Gateway);
            if (onlyClient is not null) clients.IntersectWith([onlyClient]);
            foreach (var client in clients)
            {
                var chain = new ChainVerification(day, client, stated, intents, report);
                var shown = report.Records;
                await foreach (var segment in audit.ReadAsync(day, client, ct))
                {
                    chain.Verify(segment);
                    if (report.Records - shown < RecordsPerProgress) continue;
                    shown = report.Records;
                    progress?.Report(report);
                }

                chain.End();
                gateway.RequireBeginning(day, client, chain.Writers, report);
            }
        }

        void CompareNamedCheckpoints()
        {
            if (checkpoints is null) return;
            foreach (var (number, hash) in gateway.Checkpoints)
            {
                if (!met.TryGetValue(number, out var found))
                {
                    // One of before the first day was not looked at.
                    if (met.Count == 0 || number > met.Keys.First()) report.Add("checkpoint_missing", true, LedgerPlace.Nowhere, $"checkpoint {number} is named in the ledger and missing");
                }
                else if (found != hash)
                {
                    report.Add("checkpoint_chain", true, LedgerPlace.Nowhere, $"checkpoint {number} is not the one that is named in the ledger");
                }
            }
        }
    }

    private static string Name(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
