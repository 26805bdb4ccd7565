using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Management;

/// <summary>Who may use the management API, and how it treats its callers.</summary>
public sealed class ManagementOptions
{
    public const string Section = "Management";

    /// <summary>The delegated scope that a user's client needs beside the user's app role.</summary>
    /// <value>Default <c>Governance.Manage</c>. Another one than agents get: an agent that acts for an administrator is no administrator (<c>insufficient_scope</c>).</value>
    [Required]
    public string RequiredScope { get; set; } = "Governance.Manage";

    /// <summary>How long an answer is kept under its <c>Idempotency-Key</c>, in hours.</summary>
    /// <value>1 to 168; default 24. After that the key is as new.</value>
    [Range(1, 168)]
    public int IdempotencyHours { get; set; } = 24;

    /// <summary>How many refused requests one caller, or one address without a valid token, may send in a minute.</summary>
    /// <value>1 to 10,000; default 60, on each instance. More are refused with <c>too_many_refusals</c> (HTTP 429).</value>
    [Range(1, 10000)]
    public int RefusalsPerMinute { get; set; } = 60;

    /// <summary>The most bytes of a request body.</summary>
    /// <value>1 KiB to 1 MiB; default 256 KiB. More is refused with <c>request_too_large</c> (HTTP 413).</value>
    [Range(1024, 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 256 * 1024;
}

[OptionsValidator]
internal sealed partial class ManagementOptionsValidator : IValidateOptions<ManagementOptions>;
