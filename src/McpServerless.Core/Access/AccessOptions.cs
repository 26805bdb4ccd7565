using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Access;

/// <summary>How fresh the state is that calls are decided on.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>How often an instance that serves asks whether anything changed, in milliseconds.</summary>
    /// <value>100 to 5,000; default 1,000. A revocation takes effect within this time and one read.</value>
    [Range(100, 5000)]
    public int PollMilliseconds { get; set; } = 1000;

    /// <summary>The oldest state that a call is decided on, in seconds.</summary>
    /// <value>1 to 60; default 5. When the store cannot be read for that long, calls are refused with <c>state_unavailable</c>.</value>
    [Range(1, 60)]
    public int MaxStalenessSeconds { get; set; } = 5;

    /// <summary>How long a client and its grants are kept in memory although nothing said that they changed, in seconds.</summary>
    /// <value>1 to 600; default 30. Catches a change whose writer died before it could announce it.</value>
    [Range(1, 600)]
    public int ReloadSeconds { get; set; } = 30;

    /// <summary>The time for one read of the state, in milliseconds.</summary>
    /// <value>100 to 30,000; default 3,000. Past it the call is refused with <c>state_unavailable</c>.</value>
    [Range(100, 30000)]
    public int ReadTimeoutMilliseconds { get; set; } = 3000;

    /// <summary>How many clients and grants that ended one run of a timer puts on record or takes away.</summary>
    /// <value>1 to 10,000; default 500. The next run goes on; what ended is refused all the same.</value>
    [Range(1, 10000)]
    public int MaxExpiriesPerRun { get; set; } = 500;

    /// <summary>How long a grant that ended is kept, so that a refusal still says <c>grant_expired</c> and not <c>grant_missing</c>, in days.</summary>
    /// <value>1 to 3,650; default 30. The ledger keeps it all the same.</value>
    [Range(1, 3650)]
    public int KeepExpiredDays { get; set; } = 30;

    /// <summary>What this deployment is, for grants that are only for some: such as <c>production</c>.</summary>
    /// <value>None by default; grants that name environments then allow nothing.</value>
    public string? Environment { get; set; }
}

[OptionsValidator]
internal sealed partial class AccessOptionsValidator : IValidateOptions<AccessOptions>;
