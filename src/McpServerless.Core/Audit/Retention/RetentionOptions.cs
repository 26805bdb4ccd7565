using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Retention;

/// <summary>How long the ledger keeps records. Without a number they are kept for good; records of the gateway about itself always are, since they hold the rest together.</summary>
public sealed class RetentionOptions
{
    public const string Section = "Audit:Retention";

    /// <summary>Calls of read-only tools, lists, prompts and resources that were served, in days.</summary>
    /// <value>30 to 36,500; none by default. Purged from the day after on.</value>
    [Range(30, 36500)]
    public int? ReadDays { get; set; }

    /// <summary>Calls of other tools that were served, in days.</summary>
    /// <value>30 to 36,500; none by default. Also calls of before records said whether the tool was read-only.</value>
    [Range(30, 36500)]
    public int? CallDays { get; set; }

    /// <summary>Requests that were refused, in days.</summary>
    /// <value>30 to 36,500; none by default.</value>
    [Range(30, 36500)]
    public int? RefusalDays { get; set; }

    /// <summary>The most records that one run purges.</summary>
    /// <value>100 to 10,000,000; default 200,000. The next run goes on.</value>
    [Range(100, 10_000_000)]
    public int MaxRecordsPerRun { get; set; } = 200_000;
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
