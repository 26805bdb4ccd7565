using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Access.Reviewing;

/// <summary>How access is reviewed.</summary>
public sealed class ReviewOptions
{
    public const string Section = "Reviews";

    /// <summary>Whether the gateway opens reviews by itself, and takes away what nobody answers for.</summary>
    /// <value>Default true. Those that are open when it is switched off stay as they are.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a reviewer has, in days.</summary>
    /// <value>15 to 60; default 21. After that the grant is taken away. Reminders come 14, 7, 3 and 1 days before.</value>
    [Range(15, 60)]
    public int DaysToAnswer { get; set; } = 21;

    /// <summary>How many days before the end the backup is asked too.</summary>
    /// <value>1 to 14; default 7.</value>
    [Range(1, 14)]
    public int EscalateDays { get; set; } = 7;

    /// <summary>How many reviews one run opens or takes away for, each.</summary>
    /// <value>1 to 100,000; default 5,000. The next run, within the hour, goes on.</value>
    [Range(1, 100000)]
    public int MaxPerRun { get; set; } = 5000;

    /// <summary>How many days of the ledger a reviewer is shown.</summary>
    /// <value>7 to 365; default 90.</value>
    [Range(7, 365)]
    public int UseDays { get; set; } = 90;

    /// <summary>How many records of a client are read for that, the latest first.</summary>
    /// <value>100 to 1,000,000; default 50,000. Where there are more, the reviewer is told that earlier use is not known.</value>
    [Range(100, 1000000)]
    public int MaxRecords { get; set; } = 50_000;
}

[OptionsValidator]
internal sealed partial class ReviewOptionsValidator : IValidateOptions<ReviewOptions>;
