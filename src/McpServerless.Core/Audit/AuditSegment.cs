using McpServerless.Audit.Retention;

namespace McpServerless.Audit;

/// <summary>Consecutive records of one writer in one partition of the ledger, written in a single step.</summary>
/// <remarks>
/// One entity holds up to <see cref="MaxRecords"/> records, each as its canonical JSON. So a group commit is one insert however many
/// records it carries, a partition takes far more records a second than entities, and a write that was sent twice is met by its key.
/// </remarks>
public sealed record AuditSegment
{
    /// <summary>The most records of one segment.</summary>
    public const int MaxRecords = 100;

    /// <summary>The longest record, in bytes.</summary>
    public const int MaxRecordLength = 32_000;

    /// <summary>The most bytes of one segment, one for each record's end included: 15 properties of Table Storage, whose entity stays under 1 MiB then.</summary>
    public const int MaxLength = 15 * 64 * 1024;

    /// <summary>The UTC day of the records, <c>yyyyMMdd</c>.</summary>
    public required string Day { get; init; }

    /// <summary>Whose records they are; <see cref="AuditRecord.NoClient"/> where the caller is not known.</summary>
    public required string ClientId { get; init; }

    /// <summary>The instance that wrote them (UUIDv7, 32 hexadecimal digits).</summary>
    public required string Writer { get; init; }

    /// <summary>Sequence of the first record; the others follow without a gap. The first of a chain is 1.</summary>
    public required long FirstSequence { get; init; }

    /// <summary>Each record as canonical JSON (RFC 8785) in UTF-8: the bytes that are hashed. No newline stands in them. Among them may be tombstones, each in the place of some records.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Records { get; init; }

    /// <summary>SHA-256 of the last record, lower-case hexadecimal: what the next segment's first record names.</summary>
    public required string LastHash { get; init; }

    /// <summary>Sequence of the last record, whether it is there or a tombstone stands for it.</summary>
    public long LastSequence
    {
        get
        {
            var last = FirstSequence - 1;
            foreach (var record in Records) last += Tombstone.Read(record)?.Count ?? 1;
            return last;
        }
    }

    /// <summary>What stands here, with its sequence: records, and tombstones with that of the first record that they stand for.</summary>
    public IEnumerable<(long Sequence, ReadOnlyMemory<byte> Json, bool IsRecord)> Lines
    {
        get
        {
            var sequence = FirstSequence;
            foreach (var json in Records)
            {
                var stone = Tombstone.Read(json);
                yield return (sequence, json, stone is null);
                sequence += stone?.Count ?? 1;
            }
        }
    }
}
