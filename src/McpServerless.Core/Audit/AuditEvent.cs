namespace McpServerless.Audit;

/// <summary>What a record is about.</summary>
public enum AuditEvent
{
    /// <summary>A call is about to be forwarded (mode strict).</summary>
    Intent,

    /// <summary>How a request ended.</summary>
    Outcome,

    /// <summary>An instance begins to write: its build, its configuration, the catalogue it serves.</summary>
    WriterStarted,

    /// <summary>An instance goes on writing on another day, after its last record of the day before.</summary>
    WriterContinued,

    /// <summary>How far an instance's chains have come. What it says can no longer be taken off their ends.</summary>
    WriterHeads,

    /// <summary>An instance stopped in order. Nothing of it comes after.</summary>
    WriterEnded,

    /// <summary>An instance has been silent for too long: how far its chains are in the store.</summary>
    WriterLost,

    /// <summary>The ledger was signed.</summary>
    Checkpoint,

    /// <summary>Somebody changed clients, grants or the catalogue.</summary>
    Administration,

    /// <summary>A timer did its work.</summary>
    Timer,

    /// <summary>An instance serves another catalogue version or with other settings than before.</summary>
    Configuration,
}

/// <summary>Events by the names that records give them.</summary>
public static class AuditEvents
{
    private static readonly string[] Names =
    [
        "intent", "outcome", "writerStarted", "writerContinued", "writerHeads", "writerEnded", "writerLost", "checkpoint", "administration", "timer",
        "configuration",
    ];

    public static string NameOf(AuditEvent value) => Names[(int)value];

    /// <summary>False for a name that no version of the gateway wrote.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out AuditEvent value)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (!name.SequenceEqual(Names[i])) continue;
            value = (AuditEvent)i;
            return true;
        }

        value = default;
        return false;
    }
}
