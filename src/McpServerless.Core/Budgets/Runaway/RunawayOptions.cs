using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Budgets.Runaway;

/// <summary>When repeating calls count as a runaway, and what follows.</summary>
public sealed class RunawayOptions
{
    public const string Section = "Runaway";

    /// <summary>Whether a runaway is paused; otherwise it is recorded and logged alone.</summary>
    /// <value>Default true.</value>
    public bool Pause { get; set; } = true;

    /// <summary>How many calls that repeat what was before, the same one or a cycle of up to six, make a runaway.</summary>
    /// <value>8 to 10,000; default 22.</value>
    [Range(8, 10000)]
    public int RepeatedCalls { get; set; } = 22;

    /// <summary>How many failures of one tool in a row, with the same error and hardly a success between, make a runaway.</summary>
    /// <value>8 to 10,000; default 24.</value>
    [Range(8, 10000)]
    public int RepeatedErrors { get; set; } = 24;

    /// <summary>How many refusals in a row make a runaway; an agent that waits as it was told has none of them.</summary>
    /// <value>8 to 10,000; default 24.</value>
    [Range(8, 10000)]
    public int RepeatedRefusals { get; set; } = 24;

    /// <summary>Repetitions that are further apart than this are no runaway: they harm nobody, and waiting for something looks the same. In milliseconds, on average.</summary>
    /// <value>100 to 60,000; default 3,000.</value>
    [Range(100, 60000)]
    public int SlowestPaceMilliseconds { get; set; } = 3000;

    /// <summary>For how many minutes on end most calls of a client have to be refused by limits until that counts as a runaway, if it is <see cref="TimesUsual"/> too.</summary>
    /// <value>2 to 240; default 10.</value>
    [Range(2, 240)]
    public int SaturatedMinutes { get; set; } = 10;

    /// <summary>How many times the calls that are usual for a client at this hour of the week it has to ask for; of clients of which too little is known nothing is said.</summary>
    /// <value>2 to 1,000; default 10.</value>
    [Range(2, 1000)]
    public int TimesUsual { get; set; } = 10;

    /// <summary>Length of the first pause, in seconds; each one that follows within an hour is four times as long, up to an hour.</summary>
    /// <value>1 to 3,600; default 15. Refused meanwhile with <c>runaway_paused</c>.</value>
    [Range(1, 3600)]
    public int FirstPauseSeconds { get; set; } = 15;

    /// <summary>How long a call is held back once its repetitions are past half of what makes a runaway, in milliseconds.</summary>
    /// <value>0 to 2,000; default 100.</value>
    [Range(0, 2000)]
    public int SlowMilliseconds { get; set; } = 100;
}

[OptionsValidator]
internal sealed partial class RunawayOptionsValidator : IValidateOptions<RunawayOptions>;
