using System.Globalization;
using System.Security.Cryptography;
using McpServerless.Audit.Checkpoints;

namespace McpServerless.Audit.Verification;

/// <summary>Verifies checkpoints, from the last one back to the day that is asked for.</summary>
internal static class CheckpointChain
{
    /// <summary>The numbers and hashes that were met; what they state of the chains goes to <paramref name="stated"/>.</summary>
    public static async Task<SortedDictionary<long, string>> VerifyAsync(
        ICheckpointReader checkpoints,
        IReadOnlyDictionary<string, ECDsa> keys,
        string fromDay,
        StatedHeads stated,
        LedgerReport report,
        CancellationToken ct)
    {
        var met = new SortedDictionary<long, string>();
        var expected = "";
        for (var number = await checkpoints.FindLastAsync(ct); number > 0; number--)
        {
            if (await checkpoints.ReadAsync(number, ct) is not { } file)
            {
                report.Add("checkpoint_missing", true, LedgerPlace.Nowhere, $"checkpoint {number} is missing, and later ones are there");
                expected = "";
                continue;
            }

            report.Checkpoints++;
            met[number] = CanonicalJson.Hash(file.Span);
            if (expected.Length > 0 && met[number] != expected) Alarm("checkpoint_chain", number, "the next one was made over another");
            if (Checkpoint.Read(file) is not { } checkpoint)
            {
                Alarm("checkpoint_unreadable", number, "it cannot be read");
                expected = "";
                continue;
            }

            Judge(checkpoint, number);
            expected = checkpoint.PreviousHash;
            if (number == 1 && expected.Length > 0) Alarm("checkpoint_chain", number, "it is the first, and names one before it");
            if (DayOf(checkpoint.Time).CompareTo(fromDay) < 0) break;
            foreach (var head in checkpoint.Heads) stated.Add(head, $"checkpoint {number}", report);
        }

        return met;

        void Judge(Checkpoint checkpoint, long number)
        {
            if (checkpoint.Number != number) Alarm("checkpoint_chain", number, $"it says that it is number {checkpoint.Number}");
            if (!keys.TryGetValue(checkpoint.KeyId, out var key)) Alarm("checkpoint_key", number, $"it names the key {checkpoint.KeyId}, which is not one of those given");
            else if (!checkpoint.IsSignedBy(key)) Alarm("checkpoint_signature", number, "its signature is not valid");
            if (report.LastCheckpoint is null) (report.LastCheckpoint, report.LastCheckpointTime) = (number, checkpoint.Time);
        }

        void Alarm(string rule, long number, string message) => report.Add(rule, true, LedgerPlace.Nowhere, $"checkpoint {number}: {message}");
    }

    private static string DayOf(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
