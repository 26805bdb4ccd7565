using System.Globalization;
using System.Security.Cryptography;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Checkpoints;

/// <summary>Signs how far the ledger has come, and names instances that went silent.</summary>
public sealed partial class CheckpointTimer(
    IAuditStore audit,
    Ledger ledger,
    ICheckpointKey key,
    ICheckpointStore checkpoints,
    IOptions<AuditOptions> options,
    TimeProvider time,
    ILogger<CheckpointTimer> logger,
    NoticeBox? notices = null)
{
    /// <summary>A ledger that was not signed for longer is signed from there on; what is older is in no checkpoint.</summary>
    private const int MaxDays = 40;

    /// <summary>One checkpoint.</summary>
    /// <returns>Its number; null when another instance made one at the same time.</returns>
    /// <exception cref="StoreUnavailableException">The ledger, the key or the place of checkpoints cannot be used; the next run makes up for it.</exception>
    public async Task<long?> RunAsync(CancellationToken ct)
    {
        await key.OpenAsync(ct);
        var (last, previous) = await ReadLastAsync(ct);
        var now = time.GetUtcNow();
        var since = previous?.Time ?? now.AddDays(-1);
        var writers = new WriterSurvey();
        foreach (var day in DaysBetween(since, now)) await writers.ReadAsync(audit, day, ct);
        await NameLostAsync(writers, now, ct);

        var checkpoint = new Checkpoint { Number = last.Number + 1, Time = now, PreviousHash = last.Hash, Heads = writers.Heads };
        var file = await checkpoint.SignAsync(key, ct);
        await checkpoints.AddKeyAsync(CheckpointKeys.IdOf(key.PublicKey), PemEncoding.WriteString("PUBLIC KEY", key.PublicKey.Span), ct);
        if (!await checkpoints.AddAsync(checkpoint.Number, file, ct))
        {
            Log.Overtaken(logger, checkpoint.Number);
            return null;
        }

        Log.Signed(logger, checkpoint.Number, checkpoint.Heads.Count);
        await ledger.PostAsync(
            AuditRecords.OfGateway(AuditEvent.Checkpoint, now) with
            {
                DetailsJson = AuditDetails.Write(json =>
                {
                    json.WriteString("hash"u8, CanonicalJson.Hash(file));
                    json.WriteNumber("number"u8, checkpoint.Number);
                }),
            },
            ct);
        return checkpoint.Number;
    }

    private async Task<((long Number, string Hash) Last, Checkpoint? Previous)> ReadLastAsync(CancellationToken ct)
    {
        var number = await checkpoints.FindLastAsync(ct);
        if (number == 0) return ((0, ""), null);
        var file = await checkpoints.ReadAsync(number, ct) ?? throw new StoreUnavailableException($"Checkpoint {number} is gone.");
        // One that cannot be read is signed over all the same, and verification names it.
        return ((number, CanonicalJson.Hash(file.Span)), Checkpoint.Read(file));
    }

    private static IEnumerable<string> DaysBetween(DateTimeOffset from, DateTimeOffset to)
    {
        var first = from.UtcDateTime.Date;
        if ((to.UtcDateTime.Date - first).TotalDays > MaxDays) first = to.UtcDateTime.Date.AddDays(-MaxDays);
        for (var day = first; day <= to.UtcDateTime.Date; day = day.AddDays(1)) yield return day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    }

    /// <summary>How far a lost instance's chains are in the store is put on record, so that nothing can be taken off them later.</summary>
    private async Task NameLostAsync(WriterSurvey writers, DateTimeOffset now, CancellationToken ct)
    {
        var silentSince = now.AddSeconds(-options.Value.LostAfterSeconds);
        foreach (var writer in writers.SilentSince(silentSince).Where(w => w.Id != ledger.Writer))
        {
            var heads = await writer.ReadHeadsAsync(audit, ct);
            foreach (var part in heads.Chunk(ChainHead.MaxPerRecord))
            {
                var record = AuditRecords.OfGateway(AuditEvent.WriterLost, now) with
                {
                    DetailsJson = AuditDetails.Write(json =>
                    {
                        json.WriteStartArray("heads"u8);
                        foreach (var head in part) head.WriteTo(json);
                        json.WriteEndArray();
                        json.WriteString("lost"u8, writer.Id);
                    }),
                };
                if (!await ledger.AppendAsync(record, ct)) throw new StoreUnavailableException("A lost instance could not be recorded.");
            }

            if (notices is not null) await notices.PostAsync(NoticeOf(writer.Id, heads.Count, now), ct);
            Log.Lost(logger, writer.Id, heads.Count);
        }
    }

    private static Notice NoticeOf(string writer, int chains, DateTimeOffset now) => new()
    {
        NoticeId = Notice.IdOf(NoticeTypes.AuditFault, "lost", writer),
        Type = NoticeTypes.AuditFault,
        Subject = $"audit/writers/{writer}",
        Time = now,
        Summary = $"Instance {writer} of the gateway went silent without an end; {chains} of its chains are on record as far as they are in the store.",
        ToDo = "An instance that was killed leaves this. Verify the ledger of that day if none was.",
        Command = string.Create(CultureInfo.InvariantCulture, $"mcpgov audit verify --from {now:yyyy-MM-dd}"),
    };

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Information, "Checkpoint {Number} signed over {Count} chains")]
        public static partial void Signed(ILogger logger, long number, int count);

        [LoggerMessage(3102, LogLevel.Information, "Checkpoint {Number} was made by another instance")]
        public static partial void Overtaken(ILogger logger, long number);

        [LoggerMessage(3103, LogLevel.Warning, "Instance {Writer} went silent without an end; {Count} of its chains are on record")]
        public static partial void Lost(ILogger logger, string writer, int count);
    }
}
