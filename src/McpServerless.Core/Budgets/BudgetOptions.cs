using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Budgets;

/// <summary>How instances share the counters of budgets.</summary>
public sealed class BudgetOptions
{
    public const string Section = "Budgets";

    /// <summary>How far the clock of an instance may differ from the store's before it knows better, in milliseconds.</summary>
    /// <value>0 to 10,000; default 2,000. The first answers of the store narrow it to the time of one round trip.</value>
    [Range(0, 10000)]
    public int MaxClockSkewMilliseconds { get; set; } = 2000;

    /// <summary>How many milliseconds of its own demand an instance takes at once while there is plenty.</summary>
    /// <value>100 to 10,000; default 2,500.</value>
    [Range(100, 10000)]
    public int BlockMilliseconds { get; set; } = 2500;

    /// <summary>How long an instance may hold units of a rate before nobody can spend them any more, in milliseconds.</summary>
    /// <value>1,000 to 60,000; default 5,000. What an instance that died held is back after this time.</value>
    [Range(1000, 60000)]
    public int LeaseMilliseconds { get; set; } = 5000;

    /// <summary>After how long without a call an instance gives back what it holds, in milliseconds.</summary>
    /// <value>250 to 60,000; default 2,000.</value>
    [Range(250, 60000)]
    public int IdleMilliseconds { get; set; } = 2000;

    /// <summary>How long a call waits for units from the store, in milliseconds.</summary>
    /// <value>50 to 10,000; default 1,500. Past it, what the tool's fail mode says: <c>budget_unavailable</c>, or served under a local ceiling.</value>
    [Range(50, 10000)]
    public int WaitMilliseconds { get; set; } = 1500;

    /// <summary>How many refused requests of one client get a reason in a minute, where its registration says nothing else.</summary>
    /// <value>0 for no limit, to 1,000,000; default 600, with a burst of the same. Past it every request is refused with <c>rate_limited</c> (429).</value>
    [Range(0, 1000000)]
    public int RefusalsPerMinute { get; set; } = 600;
}

[OptionsValidator]
internal sealed partial class BudgetOptionsValidator : IValidateOptions<BudgetOptions>;
