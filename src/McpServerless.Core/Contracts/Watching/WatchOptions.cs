using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Contracts.Watching;

/// <summary>How much a run of the watch over upstreams does. The timer starts one every five minutes.</summary>
public sealed class WatchOptions
{
    public const string Section = "Watch";

    /// <summary>Whether upstreams are compared with what is pinned.</summary>
    /// <value>Default true. Where it is false nothing is quarantined by itself, and what is held stays held.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>The most upstreams of one run; the next one goes on with those that were not looked at for longest.</summary>
    /// <value>1 to 1,000; default 200.</value>
    [Range(1, 1000)]
    public int MaxUpstreams { get; set; } = 200;

    /// <summary>How many upstreams are read at once.</summary>
    /// <value>1 to 32; default 4.</value>
    [Range(1, 32)]
    public int Parallel { get; set; } = 4;

    /// <summary>After this time a run begins with no further upstream, in seconds.</summary>
    /// <value>10 to 280; default 120. The next run begins five minutes after the start of this one.</value>
    [Range(10, 280)]
    public int RunSeconds { get; set; } = 120;
}

[OptionsValidator]
internal sealed partial class WatchOptionsValidator : IValidateOptions<WatchOptions>;
