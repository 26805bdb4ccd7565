namespace McpServerless.Budgets;

/// <summary>How a limit counts.</summary>
public enum LimitKind
{
    /// <summary>So many calls in a second, minute or hour, and a burst that quiet times save up (GCRA, ITU-T I.371).</summary>
    Rate,

    /// <summary>So many units in each hour, day or month of a calendar.</summary>
    Budget,

    /// <summary>So many calls in flight at once.</summary>
    Concurrency,
}

/// <summary>What a limit counts.</summary>
public enum LimitUnit
{
    /// <summary>Calls that are let through.</summary>
    Calls,

    /// <summary>What calls cost, as the tool's contract says; settled when the call has ended.</summary>
    Cost,

    /// <summary>Bytes of results; settled when the call has ended.</summary>
    ResultBytes,

    /// <summary>Refused requests, so that probing is limited too. Only on a client and only as a rate.</summary>
    Refusals,
}

public enum LimitPeriod
{
    Second,
    Minute,
    Hour,
    Day,

    /// <summary>A month of the calendar; budgets only.</summary>
    Month,
}

/// <summary>Whose calls a limit adds up.</summary>
public enum LimitSharing
{
    /// <summary>Each client has the whole amount for itself.</summary>
    Client,

    /// <summary>All clients together have the amount once. Only on a virtual server and on a tool.</summary>
    Everyone,
}

/// <summary>One limit, as a catalogue or access file declares it on a client, a grant, a virtual server or a tool.</summary>
public sealed record BudgetLimit
{
    /// <summary>Unique where it is declared; told to whoever runs into it.</summary>
    /// <value>1 to 64 letters, digits, dots, underscores or hyphens.</value>
    public required string Name { get; init; }

    public required LimitKind Kind { get; init; }

    public LimitUnit Unit { get; init; } = LimitUnit.Calls;

    /// <summary>How much in one period; for concurrency, at once.</summary>
    /// <value>1 to 1,000,000,000,000; for a rate at most 1,000,000.</value>
    public required long Amount { get; init; }

    /// <summary>Null for concurrency.</summary>
    public LimitPeriod? Per { get; init; }

    /// <summary>The most that a rate saves up for a burst, in calls. Null for the default: two seconds' worth, or a tenth of the amount where that is more.</summary>
    /// <value>1 to 1,000,000.</value>
    public long? Burst { get; init; }

    /// <summary>IANA name of the time zone whose hours, days and months a budget follows.</summary>
    public string TimeZone { get; init; } = "UTC";

    public LimitSharing Sharing { get; init; } = LimitSharing.Client;

    /// <summary>The burst in force, in calls; at least 1.</summary>
    internal long BurstInForce => Burst ?? Math.Max(1, Math.Max(2 * Amount * 1_000_000 / PeriodMicroseconds, Amount / 10));

    /// <summary>Length of a rate's period, in microseconds.</summary>
    internal long PeriodMicroseconds => Per switch
    {
        LimitPeriod.Second => 1_000_000,
        LimitPeriod.Minute => 60_000_000,
        LimitPeriod.Hour => 3_600_000_000,
        LimitPeriod.Day => 86_400_000_000,
        _ => throw new InvalidOperationException($"The limit {Name} has no period of fixed length."),
    };
}
