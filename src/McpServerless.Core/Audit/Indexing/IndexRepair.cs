using System.Globalization;
using McpServerless.Audit.Checkpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Indexing;

/// <summary>Completes the index of instances that are gone, from the ledger.</summary>
public sealed partial class IndexRepair(IAuditReader audit, IAuditIndex index, Ledger ledger, IOptions<AuditOptions> options, TimeProvider time, ILogger<IndexRepair> logger)
{
    /// <summary>How many days back it looks. What is older and not closed is found all the same, by reading.</summary>
    private const int Days = 7;

    /// <summary>One pass.</summary>
    /// <returns>How many instances and days were completed.</returns>
    /// <exception cref="StoreUnavailableException">Something could not be read or written; the next pass makes up for it.</exception>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var completed = 0;
        for (var back = 0; back < Days; back++)
        {
            var day = NameOf(now.AddDays(-back));
            var open = await index.ReadMarksAsync(day, ct).Where(m => !m.IsClosed && m.Writer != ledger.Writer).ToListAsync(ct);
            if (open.Count == 0) continue;
            // An instance shows signs of life in the day itself and in those after it.
            var survey = new WriterSurvey();
            for (var later = back; later >= 0; later--) await survey.ReadAsync(audit, NameOf(now.AddDays(-later)), ct);
            foreach (var mark in open.Where(m => survey.IsGone(m.Writer, now.AddSeconds(-options.Value.LostAfterSeconds))))
            {
                await CompleteAsync(audit, index, mark, ct);
                Log.Completed(logger, mark.Day, mark.Writer);
                completed++;
            }
        }

        return completed;
    }

    /// <summary>Writes what a mark does not cover yet, and closes it. Two that do this at once write the same.</summary>
    internal static async Task CompleteAsync(IAuditReader audit, IAuditIndex index, IndexMark mark, CancellationToken ct)
    {
        var part = new IndexPart();
        var number = 0;
        var covered = new Dictionary<string, long>(mark.Covered, StringComparer.Ordinal);
        await foreach (var client in audit.ReadClientsAsync(mark.Day, ct))
        {
            if (client == AuditRecord.Gateway) continue;
            await foreach (var segment in audit.ReadWriterAsync(mark.Day, client, mark.Writer, mark.Covered.GetValueOrDefault(client) + 1, ct))
            {
                foreach (var record in segment.Records) part.Add(client, segment.FirstSequence, record);
                covered[client] = segment.LastSequence;
                if (part.Count < 20_000) continue;
                await WriteAsync(index, mark, part, number++, ct);
                part = new IndexPart();
            }
        }

        await WriteAsync(index, mark, part, number, ct);
        await index.MarkAsync(mark with { Covered = covered, IsClosed = true }, ct);
    }

    private static ValueTask WriteAsync(IAuditIndex index, IndexMark mark, IndexPart part, int number, CancellationToken ct) =>
        index.WriteAsync(mark.Day, mark.Writer, string.Create(CultureInfo.InvariantCulture, $"r{number:D7}"), part.Entries, ct);

    private static string NameOf(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(3203, LogLevel.Information, "The index of {Day} is complete for instance {Writer}, which is gone")]
        public static partial void Completed(ILogger logger, string day, string writer);
    }
}
