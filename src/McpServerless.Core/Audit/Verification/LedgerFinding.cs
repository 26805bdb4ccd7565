namespace McpServerless.Audit.Verification;

/// <summary>What verification found.</summary>
/// <param name="Rule">Stable name of what is wrong.</param>
/// <param name="IsAlarm">True when the ledger is not what was written; false for what an auditor should know, such as an instance that died.</param>
/// <param name="Place">The day, client, writer and sequence; empty and 0 where that does not apply.</param>
public sealed record LedgerFinding(string Rule, bool IsAlarm, LedgerPlace Place, string Message)
{
    public override string ToString() => $"{(IsAlarm ? "ALARM" : "notice")} {Rule} {Place}: {Message}";
}

/// <summary>A record's place.</summary>
public sealed record LedgerPlace(string Day, string ClientId, string Writer, long Sequence)
{
    public static LedgerPlace Nowhere { get; } = new("", "", "", 0);

    public override string ToString() => Day.Length == 0 ? "(ledger)" : Writer.Length == 0 ? $"{Day}/{ClientId}" : $"{Day}/{ClientId}/{Writer}/{Sequence}";
}

/// <summary>What was verified.</summary>
public sealed record LedgerReport
{
    public required string FromDay { get; init; }

    public required string ToDay { get; init; }

    public long Records { get; set; }

    public long Bytes { get; set; }

    public int Chains { get; set; }

    /// <summary>Records that a tombstone stands for.</summary>
    public long Purged { get; set; }

    /// <summary>The tombstones that were met, and on which day each was made.</summary>
    internal List<(ChainHead Place, string PurgeDay)> Tombstones { get; } = [];

    /// <summary>Chain ends that instances stated and that were compared.</summary>
    public int HeadsCompared { get; set; }

    public int Checkpoints { get; set; }

    /// <summary>The last checkpoint that was verified; null for none.</summary>
    public long? LastCheckpoint { get; set; }

    public DateTimeOffset? LastCheckpointTime { get; set; }

    /// <summary>Past <see cref="MaxFindings"/> they are only counted.</summary>
    public List<LedgerFinding> Findings { get; } = [];

    public int Alarms { get; private set; }

    public const int MaxFindings = 1000;

    /// <summary>The alarm that stands first in the ledger; null when nothing is wrong.</summary>
    public LedgerFinding? FirstAlarm { get; private set; }

    internal void Add(string rule, bool alarm, LedgerPlace place, string message)
    {
        var finding = new LedgerFinding(rule, alarm, place, message);
        if (alarm) Alarms++;
        if (alarm && (FirstAlarm is null || Compare(place, FirstAlarm.Place) < 0)) FirstAlarm = finding;
        if (Findings.Count < MaxFindings) Findings.Add(finding);
    }

    private static int Compare(LedgerPlace a, LedgerPlace b)
    {
        // What has no place in a chain comes last: a record says more.
        if (a.Day.Length == 0 || b.Day.Length == 0) return b.Day.Length.CompareTo(a.Day.Length);
        var day = string.CompareOrdinal(a.Day, b.Day);
        if (day != 0) return day;
        var client = string.CompareOrdinal(a.ClientId, b.ClientId);
        if (client != 0) return client;
        var writer = string.CompareOrdinal(a.Writer, b.Writer);
        return writer != 0 ? writer : a.Sequence.CompareTo(b.Sequence);
    }
}
